"""Queries over orders, fills, trading days and auctions (``ledger.db.market_models``)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session, load_only

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.auctions import AuctionQueries
from ledger.db.base import Base
from ledger.db.chain_models import OutboxRow
from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.gone import GoneQueries
from ledger.db.market_models import (
    MarketDayRow,
    MarketFillRow,
    MarketOrderRow,
)
from ledger.db.unsettled import UnsettledQueries, settlement

SALE, BUY = 2, 1
LISTED, BID = 1, 4
"""Sides and kinds as the contract numbers them; lots and bids of auctions are of one kind."""

# What every order asks, made once: SQLAlchemy takes several times as long to make a query as to run it.
_ORDER = MarketOrderRow
_NOW: BindParameter[int] = bindparam("now")
_OPEN = _ORDER.status == "open"
# An order past its deadline binds nothing, though its end is told by the next entry that acts on the book.
_LIVES = (_ORDER.deadline > _NOW) | (_ORDER.kind == BID)
_OVERDUE = (
    select(_ORDER)
    .where(_ORDER.asset == bindparam("asset"), _OPEN, _ORDER.deadline <= _NOW, _ORDER.kind != BID)
    .order_by(_ORDER.deadline, _ORDER.entry_index)
)
_OFFERED = select(exact_sum(_ORDER.remaining)).where(
    _ORDER.account == bindparam("account"), _ORDER.asset == bindparam("asset"), _ORDER.side == SALE, _OPEN, _LIVES
)
_RESERVED = select(exact_sum(_ORDER.reserved_fen)).where(_ORDER.account == bindparam("account"), _OPEN, _LIVES)
# Of a settlement what is told of its fill; call and signed transaction are kilobytes.
_TOLD = load_only(OutboxRow.state, OutboxRow.last_error)
_LATEST_DAY = (
    select(MarketDayRow).where(MarketDayRow.asset == bindparam("asset")).order_by(MarketDayRow.day.desc()).limit(1)
)


class MarketRepository(AuctionQueries, GoneQueries, UnsettledQueries):
    """Reads and writes of the market's record in the caller's transaction. Accounts are identifiers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # The session alone forgets a row that nobody holds: one order would be read three times to be matched once.
        self._orders: dict[bytes, MarketOrderRow] = {}
        self._latest_days: dict[int, MarketDayRow] = {}

    def add(self, row: Base) -> None:
        """Add a row and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()
        if isinstance(row, MarketDayRow):
            self._latest_days.pop(row.asset, None)
        elif isinstance(row, MarketOrderRow):
            self._orders[row.order_hash] = row

    def send(self) -> None:
        """Send what was changed in rows."""
        self._session.flush()

    # Orders

    def order(self, order_hash: bytes) -> MarketOrderRow | None:
        """The order of that hash."""
        found = self._orders.get(order_hash)
        if found is None and (found := self._session.get(MarketOrderRow, order_hash)) is not None:
            self._orders[order_hash] = found
        return found

    def require(self, order_hash: bytes) -> MarketOrderRow:
        """The order of that hash. Raises LookupError without one."""
        found = self.order(order_hash)
        if found is None:
            raise LookupError(f"no order 0x{order_hash.hex()}")
        return found

    def open_orders(
        self,
        asset: int | None = None,
        *,
        account: str | None = None,
        signers: Collection[str] = (),
        in_book: bool = False,
    ) -> Sequence[MarketOrderRow]:
        """Orders that are open, in the order of their arrival: of an asset, of an account, by some keys. ``in_book``:
        without lots and bids, which wait for their clearing outside of the book."""
        row = MarketOrderRow
        query = select(row).where(row.status == "open")
        query = query if asset is None else query.where(row.asset == asset)
        query = query if account is None else query.where(row.account == account)
        query = query.where(row.signer.in_(signers)) if signers else query
        query = query.where(row.kind != BID) if in_book else query
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def orders_of_day(self, asset: int, day: int) -> Sequence[MarketOrderRow]:
        """Every order of an asset's day, in the order of their arrival."""
        row = MarketOrderRow
        query = select(row).where(row.asset == asset, row.day == day)
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def orders(
        self,
        *,
        account: str | None = None,
        asset: int | None = None,
        open_only: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[MarketOrderRow]:
        """Orders newest first, at most ``limit`` below the log position ``before``."""
        row = MarketOrderRow
        query = select(row)
        for column, value in ((row.account, account), (row.asset, asset)):
            query = query if value is None else query.where(column == value)
        query = query.where(row.status == "open") if open_only else query
        query = query if before is None else query.where(row.entry_index < before)
        return self._session.scalars(query.order_by(row.entry_index.desc()).limit(limit)).all()

    def crossed(self, order: MarketOrderRow) -> Sequence[MarketOrderRow]:
        """Open listed orders of the other side that the order's price meets, in the order of their arrival."""
        row = MarketOrderRow
        meets = row.price_fen <= order.price_fen if order.side == BUY else row.price_fen >= order.price_fen
        query = select(row).where(
            row.asset == order.asset,
            row.status == "open",
            row.side == (SALE if order.side == BUY else BUY),
            row.kind == LISTED,
            meets,
        )
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def overdue(self, asset: int, now: int) -> Sequence[MarketOrderRow]:
        """Orders in the book whose deadline has come, by deadline, then in the order of their arrival."""
        return self._session.scalars(_OVERDUE, {"asset": asset, "now": now}).all()

    def offered(self, account: str, asset: int, now: int) -> int:
        """Tonnes that the account's open sales offer, lots of auctions among them."""
        return count(self._session.scalar(_OFFERED, {"account": account, "asset": asset, "now": now}))

    def reserved(self, account: str, now: int) -> int:
        """Fen that the account's open buys bind, with their fees; bids are bound by what they declared."""
        return count(self._session.scalar(_RESERVED, {"account": account, "now": now}))

    # Fills

    def fills(
        self,
        asset: int | None = None,
        day: int | None = None,
        *,
        account: str | None = None,
        order: bytes | None = None,
        after: int | None = None,
        cause: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        newest: bool = False,
    ) -> Sequence[tuple[MarketFillRow, OutboxRow | None]]:
        """Fills with their settlement in the order of matching, or the ``newest`` first: above a number ``after`` of a
        day, by one entry (``cause``), by entries below ``before``."""
        row = MarketFillRow
        query: Any = select(row, OutboxRow).join(OutboxRow, settlement(), isouter=True).options(_TOLD)
        for column, value in ((row.asset, asset), (row.day, day), (row.cause, cause)):
            query = query if value is None else query.where(column == value)
        query = query if order is None else query.where((row.buy == order) | (row.sell == order))
        query = query if after is None else query.where(row.number > after)
        query = query if before is None else query.where(row.cause < before)
        places = (row.cause.desc(), row.number.desc()) if newest else (row.cause, row.number)
        query = query.order_by(*places).limit(limit)
        if account is None:
            return [(fill, told) for fill, told in self._session.execute(query)]
        # Each side by its index, which ends at the limit; asked for together, all that the account ever traded is
        # sorted for one page.
        sides = (self._session.execute(query.where(side == account)) for side in (row.buyer, row.seller))
        found = {(fill.cause, fill.number, fill.asset): (fill, told) for side in sides for fill, told in side}
        return [found[place] for place in sorted(found, reverse=newest)][:limit]

    def net_sold(self, account: str, asset: int) -> int:
        """Tonnes of the asset sold less bought by all fills that the contract did not finally refuse (DOMAIN 6)."""
        row = MarketFillRow
        stands = ~select(OutboxRow.id).where(settlement(), OutboxRow.state == State.REFUSED.value).exists()
        query = select(exact_sum(row.tonnes)).where(row.asset == asset, stands)
        sold = count(self._session.scalar(query.where(row.seller == account)))
        return sold - count(self._session.scalar(query.where(row.buyer == account)))

    # Trading days

    def day(self, asset: int, day: int) -> MarketDayRow | None:
        """The asset's trading day."""
        return self._session.get(MarketDayRow, (asset, day))

    def require_day(self, asset: int, day: int) -> MarketDayRow:
        """The asset's trading day. Raises LookupError without one."""
        found = self.day(asset, day)
        if found is None:
            raise LookupError(f"no trading day {day} of asset 0x{asset:08x}")
        return found

    def require_latest_day(self, asset: int) -> MarketDayRow:
        """The asset's last trading day. Raises LookupError without one."""
        found = self.latest_day(asset)
        if found is None:
            raise LookupError(f"asset 0x{asset:08x} was never traded")
        return found

    def open_days(self) -> Sequence[MarketDayRow]:
        """Trading days that are not closed, by asset."""
        row = MarketDayRow
        return self._session.scalars(select(row).where(row.status != "closed").order_by(row.asset, row.day)).all()

    def latest_day(self, asset: int) -> MarketDayRow | None:
        """The asset's last trading day, in whatever state."""
        found = self._latest_days.get(asset)
        if found is None and (found := self._session.scalars(_LATEST_DAY, {"asset": asset}).first()) is not None:
            self._latest_days[asset] = found
        return found

    def days(self, asset: int, *, before: int | None = None, limit: int | None = None) -> Sequence[MarketDayRow]:
        """The asset's trading days below the day ``before``, newest first."""
        row = MarketDayRow
        query = select(row).where(row.asset == asset).order_by(row.day.desc())
        query = query if before is None else query.where(row.day < before)
        return self._session.scalars(query if limit is None else query.limit(limit)).all()

    def assets(self) -> Sequence[int]:
        """Every asset that ever had a trading day, ascending."""
        return self._session.scalars(select(MarketDayRow.asset).distinct().order_by(MarketDayRow.asset)).all()

    def last_close(self, asset: int | None = None) -> MarketDayRow | None:
        """The trading day that was closed last: of an asset, or of any."""
        row = MarketDayRow
        query = select(row).where(row.status == "closed").order_by(row.status_index.desc()).limit(1)
        return self._session.scalars(query if asset is None else query.where(row.asset == asset)).first()

    def close_was_refused(self, closed: MarketDayRow) -> bool:
        """Whether the exchange finally refused to close a day that the log closed."""
        row = OutboxRow
        here = (row.position == closed.status_index, row.kind == Kind.CLOSE_DAY.value, row.state == State.REFUSED.value)
        return self._session.scalar(select(row.id).where(*here)) is not None

    def traded(self, asset: int | None, days: tuple[int, int]) -> tuple[int, int]:
        """Volume and value of the closed days from the first to before the second, as their closes said."""
        row = MarketDayRow
        query = select(exact_sum(row.volume), exact_sum(row.value_fen)).where(row.status == "closed")
        query = query.where(row.day >= days[0], row.day < days[1])
        volume, value = self._session.execute(query if asset is None else query.where(row.asset == asset)).one()
        return count(volume), count(value)
