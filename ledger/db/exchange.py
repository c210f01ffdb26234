"""What was read of the exchange: trading balances, cash, trades, trading days, as of any block (law 5).

Accounts are account ids (32 bytes), assets as in ``attestation.assets``, units whole tonnes, cash fen, prices fen a
tonne, days ``YYYYMMDD``. ``block`` is a block number up to which events count, ``None`` for all that was read. What is
on its way there is the log's to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.db import exchange_queries as often
from ledger.db.asset_models import ChainMovementRow
from ledger.db.chain_queries import count, last, sums, until
from ledger.db.exact_sum import exact_sum
from ledger.db.exchange_models import (
    ChainBankAccountRow,
    ChainBarRow,
    ChainCancelRow,
    ChainCashRow,
    ChainDayRow,
    ChainMarketTermsRow,
    ChainReconciliationRow,
    ChainReferenceRow,
    ChainReleaseRow,
    ChainTradeRow,
    ChainWithdrawalRow,
)

_MOST_LOCK_DAYS = 5


@dataclass(frozen=True, slots=True)
class Trading:
    """What an account has of an asset to trade with; ``bought``: what it bought, by the number of the trading day, in
    the last days whose purchases can be locked."""

    trading: int = 0
    bought: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cash:
    """What an account has in fen: free, to trade with, on its way to the bank."""

    free: int = 0
    trading: int = 0
    withdrawing: int = 0


@dataclass(frozen=True, slots=True)
class DayState:
    """A trading day. ``index``: its number among the asset's days, from 1. ``status``: ``open``, ``halted``,
    ``closed``. Volume, value and close are what the exchange said when it closed the day."""

    asset: int
    day: int
    index: int
    status: str
    reference_fen: int
    low_fen: int
    high_fen: int
    cut_off: int
    lock_days: int
    fee_bps: int
    volume: int | None = None
    value_fen: int | None = None
    close_fen: int | None = None
    session_root: bytes | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalState:
    """A withdrawal; ``state``: ``pending``, ``paid`` or ``released``."""

    withdrawal: bytes
    account: bytes
    fen: int
    bank_account: bytes
    state: str
    bank_reference: bytes | None = None


class ExchangeRepository:
    """Reads projected rows in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # Units and cash

    def trading(self, account: bytes, asset: int, *, block: int | None = None) -> Trading:
        """What the account has of the asset to trade with, and what of it was bought lately."""
        named: dict[str, bytes | int] = {"account": account, "asset": asset}
        held = count(self._session.scalar(until(often.TRADING, ChainMovementRow, block), named))
        named["unlocked"] = self._latest_index(asset, block) - _MOST_LOCK_DAYS
        bought = self._session.execute(until(often.BOUGHT, ChainTradeRow, block), named)
        return Trading(held, tuple((index, count(tonnes)) for index, tonnes in bought))

    def locked(self, account: bytes, asset: int, *, block: int | None = None) -> int:
        """What the account may not sell yet: bought on trading day n, it is sold from day n + lock days on (DOMAIN 16,
        17)."""
        latest = self.latest_day(asset, block=block)
        if latest is None:
            return 0
        found = self.trading(account, asset, block=block)
        locked = sum(tonnes for index, tonnes in found.bought if index > latest.index - latest.lock_days)
        return min(found.trading, locked)

    def releasing(self, account: bytes, asset: int, *, block: int | None = None) -> int:
        """What the account asked to have let out without the market and did not take yet: of that, what there is goes
        at the second of its choice, once the delay is over. Of cash too."""
        query = until(often.RELEASING, ChainReleaseRow, block)
        step = self._session.scalars(query, {"account": account, "asset": asset}).one_or_none()
        return int(step.amount) if step is not None and step.step == "asked" else 0

    def cash(self, account: bytes, *, block: int | None = None) -> Cash:
        """What the account has in fen."""
        query = until(often.CASH, ChainCashRow, block)
        return Cash(*map(count, self._session.execute(query, {"account": account}).one()))

    def total_cash(self, *, block: int | None = None) -> int:
        """What all accounts have in fen: what the bank has to hold (DOMAIN 21)."""
        row = ChainCashRow
        query = until(select(*sums(row.free, row.trading, row.withdrawing)), row, block)
        return sum(map(count, self._session.execute(query).one()))

    def cash_accounts(self, *, block: int | None = None) -> Sequence[bytes]:
        """Every account that ever had cash, ascending."""
        return sorted(self._session.scalars(until(select(ChainCashRow.account).distinct(), ChainCashRow, block)))

    def cash_movements(
        self, account: bytes, *, block: int | None = None, after: tuple[int, int] = (-1, -1), limit: int = 1_000
    ) -> Sequence[ChainCashRow]:
        """The account's cash movements in the order of the chain, beyond the place ``after`` (block, place of the
        event)."""
        row, (number, index) = ChainCashRow, after
        beyond = (row.block_number > number) | ((row.block_number == number) & (row.log_index > index))
        query = until(select(row).where(row.account == account, beyond), row, block)
        return self._session.scalars(query.order_by(row.block_number, row.log_index, row.part).limit(limit)).all()

    # Trades

    def settled(self, buy_hash: bytes, sell_hash: bytes, buy_filled: int, sell_filled: int) -> ChainTradeRow | None:
        """The trade of two orders of which so much was filled before, by whosoever's transaction."""
        row = ChainTradeRow
        query = select(row).where(
            row.buy_hash == buy_hash,
            row.sell_hash == sell_hash,
            row.buy_filled == buy_filled,
            row.sell_filled == sell_filled,
        )
        return self._session.scalars(query).one_or_none()

    def trades(self, asset: int, day: int, *, block: int | None = None) -> Sequence[ChainTradeRow]:
        """The trades of a trading day in the order of the chain."""
        row = ChainTradeRow
        query = until(select(row).where(row.asset == asset, row.day == day), row, block)
        return self._session.scalars(query.order_by(row.block_number, row.log_index)).all()

    def filled(self, order_hash: bytes, *, block: int | None = None) -> int:
        """Tonnes of an order that were settled."""
        row = ChainTradeRow
        query = select(exact_sum(row.tonnes)).where((row.buy_hash == order_hash) | (row.sell_hash == order_hash))
        return count(self._session.scalar(until(query, row, block)))

    # Days

    def day(self, asset: int, day: int, *, block: int | None = None) -> DayState | None:
        """A trading day of an asset."""
        row = ChainDayRow
        here = (row.asset == asset, row.day == day)
        opened = last(self._session, row, block, *here, row.step == "opened")
        if opened is None:
            return None
        step = last(self._session, row, block, *here)
        closed = step if step.step == "closed" else None
        return DayState(
            asset=asset,
            day=day,
            index=opened.day_index,
            status={"opened": "open", "resumed": "open"}.get(step.step, step.step),
            reference_fen=opened.reference_fen,
            low_fen=opened.low_fen,
            high_fen=opened.high_fen,
            cut_off=opened.cut_off,
            lock_days=opened.lock_days,
            fee_bps=opened.fee_bps,
            volume=None if closed is None else closed.volume,
            value_fen=None if closed is None else closed.value_fen,
            close_fen=None if closed is None else closed.close_fen,
            session_root=None if closed is None else closed.session_root,
        )

    def latest_day(self, asset: int, *, block: int | None = None) -> DayState | None:
        """The asset's latest trading day."""
        row = ChainDayRow
        opened = last(self._session, row, block, row.asset == asset, row.step == "opened")
        return None if opened is None else self.day(asset, opened.day, block=block)

    def days(self, asset: int, *, block: int | None = None) -> Sequence[int]:
        """The asset's trading days, ascending."""
        row = ChainDayRow
        query = until(select(row.day).where(row.asset == asset, row.step == "opened"), row, block)
        return self._session.scalars(query.order_by(row.day)).all()

    def reference(self, asset: int, *, block: int | None = None) -> int | None:
        """The asset's own reference price in fen: what two persons set or a day closed with, whichever came last. A
        vintage without one has that of the vintage before (DOMAIN 15)."""
        given = last(self._session, ChainReferenceRow, block, ChainReferenceRow.asset == asset)
        row = ChainDayRow
        closed = last(self._session, row, block, row.asset == asset, row.step == "closed")
        if given is None or closed is None:
            return given.price_fen if given is not None else None if closed is None else closed.close_fen
        later = (closed.block_number, closed.log_index) > (given.block_number, given.log_index)
        price: int = closed.close_fen if later else given.price_fen
        return price

    def terms(self, *, block: int | None = None) -> ChainMarketTermsRow | None:
        """The market's terms, the last ones."""
        found: ChainMarketTermsRow | None = last(self._session, ChainMarketTermsRow, block)
        return found

    # Accounts

    def epoch(self, account: bytes, *, block: int | None = None) -> int:
        """The account's epoch: orders of earlier ones are over."""
        return count(self._session.scalar(until(often.EPOCH, ChainCancelRow, block), {"account": account}))

    def cancelled(self, order_hash: bytes, *, block: int | None = None) -> bool:
        """Whether an order was cancelled by itself, whatever its epoch."""
        query = until(often.CANCELLED, ChainCancelRow, block)
        return self._session.scalar(query, {"order_hash": order_hash}) is not None

    def barred(self, account: bytes, *, block: int | None = None) -> bool:
        """Whether the account is kept from trading."""
        found = last(self._session, ChainBarRow, block, ChainBarRow.account == account)
        return found is not None and found.barred

    def bank_account(self, account: bytes, *, block: int | None = None) -> bytes | None:
        """The hash of the bank account that is bound, ``None`` if none is."""
        row = ChainBankAccountRow
        found = last(self._session, row, block, row.account == account)
        return None if found is None else bytes(found.bank_account)

    def withdrawal(self, op_id: bytes, *, block: int | None = None) -> WithdrawalState | None:
        """The withdrawal of that operation, ``None`` if there is none."""
        row = ChainWithdrawalRow
        asked = last(self._session, row, block, row.withdrawal == op_id, row.step == "asked")
        if asked is None:
            return None
        step = last(self._session, row, block, row.withdrawal == op_id)
        state = "pending" if step.step == "asked" else step.step
        return WithdrawalState(op_id, asked.account, asked.fen, asked.bank_account, state, step.bank_reference)

    def halted(self, *, block: int | None = None) -> bool:
        """Whether cash is halted: the bank's balance was not the ledger's when they were compared last."""
        found = self.reconciled(block=block)
        return found is not None and found.bank_fen != found.ledger_fen

    def reconciled(self, *, block: int | None = None) -> ChainReconciliationRow | None:
        """The last comparison with the bank."""
        return self._session.scalars(until(often.RECONCILED, ChainReconciliationRow, block)).one_or_none()

    def _latest_index(self, asset: int, block: int | None) -> int:
        return count(self._session.scalar(until(often.LATEST_INDEX, ChainDayRow, block), {"asset": asset}))
