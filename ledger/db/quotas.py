"""Queries over allocations and credit scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.assets import quota_of
from attestation.facts.quotas import ScoreState
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.admission_models import OpeningRow
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.asset_operations import same_operation
from ledger.db.base import Base
from ledger.db.chain_models import OutboxRow
from ledger.db.exact_sum import exact_sum, read_sum
from ledger.db.log_models import Entry
from ledger.db.quota_models import AllocationRow, ScoreCommentRow, ScoreRow

_SCORE_KINDS = (Kind.PROPOSE_SCORE, Kind.PUBLISH_SCORE, Kind.WITHDRAW_SCORE)


class QuotaRepository:
    """Reads and writes of ``allocations``, ``scores`` and ``score_comments`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: Base) -> None:
        """Add a row and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()

    def allocation(self, year: int, round_: str) -> AllocationRow | None:
        """The year's allocation of that round which the contract did not finally refuse."""
        refused = select(OutboxRow.id).where(
            OutboxRow.op_id == AllocationRow.op_id,
            OutboxRow.kind == Kind.APPROVE_RUN,
            OutboxRow.state == State.REFUSED.value,
        )
        query = select(AllocationRow).where(AllocationRow.year == year, AllocationRow.round == round_)
        query = query.where(~refused.exists()).order_by(AllocationRow.entry_index.desc()).limit(1)
        return self._session.scalars(query).one_or_none()

    def allocations(
        self, *, year: int | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[tuple[AllocationRow, Entry]]:
        """Allocations with their entries, newest first, at most ``limit`` below the log position ``before``."""
        query = select(AllocationRow, Entry).join(Entry, Entry.index == AllocationRow.entry_index)
        query = query if year is None else query.where(AllocationRow.year == year)
        query = query if before is None else query.where(AllocationRow.entry_index < before)
        found = self._session.execute(query.order_by(AllocationRow.entry_index.desc()).limit(limit))
        return [(row, entry) for row, entry in found]

    def allocation_at(self, index: int) -> tuple[AllocationRow, Entry] | None:
        """The allocation at a log position, with its entry."""
        query = select(AllocationRow, Entry).join(Entry, Entry.index == AllocationRow.entry_index)
        found = self._session.execute(query.where(AllocationRow.entry_index == index)).one_or_none()
        return None if found is None else (found[0], found[1])

    def issued(self, vintage: int) -> int:
        """Tonnes of the vintage that entries issued and the contract did not finally refuse."""
        row = AssetOperationRow
        query = select(exact_sum(row.tonnes)).join(OutboxRow, same_operation())
        query = query.where(row.kind == Kind.ISSUE, row.asset == quota_of(vintage))
        return read_sum(self._session.scalar(query.where(OutboxRow.state != State.REFUSED.value)))

    def opening(self, enterprise: str) -> OpeningRow | None:
        """The enterprise's opening."""
        return self._session.get(OpeningRow, enterprise)

    def score(self, statement_id: bytes) -> ScoreRow | None:
        """The proposed score of that statement id."""
        return self._session.scalars(select(ScoreRow).where(ScoreRow.statement_id == statement_id)).one_or_none()

    def scores_of(self, enterprise: str, year: int) -> Sequence[ScoreRow]:
        """Every score proposed for an enterprise's year, in log order."""
        query = select(ScoreRow).where(ScoreRow.enterprise == enterprise, ScoreRow.year == year)
        return self._session.scalars(query.order_by(ScoreRow.entry_index)).all()

    def standing_proposal(self, enterprise: str, year: int) -> ScoreRow | None:
        """The proposal that nothing ended, and that the contract did not finally refuse."""
        return self._standing(enterprise, year, "proposed")

    def standing_publication(self, enterprise: str, year: int) -> ScoreRow | None:
        """The published score that stands."""
        return self._standing(enterprise, year, "published")

    def said(self, enterprise: str, year: int, state: ScoreState) -> ScoreRow | None:
        """The last score that entries alone leave in this state, whatever the contract said of it."""
        return next((row for row in reversed(self.scores_of(enterprise, year)) if _said(row) == state), None)

    def states(self, enterprise: str, year: int) -> dict[int, ScoreState]:
        """By log position of the proposal, what became of every score of an enterprise's year."""
        rows = self.scores_of(enterprise, year)
        ends = {index for row in rows for index in (row.entry_index, *_ends(row)) if index is not None}
        query = select(OutboxRow.position).where(OutboxRow.kind.in_(_SCORE_KINDS), OutboxRow.position.in_(ends))
        refused = frozenset(self._session.scalars(query.where(OutboxRow.state == State.REFUSED.value)))
        states = {row.entry_index: _said(row, refused) for row in rows}
        for standing in ("proposed", "published"):
            # What entries ended by something that the contract refused stands again, until something else ends it.
            *ended, _ = [row.entry_index for row in rows if states[row.entry_index] == standing] or [0]
            states |= dict.fromkeys(ended, "replaced")
        return states

    def _standing(self, enterprise: str, year: int, state: ScoreState) -> ScoreRow | None:
        found = next((index for index, one in self.states(enterprise, year).items() if one == state), None)
        return None if found is None else self._session.get(ScoreRow, found)

    def scores(self, *, enterprise: str | None, year: int | None, before: int | None, limit: int) -> Sequence[ScoreRow]:
        """Proposed scores, newest first, at most ``limit`` below the log position ``before``."""
        query = select(ScoreRow)
        for column, value in ((ScoreRow.enterprise, enterprise), (ScoreRow.year, year)):
            query = query if value is None else query.where(column == value)
        query = query if before is None else query.where(ScoreRow.entry_index < before)
        return self._session.scalars(query.order_by(ScoreRow.entry_index.desc()).limit(limit)).all()

    def comments(self, score_index: int) -> Sequence[tuple[ScoreCommentRow, Entry]]:
        """What was said to a proposed score, in log order, with the entries."""
        query = select(ScoreCommentRow, Entry).join(Entry, Entry.index == ScoreCommentRow.entry_index)
        query = query.where(ScoreCommentRow.score_index == score_index).order_by(ScoreCommentRow.entry_index)
        return [(row, entry) for row, entry in self._session.execute(query)]


def _ends(row: ScoreRow) -> tuple[int | None, int | None, int | None]:
    return row.withdrawn_index, row.replaced_index, row.published_index


def _said(row: ScoreRow, refused: Collection[int] = frozenset()) -> ScoreState:
    """What became of a score, less what the entries at ``refused`` said."""
    if not {row.entry_index, row.published_index}.isdisjoint(refused):
        return "refused"
    withdrawn, replaced, published = (None if index in refused else index for index in _ends(row))
    if withdrawn is not None:
        return "withdrawn"
    if replaced is not None:
        return "replaced"
    return "proposed" if published is None else "published"
