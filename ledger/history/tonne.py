"""The way of a tonne: from meter readings over the report's lines to the figure, the obligation, the surrender.

One enterprise and year. Every step names its entry by log position and leaf hash, so that a receipt of each proves it;
the numbers between are computed again here from the signed report, its verdict and the published factor set (DOMAIN 32,
36), and the last ones are the contracts' (law 5). Sums of readings are as the report cites them: that they are what the
meters signed is read again by the report's coverage and by the audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.accounting import recompute
from attestation.bodies import Citation, Report, Verification
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.judging.cems import cems_rules
from attestation.judging.verdicts import verified_report
from ledger.as_of import AsOf, as_of
from ledger.bodies import body_of
from ledger.case_steps import steps_of
from ledger.compliance_views import EnterpriseYear, enterprise_year, year_terms
from ledger.context import LedgerContext, LogParameters
from ledger.db.account_queries import AccountRepository
from ledger.db.assets import AssetRepository
from ledger.db.case_models import RegistrationRow, VerdictRow
from ledger.db.cases import CaseRepository
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, Stream
from ledger.db.obligation_models import ChainSurrenderRow
from ledger.history.hits import Hit, effects_of, payload_of, shown
from ledger.subjects import about

FACTOR_SET = "factor-set"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry by log position and leaf hash (32 bytes)."""

    index: int
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class CitedReadings:
    """A cited range: the sum that the report states, and its first and last reading in the log. ``part``: of the line,
    where it has parts."""

    citation: Citation
    readings: int
    first: Leaf | None
    last: Leaf | None


@dataclass(frozen=True, slots=True)
class TonneLine:
    """A line of the report. ``reported``, ``verified``: its emissions (tCO2e, decimal texts), ``verified`` None where
    no verdict says, or where it struck the line out. ``trace``: terms and steps of what counts, computed anew."""

    id: str
    kind: str
    reported: str | None
    verified: str | None
    adjustment: str | None
    trace: Mapping[str, Any] | None
    citations: tuple[CitedReadings, ...]


@dataclass(frozen=True, slots=True)
class TonneStep:
    """A step on the way: ``stage`` is ``factors``, ``plan``, ``assignment``, ``report``, ``finding``, ``verification``,
    ``objection``, ``registration``, ``determination`` or ``surrender``."""

    stage: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Tonne:
    """The whole way. ``report``: of the figure that counts, or the one that stands while there is none. Tonnes:
    ``reported`` and ``verified`` are the obligation's, on the base that policy sets; ``registered`` the log's last
    figure; what the contracts say is in ``position``."""

    enterprise: str
    year: int
    as_of: AsOf | None
    report: Leaf | None
    verdict: Leaf | None
    registration: Leaf | None
    reported: int | None
    verified: int | None
    registered: int | None
    determined: bool
    lines: tuple[TonneLine, ...]
    totals: Mapping[str, Any] | None
    position: EnterpriseYear
    surrenders: tuple[ChainSurrenderRow, ...]
    steps: tuple[TonneStep, ...]


def way_of_tonne(session: Session, parameters: LogParameters, enterprise: str, year: int) -> Tonne | None:
    """The way of the enterprise's year; None where the log has no entry of that case."""
    return _Way(session, parameters, enterprise, year).told()


class _Way:
    def __init__(self, session: Session, parameters: LogParameters, enterprise: str, year: int) -> None:
        self._session, self._parameters = session, parameters
        self._enterprise, self._year = enterprise, year
        self._cases, self._entries = CaseRepository(session), EntryRepository(session)

    def told(self) -> Tonne | None:
        """See ``way_of_tonne``."""
        session, enterprise, year = self._session, self._enterprise, self._year
        case = steps_of(self._cases, enterprise, year)
        surrenders = AssetRepository(session).surrenders(account_id(enterprise), year)
        if not case and not surrenders:
            return None
        figures = sorted(self._cases.of_case(RegistrationRow, enterprise, year), key=lambda row: row.revision)
        figure = figures[-1] if figures else None
        verdict = self._verdict(figure)
        report = self._report(figure, verdict)
        body = None if report is None else body_of(report.entry, Report)
        said = None if verdict is None else body_of(self._entries.require(verdict.entry_index).entry, Verification)
        lines, totals = self._lines(report, body, said)
        factors = None if body is None else self._factor_set(body)
        stages = {step.index: _STAGES.get(step.kind, "assignment") for step in case}
        stages |= {row.entry_index: "surrender" for row in surrenders}
        stages |= {} if factors is None else {factors: "factors"}
        return Tonne(
            enterprise,
            year,
            as_of(AccountRepository(session), None),
            report=None if report is None else Leaf(report.index, report.leaf_hash),
            verdict=None if verdict is None else self._leaf(verdict.entry_index),
            registration=None if figure is None else self._leaf(figure.entry_index),
            reported=None if body is None else body.totals.obligation_tonnes,
            verified=None if verdict is None else verdict.tonnes,
            registered=None if figure is None else figure.tonnes,
            determined=figure is not None and figure.verdict_index is None,
            lines=lines,
            totals=totals,
            position=enterprise_year(session, enterprise, year, year_terms(session, year)),
            surrenders=tuple(surrenders),
            steps=self._steps(stages),
        )

    def _verdict(self, figure: RegistrationRow | None) -> VerdictRow | None:
        if figure is not None:
            index = figure.verdict_index
            return None if index is None else self._session.get_one(VerdictRow, index)
        said = self._cases.of_case(VerdictRow, self._enterprise, self._year)
        counting = [row for row in said if row.voided_index is None and row.tonnes is not None]
        return max(counting, key=lambda row: row.entry_index, default=None)

    def _report(self, figure: RegistrationRow | None, verdict: VerdictRow | None) -> Entry | None:
        if verdict is not None:
            found = self._cases.report(verdict.report)
            return None if found is None else found[1]
        # A determined figure rests on a document, not on a report (DOMAIN 10).
        standing = [] if figure is not None else self._cases.reports_of(self._enterprise, self._year, standing=True)
        return standing[-1][1] if standing else None

    def _lines(
        self, report: Entry | None, body: Report | None, said: Verification | None
    ) -> tuple[tuple[TonneLine, ...], Mapping[str, Any] | None]:
        if report is None or body is None:
            return (), None
        counting = body if said is None else verified_report(body, said)
        reported = {line.id: line for line in body.lines}
        verified = {line.id: line for line in counting.lines}
        reasons = {} if said is None else {each.line: f"{each.basis}: {each.reason}" for each in said.adjustments}
        traces, totals = self._traced(counting, report.accepted_at)
        found = []
        for name in dict.fromkeys([*reported, *verified]):
            line = verified.get(name) or reported[name]
            found.append(
                TonneLine(
                    name,
                    line.kind,
                    reported=reported[name].emissions if name in reported else None,
                    verified=verified[name].emissions if said is not None and name in verified else None,
                    adjustment=reasons.get(name),
                    trace=traces.get(name),
                    citations=tuple(self._cited(line.evidence)),
                )
            )
        return tuple(found), totals

    def _traced(self, report: Report, accepted_at: int) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        context = LedgerContext(self._session, self._parameters, self._entries.state(), accepted_at)
        factors = context.factor_set(report.factor_set.id, report.factor_set.version)
        if factors is None:
            return {}, None
        try:
            found = recompute(report, factors, report.totals.obligation_base, cems_rules(report.year, context))
        except AttestationError:
            # What was accepted comes out again by the rules of its day; the audit says where it does not.
            return {}, None
        return {line.id: line.as_dict() for line in found.lines}, found.totals.as_dict()

    def _cited(self, citations: Iterable[Citation]) -> Iterable[CitedReadings]:
        for one in citations:
            stream = self._entries.stream(one.issuer, one.stream)
            yield CitedReadings(
                one,
                one.last_seq - one.first_seq + 1,
                self._reading(stream, one.first_seq),
                self._reading(stream, one.last_seq),
            )

    def _reading(self, stream: Stream | None, seq: int) -> Leaf | None:
        row = None if stream is None else self._entries.at(stream.id, seq)
        return None if row is None else Leaf(row.index, row.leaf_hash)

    def _factor_set(self, report: Report) -> int | None:
        named = report.factor_set
        row = IdentityRepository(self._session).policy(FACTOR_SET, named.id, named.version)
        return None if row is None else row.entry_index

    def _leaf(self, index: int) -> Leaf:
        return Leaf(index, self._entries.require(index).leaf_hash)

    def _steps(self, stages: Mapping[int, str]) -> tuple[TonneStep, ...]:
        session = self._session
        effects = effects_of(session, list(stages))
        rows: Sequence[tuple[Entry, Stream]] = [
            (row, session.get_one(Stream, row.stream_id))
            for row in session.scalars(select(Entry).where(Entry.index.in_(stages)).order_by(Entry.index))
        ]
        return tuple(
            TonneStep(
                stages[row.index],
                shown(
                    row,
                    stream.issuer,
                    stream.name,
                    about=about(session, row.type, row.index),
                    body=payload_of(row.entry),
                    effects=effects.get(row.index, ()),
                ),
            )
            for row, stream in rows
        )


_STAGES: Mapping[str, str] = {
    "plan": "plan",
    "report": "report",
    "finding": "finding",
    "verification": "verification",
    "object": "objection",
    "decide": "objection",
    "registration": "registration",
    "determination": "determination",
}
