"""The facts that a credit score is computed from, out of the ledger alone (DOMAIN 49).

Everything is as of a moment: the log at ``size`` entries, the chain at ``block``. Time is that of the last of those
entries: a deadline counts once the log has passed it. So the same moment gives the same facts on every machine and in
every year, and no clock decides a score.

    timeliness   the first report by the calendar's deadline; corrections of findings by the year's rules
    accuracy     tonnes of the first report against the registered ones
    backing      emissions of the registered report behind readings that devices signed in time, by ``report_coverage``
    compliance   the obligation and what was surrendered for it, once its deadline is over, by the chain
    efficiency   the carbon efficiency code of the year and of the year before
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from attestation.bodies import Report
from attestation.identifiers import account_id
from attestation.policies import (
    CALENDAR,
    COVERAGE_LIST,
    RULES,
    Calendar,
    Deadline,
    Rules,
    default_calendar,
    read_calendar,
    read_coverage_list,
    read_rules,
)
from ledger.bodies import body_of
from ledger.context import LogParameters
from ledger.db.account_queries import AccountRepository
from ledger.db.assets import AssetRepository
from ledger.db.entries import EntryRepository
from ledger.db.score_facts import ScoreFactRepository
from ledger.report_coverage import ReportCoverage, cover_report
from quota.scoring import (
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    ScoreInputs,
    score_inputs_to_document,
)
from quota.scoring.inputs import MOST_DAYS

REPORT, CORRECTION = "report", "correction"
_NONCONFORMITY = "nonconformity"
_HUNDREDTHS, _TEN_THOUSANDTHS = 100, 10_000


Cover = Callable[[int], ReportCoverage | None]
"""Gives the coverage of the report at a log position, None where it cannot be told."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The entries below ``size`` and, where the log has contracts of units, the chain up to ``block``."""

    size: int
    block: int | None


def moment_at(session: Session, parameters: LogParameters, size: int) -> Moment:
    """How far the ledger has come with so many entries. ``block`` is None without contracts of units, and before
    anything was read of them."""
    if parameters.ledger_domain is None:
        return Moment(size, None)
    head = AccountRepository(session).head()
    return Moment(size, None if head is None else head.number)


def moment_now(session: Session, parameters: LogParameters) -> Moment:
    """How far the ledger has come."""
    return moment_at(session, parameters, EntryRepository(session).state().next_index)


def is_reached(moment: Moment, now: Moment) -> bool:
    """Whether the ledger has come that far, and the moment names a block where there are contracts."""
    if not 1 <= moment.size <= now.size:
        return False
    if now.block is None or moment.block is None:
        return now.block is moment.block
    return 0 <= moment.block <= now.block


def score_inputs(
    session: Session,
    parameters: LogParameters,
    enterprise: str,
    year: int,
    moment: Moment,
    *,
    at: int | None = None,
    cover: Cover | None = None,
) -> ScoreInputs:
    """The facts of an enterprise's year at a moment that ``is_reached``.

    ``at``: when the moment's last entry was accepted (unix seconds), ``cover``: how well the report at a log position
    is covered, both for a store that keeps no readings. Raises ``ReadingAltered`` where a cited reading is not the one
    that was logged.
    """
    return _Facts(session, parameters, enterprise, year, moment, at, cover).inputs()


def to_statement(inputs: ScoreInputs) -> dict[str, Any]:
    """The document of the inputs as a statement has it: what is not known is left out, since payloads know no null."""
    return known_members(score_inputs_to_document(inputs))


def known_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without its members that are null, at every depth."""
    return {name: _known(value) for name, value in document.items() if value is not None}


def _known(part: Any) -> Any:
    if isinstance(part, dict):
        return known_members(part)
    return [_known(value) for value in part] if isinstance(part, list) else part


@dataclass(frozen=True, slots=True)
class _Figure:
    tonnes: int
    report: int | None


class _Facts:
    def __init__(  # noqa: PLR0917 - as above
        self,
        session: Session,
        parameters: LogParameters,
        enterprise: str,
        year: int,
        moment: Moment,
        at: int | None,
        cover: Cover | None,
    ) -> None:
        self._session, self._parameters = session, parameters
        self._cover = cover or partial(cover_report, session, parameters)
        self._enterprise, self._year, self._moment = enterprise, year, moment
        self._log = ScoreFactRepository(session, moment.size)
        self._at = self._log.accepted_at() if at is None else at
        self._reports = [entry for _, entry in self._log.reports(enterprise, year)]
        self._figure = self._registered()

    def inputs(self) -> ScoreInputs:
        return ScoreInputs(
            identifier=self._enterprise,
            year=self._year,
            deadlines=tuple(self._deadlines()),
            accuracy=self._accuracy(),
            backing=self._backing(),
            compliance=self._compliance(),
            efficiency=self._efficiency(),
        )

    def _registered(self) -> _Figure | None:
        enterprise, year = self._enterprise, self._year
        if self._moment.block is not None:
            row = self._log.registered_on_chain(account_id(enterprise), year, self._moment.block)
            if row is None:
                return None
            report = next((one.index for one in self._reports if one.leaf_hash == row.report_leaf), None)
            return _Figure(row.tonnes, report)
        if self._parameters.ledger_domain is not None:
            return None
        known = self._log.registration(enterprise, year)
        if known is None:
            return None
        verdict = known.verdict_index
        return _Figure(known.tonnes, None if verdict is None else self._log.report_of_verdict(verdict))

    def _deadlines(self) -> list[DeadlineFact]:
        calendar, found = self._calendar(), list[DeadlineFact]()
        if self._reports or self._is_obliged():
            first = self._reports[0].accepted_at if self._reports else None
            found += self._late(REPORT, calendar, calendar.deadline(Deadline.REPORT), first)
        days = self._rules().correction_days
        answers = [(entry.index, entry.accepted_at) for entry in self._reports]
        answers += [(row.entry_index, row.accepted_at) for row in self._log.verdicts(self._enterprise, self._year)]
        answers.sort()
        for finding in self._log.findings(self._enterprise, self._year):
            if any(item[1] == _NONCONFORMITY for item in finding.items):
                due = calendar.after_working_days(finding.accepted_at, days)
                done = next((at for index, at in answers if index > finding.entry_index), None)
                found += self._late(f"{CORRECTION}-{finding.entry_index}", calendar, due, done)
        return found

    def _late(self, name: str, calendar: Calendar, due: int, done: int | None) -> list[DeadlineFact]:
        """Nothing while the deadline is open."""
        if done is None:
            return [DeadlineFact(name, None)] if self._at >= due else []
        # What came at the instant itself was late already.
        days = 0 if done < due else (done - due) // calendar.day_seconds + 1
        return [DeadlineFact(name, min(days, MOST_DAYS))]

    def _accuracy(self) -> AccuracyFact | None:
        if self._figure is None:
            return None
        reported = body_of(self._reports[0].entry, Report).totals.obligation_tonnes if self._reports else 0
        return AccuracyFact(reported, self._figure.tonnes, determined=self._figure.report is None)

    def _backing(self) -> BackingFact | None:
        if self._figure is None or self._figure.report is None:
            return None
        covered = self._cover(self._figure.report)
        if covered is None:
            return None
        emitted = sum((abs(line.emissions or Decimal(0)) for line in covered.lines), Decimal(0))
        total = int((emitted * _HUNDREDTHS).to_integral_value(ROUND_HALF_UP))
        device = int((total * covered.share.device / 100).to_integral_value(ROUND_FLOOR))
        return BackingFact(min(device, total), total)

    def _compliance(self) -> ComplianceFact | None:
        if self._moment.block is None:
            return None
        position = AssetRepository(self._session).position(
            account_id(self._enterprise), self._year, block=self._moment.block
        )
        if not position.revision or not position.deadline or self._at < position.deadline:
            return None
        # After its deadline nothing meets an obligation any more: what is due then was missed.
        return ComplianceFact(position.emissions, max(0, position.emissions - position.due), 0)

    def _efficiency(self) -> EfficiencyFact | None:
        label = self._log.label(self._enterprise, self._year)
        if label is None:
            return None
        before = self._log.label(self._enterprise, self._year - 1)
        return EfficiencyFact(label.level, _k(label.k), None if before is None else _k(before.k))

    def _is_obliged(self) -> bool:
        if self._log.has_case(self._enterprise, self._year):
            return True
        listed = self._log.policy(COVERAGE_LIST, self._year, self._at)
        return listed is not None and read_coverage_list(listed.document).obliges(self._enterprise)

    def _calendar(self) -> Calendar:
        policy = self._log.policy(CALENDAR, self._year, self._at)
        return default_calendar(self._year) if policy is None else read_calendar(policy.document)

    def _rules(self) -> Rules:
        policy = self._log.policy(RULES, self._year, self._at)
        return Rules(self._year) if policy is None else read_rules(policy.document)


def _k(printed: str) -> int:
    return int(Decimal(printed) * _TEN_THOUSANDTHS)
