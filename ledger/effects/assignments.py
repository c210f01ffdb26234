"""Who verifies a case: assignments begin, by name or by draw, and end; the emissions registry is told (DOMAIN 44)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.instants import parse_instant
from attestation.judging.assignments import days_of
from attestation.judging.eligibility import assigned_until
from attestation.statements import Appoint, Assignment, Contribute, DrawVerifier, EndAssignment, OpenDraw, Statement
from ledger.chain.emission_intents import AssignIntent, EndAssignmentIntent
from ledger.context import LedgerContext
from ledger.db.case_models import AssignmentRow, DrawRow
from ledger.effects.emissions import tell_emissions


class AssignmentRecorder:
    """One entry's effects on who is assigned."""

    def __init__(self, session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
        self._session = session
        self._context = context
        self._cases = context.cases
        self._statement = statement
        self._index = index

    def record(self, body: Assignment) -> None:
        """Write what an action on assignments establishes."""
        match body:
            case Appoint():
                start, until = days_of(body)
                self._assign(body.enterprise, body.year, body.verifier, start, until, None)
            case OpenDraw():
                self._open_draw(body)
            case Contribute():
                row = self._draw(body.draw)
                row.contribution, row.contributed_index = bytes.fromhex(body.value), self._index
                self._cases.send()
            case DrawVerifier():
                row = self._draw(body.draw)
                row.drawn_index = self._index
                self._assign(row.enterprise, row.year, body.verifier, row.start_at, row.until_at, row.entry_index)
            case EndAssignment():
                assignment = self._cases.by_statement(AssignmentRow, bytes.fromhex(body.assignment))
                if assignment is None:
                    raise LookupError(f"entry {self._index} ends an assignment that is not there")
                self.end(assignment)

    def end(self, row: AssignmentRow) -> None:
        """An assignment is over."""
        row.ended_index = self._index
        self._cases.send()
        intent = EndAssignmentIntent(self._statement.leaf_hash, self._index, row.enterprise, row.year)
        tell_emissions(self._session, self._context, intent)

    def _open_draw(self, body: OpenDraw) -> None:
        start, until = days_of(body)
        self._cases.add(
            DrawRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=body.enterprise,
                year=body.year,
                candidates=list(body.candidates),
                commitment=bytes.fromhex(body.commitment),
                start_at=start,
                until_at=until,
                contribute_until=parse_instant(body.contribute_until),
            )
        )

    def _assign(  # noqa: PLR0917  # the columns of one row
        self, enterprise: str, year: int, verifier: str, start: int, until: int, draw_index: int | None
    ) -> None:
        ends = assigned_until(verifier, until, self._context)
        self._cases.add(
            AssignmentRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=enterprise,
                year=year,
                verifier=verifier,
                start_at=start,
                until_at=ends,
                draw_index=draw_index,
            )
        )
        tell_emissions(
            self._session,
            self._context,
            AssignIntent(
                leaf_hash=self._statement.leaf_hash,
                log_index=self._index,
                enterprise=enterprise,
                year=year,
                verifier=verifier,
                begins=start,
                until=ends,
            ),
        )

    def _draw(self, statement_id: str) -> DrawRow:
        row = self._cases.by_statement(DrawRow, bytes.fromhex(statement_id))
        if row is None:
            raise LookupError(f"entry {self._index} is about a draw that is not there")
        return row
