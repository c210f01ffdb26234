"""The file of a case: an enterprise's compliance year, where it stands, and every entry of it in log order.

Everything here follows from entries; a case's file is what its leaves say, put together. Instants are unix seconds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from attestation.facts.cases import (
    AssignmentRecord,
    DrawRecord,
    RegistrationRecord,
    ReportRecord,
    VerdictRecord,
)
from attestation.identifiers import account_id
from attestation.judging.cases import (
    REJECTED,
    counted_figures,
    current_assignment,
    objection_until,
    open_nonconformities,
    standing_verdict,
)
from ledger.case_steps import Step, steps_of
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.cases import CaseRepository
from ledger.db.entries import EntryRepository
from ledger.deadlines import Due, dues_of_year

CASES_SHOWN = 100
"""A page of cases holds at most this many: each costs a few queries."""


class CaseState(StrEnum):
    """Where a case stands, and for whom it waits."""

    OPEN = "open"
    """Nobody is assigned and nothing is reported: for the registrar and the enterprise."""
    DRAWING = "drawing"
    """A draw waits for its contribution or its secret."""
    ASSIGNED = "assigned"
    """A verifier waits for the report, or for the first of its days: what it says before is refused."""
    REPORTED = "reported"
    """A report waits for a verifier."""
    IN_VERIFICATION = "in-verification"
    CORRECTING = "correcting"
    """Non-conformities are open: for the enterprise."""
    REJECTED = "rejected"
    """For a new revision of the report."""
    VERIFIED = "verified"
    """The objection window is open."""
    OBJECTED = "objected"
    """For the registrar's decision."""
    REGISTRABLE = "registrable"
    """After the objection window; again once the emissions registry refused the figure."""
    REGISTERED = "registered"
    DETERMINED = "determined"
    """Two persons determined the figure; a verdict may still amend it."""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a list. ``figure`` is the last registered version, ``verifier`` who is assigned."""

    enterprise: str
    year: int
    state: CaseState
    verifier: str | None
    figure: RegistrationRecord | None
    figure_on_chain: bool


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All of a case. ``verdict`` is the one on the standing report that no objection voided, ``registrable_from`` the
    end of its objection window; ``open_items`` are pairs of a finding's statement id and an item."""

    summary: CaseSummary
    report: ReportRecord | None
    assignment: AssignmentRecord | None
    draw: DrawRecord | None
    verdict: VerdictRecord | None
    registrable_from: int | None
    open_items: tuple[tuple[bytes, str], ...]
    steps: tuple[Step, ...]
    dues: tuple[Due, ...]


class CaseReader:
    """Read access to the cases of one log."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def listed(
        self,
        now: int,
        *,
        enterprises: Collection[str] | None = None,
        year: int | None = None,
        after: tuple[str, int] | None = None,
        limit: int = CASES_SHOWN,
    ) -> list[CaseSummary]:
        """Cases by enterprise and year after ``after``, of those enterprises (None: of all) and that year."""
        with self._database.read() as session:
            context = self._context(session, now)
            found = CaseRepository(session).known(enterprises, year, after, limit)
            return [_Case(context, enterprise, number).summary() for enterprise, number in found]

    def case(self, enterprise: str, year: int, now: int) -> CaseFile | None:
        """The file of a case, or None for one that has no entry."""
        with self._database.read() as session:
            context = self._context(session, now)
            steps = steps_of(CaseRepository(session), enterprise, year)
            if not steps:
                return None
            dues = dues_of_year(session, self._parameters, year, now).dues
            return _Case(context, enterprise, year).file(
                steps, tuple(due for due in dues if due.enterprise == enterprise)
            )

    def _context(self, session: Session, now: int) -> LedgerContext:
        return LedgerContext(session, self._parameters, EntryRepository(session).state(), now)


class _Case:
    """One case as of a moment."""

    def __init__(self, context: LedgerContext, enterprise: str, year: int) -> None:
        self._context = context
        self._enterprise = enterprise
        self._year = year
        self._report = context.standing_report(enterprise, year)
        self._assignment = current_assignment(enterprise, year, context)
        self._verdict = None if self._report is None else standing_verdict(self._report, context)
        figures = counted_figures(enterprise, year, context)
        self._figure = figures[-1] if figures else None
        drawing = [one for one in context.draws_of(enterprise, year) if one.drawn_index is None]
        self._draw = drawing[-1] if drawing and self._assignment is None else None
        self._open = open_nonconformities(enterprise, year, context)

    def summary(self) -> CaseSummary:
        """The case in a line."""
        figure = self._figure
        on_chain = figure is not None and self._context.cases.on_chain(
            account_id(self._enterprise), self._year, figure.revision
        )
        verifier = None if self._assignment is None else self._assignment.verifier
        return CaseSummary(self._enterprise, self._year, self._state(), verifier, figure, on_chain)

    def file(self, steps: tuple[Step, ...], dues: tuple[Due, ...]) -> CaseFile:
        """The case with everything in it."""
        return CaseFile(
            self.summary(),
            self._report,
            self._assignment,
            self._draw,
            self._verdict,
            None if self._verdict is None else objection_until(self._verdict, self._context),
            tuple(self._open),
            steps,
            dues,
        )

    def _state(self) -> CaseState:
        if self._verdict is not None:
            return self._judged(self._verdict)
        if self._figure is not None and self._figure.verdict is None:
            return CaseState.DETERMINED
        if self._report is not None:
            return CaseState.CORRECTING if self._open else self._reported()
        if self._assignment is not None:
            return CaseState.ASSIGNED
        return CaseState.OPEN if self._draw is None else CaseState.DRAWING

    def _reported(self) -> CaseState:
        if self._assignment is None:
            return CaseState.REPORTED
        begun = self._assignment.start <= self._context.now
        return CaseState.IN_VERIFICATION if begun else CaseState.ASSIGNED

    def _judged(self, verdict: VerdictRecord) -> CaseState:
        if self._figure is not None and self._figure.verdict == verdict.statement_id:
            return CaseState.REGISTERED
        if verdict.conclusion == REJECTED:
            return CaseState.REJECTED
        objection = self._context.objection_to(verdict.statement_id)
        if objection is not None and objection.upheld is None:
            return CaseState.OBJECTED
        early = self._context.now < objection_until(verdict, self._context)
        return CaseState.VERIFIED if early else CaseState.REGISTRABLE
