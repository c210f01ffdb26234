"""Queries over the entries that exercised a power over an account, or over the market (DOMAIN 22, 23)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketDayRow, MarketOperationRow
from ledger.db.market_operations import MarketOperationRepository

OVER_UNITS = (
    Kind.TRANSFER,
    Kind.CANCEL_ORDER,
    Kind.FREEZE,
    Kind.FREEZE_AT_ONCE,
    Kind.CONFIRM_FREEZE,
    Kind.LAPSE_FREEZE,
    Kind.RELEASE,
    Kind.SUSPEND,
    Kind.COLLECT,
)


class NoticeRepository:
    """Reads in the caller's transaction. Places are log positions: each call gives what stands above ``after``, up to
    ``limit``, in the order of the log. ``account``: an identifier; None for everybody's. ``since``: unix seconds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def over_units(self, account: str | None, *, after: int, since: int, limit: int) -> Sequence[AssetOperationRow]:
        """What was done to units and accounts."""
        row = AssetOperationRow
        query = select(row).where(row.kind.in_(OVER_UNITS), row.accepted_at >= since)
        if account is not None:
            query = query.where(or_(row.account == account, row.receiver == account))
        return self._session.scalars(_page(query, row.entry_index, after, limit)).all()

    def over_cash(self, account: str | None, *, after: int, since: int, limit: int) -> Sequence[MarketOperationRow]:
        """Bank accounts that were bound, and deposits that undo a trade's payment."""
        row = MarketOperationRow
        refunds = and_(row.kind == Kind.DEPOSIT, row.details.is_not(None))
        query = select(row).where(or_(row.kind == Kind.BIND, refunds), row.accepted_at >= since)
        if account is not None:
            query = query.where(row.account == account)
        return self._session.scalars(_page(query, row.entry_index, after, limit)).all()

    def references(self, *, after: int, since: int, limit: int) -> Sequence[MarketOperationRow]:
        """Prices that two persons set."""
        row = MarketOperationRow
        query = select(row).where(row.kind == Kind.MARKET_REFERENCE, row.accepted_at >= since)
        return self._session.scalars(_page(query, row.entry_index, after, limit)).all()

    def halts(self, *, after: int, since: int, limit: int) -> list[tuple[int, int, int]]:
        """Entry, asset and day of each halt and resumption of a trading day."""
        row = MarketDayRow
        # A day's last step is where it stands, or later than every halt of it.
        days = self._session.execute(select(row.asset, row.day, row.halts).where(row.status_index > after))
        found = [
            (int(index), asset, day)
            for asset, day, halts in days
            for index, _, at in halts
            if index > after and at >= since
        ]
        return sorted(found)[:limit]

    def is_on_market(self, account: str) -> bool:
        """Whether what concerns the market concerns the account."""
        return MarketOperationRepository(self._session).is_holder(account)

    def states(self, indexes: Collection[int]) -> dict[tuple[int, str], str]:
        """How what these entries asked of the contracts stands, by entry and kind."""
        query = select(OutboxRow.position, OutboxRow.kind, OutboxRow.state).where(OutboxRow.position.in_(indexes))
        return {(position, kind): state for position, kind, state in self._session.execute(query)}


def _page(query: Select[Any], place: Any, after: int, limit: int) -> Select[Any]:
    return query.where(place > after).order_by(place).limit(limit)
