"""Step 3, second half: verifiers are assigned, find, correct, reject and approve; what they verified is registered on
chain with their signatures (DOMAIN 44, 45)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from attestation.accounting import Activity, CitedRange, LineKind, build_report
from attestation.bodies import Registration, Report, Verification
from attestation.bodies.assignments import Appoint, Contribute
from attestation.bodies.findings import Finding, FindingItem
from attestation.bodies.report_lines import Citation, ReportLine
from attestation.bodies.verdicts import Adjustment, Resolution
from attestation.statements import Reading
from ledger.receipts.registered import FigureWords
from tanlu import casework
from tanlu.casework import Examined
from tanlu.demo import inputs
from tanlu.demo.actors import Actors, Holder, Said
from tanlu.demo.parameters import objection_seconds
from tanlu.demo.reports import Reported, Reports
from tanlu.reporting import StreamRange, cite_stream

CASES = "cases"
_CORRECTED = _DRAWN = "A"
_REJECTED = "C"


@dataclass(slots=True)
class Verified:
    """What became of the cases: how many verdicts of each kind; the standing verdicts and what was registered, by the
    enterprises' letters."""

    approved: int = 0
    corrected: int = 0
    rejected: int = 0
    verdicts: dict[str, Said] = field(default_factory=dict)
    words: dict[str, FigureWords] = field(default_factory=dict)
    registrations: dict[str, Said] = field(default_factory=dict)


@dataclass(slots=True)
class Cases:
    """The five cases, from assignment to registration."""

    actors: Actors
    reports: Reports
    done: Verified = field(default_factory=Verified)
    _verifiers: dict[str, Holder] = field(default_factory=dict)
    _bodies: dict[str, Verification] = field(default_factory=dict)

    def verify(self) -> None:
        """Assign, examine, conclude."""
        for letter in self.reports.standing:
            self._verifiers[letter] = self._draw(letter) if letter == _DRAWN else self._appoint(letter)
        self._try_unassigned(_CORRECTED)
        for letter, reported in self.reports.standing.copy().items():
            if letter == _CORRECTED:
                self._correct(letter, reported)
            elif letter == _REJECTED:
                self._reject(letter, reported)
            else:
                self._approve(letter, reported)

    def register(self) -> None:
        """After the window for objections, each verifier signs its figure for the contract; before it nobody can."""
        early = self._registration(_CORRECTED)
        self.actors.expect_refusal(
            f"{_CORRECTED}'s figure before the window for objections is over",
            f"异议期未满即登记 {_CORRECTED} 的数值",
            self.actors.sign(self._verifiers[_CORRECTED], "registration", CASES, early),
        )
        self._wait_out_objections(*self.done.verdicts)
        for letter in self._verifiers:
            self._register(letter)
        total = sum(words.tonnes for words in self.done.words.values())
        self.actors.say(
            f"no objection within {objection_seconds()} s; {len(self.done.words)} figures registered by their "
            f"verifiers' signatures, {total:,} t",
            f"异议期（{objection_seconds()} 秒）内无异议；{len(self.done.words)} 项数值经核查机构签名登记，"
            f"共 {total:,} 吨",
        )

    def amend(self, letter: str, reason: str) -> None:
        """What was found after registration is reported, verified and becomes the next revision (DOMAIN 2)."""
        before = self.done.words[letter].tonnes
        self._approve(letter, self.reports.resubmit(letter, reason, number=3))
        self._wait_out_objections(letter)
        self._register(letter)
        after = self.done.words[letter].tonnes
        self.actors.say(
            f"{letter}: {reason}; {before:,} t amended to {after:,} t, {after - before} t more are due",
            f"{letter}：登记后又发现排放源（{reason}）；{before:,} 吨变更为 {after:,} 吨，应补缴 {after - before} 吨",
        )

    def _wait_out_objections(self, *letters: str) -> None:
        verdicts = (self.done.verdicts[letter].acceptance.index for letter in letters)
        last = max(self.actors.client.entry(index).accepted_at for index in verdicts)
        time.sleep(max(0.0, last + objection_seconds() + 1 - time.time()))

    def _register(self, letter: str) -> None:
        body = self._registration(letter)
        self.done.registrations[letter] = self.actors.submit(self._verifiers[letter], "registration", CASES, body)
        self.done.words[letter] = FigureWords(
            body.enterprise, body.year, body.tonnes, body.revision, bytes.fromhex(body.signature[2:])
        )

    def _registration(self, letter: str) -> Registration:
        reported, verdict = self.reports.standing[letter], self.done.verdicts[letter]
        registered = self.done.words.get(letter)
        return casework.register(
            self.actors.emissions,
            self._verifiers[letter].key,
            self._bodies[letter],
            casework.Leaves(report=reported.said.leaf, verdict=verdict.leaf),
            verdict.statement_id,
            enterprise=inputs.enterprise(letter).identifier,
            year=inputs.YEAR,
            revision=1 if registered is None else registered.revision + 1,
        )

    def _appoint(self, letter: str) -> Holder:
        enterprise = inputs.enterprise(letter)
        verifier = inputs.VERIFIERS[inputs.ENTERPRISES.index(enterprise) % len(inputs.VERIFIERS)].identifier
        start, end = _days()
        body = Appoint(enterprise=enterprise.identifier, year=inputs.YEAR, verifier=verifier, start=start, end=end)
        self.actors.submit(self.actors.registrar, "assignment", CASES, body)
        return self.actors.holders[verifier]

    def _draw(self, letter: str) -> Holder:
        """A draw that neither side decides alone."""
        enterprise = inputs.enterprise(letter)
        candidates = [verifier.identifier for verifier in inputs.VERIFIERS]
        until = datetime.now(UTC) + timedelta(hours=1)
        opened, secret = casework.open_draw(
            enterprise.identifier, inputs.YEAR, candidates, _days(), until.isoformat(timespec="seconds")
        )
        draw = self.actors.submit(self.actors.registrar, "assignment", CASES, opened)
        value = secrets.token_bytes(32)
        contribution = Contribute(draw=draw.statement_id, value=value.hex())
        self.actors.submit(self.actors.holders[enterprise.identifier], "assignment", CASES, contribution)
        drawn = casework.draw(opened, draw.statement_id, secret, value)
        self.actors.submit(self.actors.registrar, "assignment", CASES, drawn)
        self.actors.say(
            f"{letter}'s verifier was drawn, by the park's secret and {letter}'s own bytes: {drawn.verifier}",
            f"{letter} 的核查机构由园区的秘密数与 {letter} 自己的随机数共同抽定：{drawn.verifier}",
        )
        return self.actors.holders[drawn.verifier]

    def _try_unassigned(self, letter: str) -> None:
        assigned, reported = self._verifiers[letter].identifier, self.reports.standing[letter]
        other = next(one.identifier for one in inputs.VERIFIERS if one.identifier != assigned)
        body = casework.approve(reported.body, _examined(reported))
        self.actors.expect_refusal(
            f"a verdict on {letter}'s report by a verifier that is not assigned to it",
            f"未受指派的核查机构对 {letter} 的报告出具结论",
            self.actors.sign(self.actors.holders[other], "verification", CASES, body),
        )

    def _conclude(self, letter: str, body: Verification) -> None:
        self._bodies[letter] = body
        self.done.verdicts[letter] = self._say(letter, "verification", body)

    def _say(self, letter: str, kind: str, body: Finding | Verification) -> Said:
        return self.actors.submit(self._verifiers[letter], kind, CASES, body)

    def _approve(self, letter: str, reported: Reported, *closed: Resolution) -> None:
        self._conclude(letter, casework.approve(reported.body, _examined(reported, *closed)))
        self.done.approved += 1

    def _correct(self, letter: str, reported: Reported) -> None:
        """A's coal: a delivery came over the weighbridge once and was entered twice."""
        line = next(line for line in reported.body.lines if line.id == inputs.COAL)
        first, again = self._entered_twice(line.evidence[0])
        tonnes = inputs.COAL_TWICE
        text = f"one delivery of {tonnes} t is entered twice, at seq {first} and {again}"
        item = FindingItem(
            id="coal-1",
            stage="document",
            kind="nonconformity",
            line=line.id,
            rule="CETS-AG-03.01 activity data",
            text=text,
        )
        finding = self._say(letter, "finding", Finding(report=reported.said.statement_id, items=(item,)))
        adjustment = Adjustment(
            line=line.id, replacement=self._without(line, again, reported.body), reason=text, basis="evidence"
        )
        closed = Resolution(finding=finding.statement_id, item=item.id, resolution="corrected")
        body = casework.correct(reported.body, _examined(reported, closed), (adjustment,), self.reports.factor_set)
        self._conclude(letter, body)
        self.done.corrected += 1
        before = reported.body.totals.obligation_tonnes
        after = 0 if body.verified is None else body.verified.obligation_tonnes
        self.actors.say(
            f"{letter}: {text}; {before:,} t corrected by {before - after} t to {after:,} t",
            f"{letter}：一批 {tonnes} 吨的煤炭到货重复计入（序号 {first} 与 {again}），"
            f"{before:,} 吨更正 {before - after} 吨，为 {after:,} 吨",
        )

    def _entered_twice(self, cited: Citation) -> tuple[int, int]:
        """Two entries in a row, of days in a row, with the same tonnes to the kilogram: what the tickets then show."""
        before = None
        for seq, reading in self._readings(cited):
            if before is not None and (before.quantity, before.end) == (reading.quantity, reading.start):
                return seq - 1, seq
            before = reading
        raise LookupError("no delivery is entered twice")

    def _readings(self, cited: Citation) -> Iterator[tuple[int, Reading]]:
        for seq in range(cited.first_seq, cited.last_seq + 1):
            found = self.actors.client.entry_at(cited.issuer, cited.stream, seq)
            if found is not None:
                payload = casework.body_of(found.entry, self.actors.log)
                if isinstance(payload, Reading):
                    yield seq, payload

    def _without(self, line: ReportLine, seq: int, report: Report) -> ReportLine:
        """The line as it is without one of the readings that it cites."""
        cited = line.evidence[0]
        parts = [(cited.first_seq, seq - 1), (seq + 1, cited.last_seq)]
        evidence: list[CitedRange] = [
            cite_stream(self.actors.client, self.actors.log, StreamRange(cited.issuer, cited.stream, first, last))
            for first, last in parts
        ]
        built = build_report(
            year=report.year,
            period_from=report.period.start,
            period_to=report.period.end,
            activities=[Activity(line.id, LineKind(line.kind), line.fuel or "", evidence=tuple(evidence))],
            factor_set=self.reports.factor_set,
            obligation_base=report.totals.obligation_base,
        )
        return msgspec.convert(built.body, Report).lines[0]

    def _reject(self, letter: str, first: Reported) -> None:
        """C left out the heat that it buys; its second report has it."""
        text = "purchased heat is metered on the site and not reported"
        item = FindingItem(id="heat-1", stage="site", kind="nonconformity", rule="CETS-AG-03.01 heat", text=text)
        finding = self._say(letter, "finding", Finding(report=first.said.statement_id, items=(item,)))
        self._say(letter, "verification", casework.reject(_examined(first)))
        self.done.rejected += 1
        again = self.reports.resubmit(letter, "with the purchased heat that the verifier found missing", number=2)
        closed = Resolution(finding=finding.statement_id, item=item.id, resolution="corrected")
        self._approve(letter, again, closed)
        before, after = first.body.totals.obligation_tonnes, again.body.totals.obligation_tonnes
        self.actors.say(
            f"{letter}: {before:,} t rejected ({text}); resubmitted and approved at {after:,} t",
            f"{letter}：{before:,} 吨的报告被退回（漏报外购热力）；重新提交后核定为 {after:,} 吨",
        )


def _days() -> tuple[str, str]:
    """The days of an assignment: from yesterday, for three months."""
    today = datetime.now(UTC)
    return (today - timedelta(days=1)).date().isoformat(), (today + timedelta(days=90)).date().isoformat()


def _examined(reported: Reported, *closed: Resolution) -> Examined:
    return Examined(
        report=reported.said.statement_id,
        initial_report=reported.first.statement_id,
        boundary="all facilities of the enterprise inside the park, as its monitoring plan has them",
        guideline="CETS-AG-03.01-V01-2024",
        uncovered="none",
        nonconformities=closed,
    )
