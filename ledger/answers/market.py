"""Answers ``attestation.facts.market`` from what was read of the exchange, and what the log matched and asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attestation.assets import CASH
from attestation.facts.market import (
    AuctionRecord,
    CashRecord,
    ClearingRecord,
    CommitmentRecord,
    MarketTermsRecord,
    OrderRecord,
    OrderStatus,
    SessionRecord,
    TradeRecord,
    TradingDayRecord,
    TradingRecord,
    WithdrawalRecord,
    WithdrawalState,
)
from attestation.identifiers import account_id
from ledger.answers.market_prices import MarketPriceAnswers
from ledger.answers.market_records import auction_record, day_record, hours_record, order_record
from ledger.chain.operations import Kind
from ledger.db.exchange import ExchangeRepository
from ledger.db.market import BID, MarketRepository
from ledger.db.market_models import MarketOrderRow
from ledger.db.market_operations import MarketOperationRepository
from ledger.db.reversals import ReversalRepository
from ledger.market.sessions import clearing_of, session_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from attestation.typed_data import Domain
    from ledger.context import LogParameters


@dataclass(slots=True)
class SeenOnChain:
    """What no entry changes, read once in a transaction: whether cash is halted, the exchange's epochs by account."""

    halted: bool | None = None
    epochs: dict[str, int] = field(default_factory=dict)


class MarketAnswers(MarketPriceAnswers):
    """Part of ``ledger.context.LedgerContext``. Balances are the chain's word; orders, fills, days and what is on its
    way are the log's."""

    session: Session
    market: MarketRepository
    market_operations: MarketOperationRepository
    exchange: ExchangeRepository
    parameters: LogParameters
    seen: SeenOnChain

    @property
    def now(self) -> int:
        """Acceptance time, unix seconds."""
        raise NotImplementedError

    @property
    def exchange_domain(self) -> Domain | None:
        """EIP-712 domain of the exchange."""
        return self.parameters.exchange_domain

    @property
    def cash_halted(self) -> bool:
        """See ``MarketFacts``."""
        if self.seen.halted is None:
            self.seen.halted = self.exchange.halted()
        return self.seen.halted

    def market_terms(self) -> MarketTermsRecord | None:
        """See ``MarketFacts``."""
        row = self.market_operations.latest(Kind.MARKET_TERMS)
        if row is None or row.details is None or row.account is None:
            return None
        details = dict(row.details)
        hours = details.pop("hours")
        return MarketTermsRecord(index=row.entry_index, fee_account=row.account, hours=hours_record(hours), **details)

    def trading_day(self, asset: int, /) -> TradingDayRecord | None:
        """See ``MarketFacts``."""
        row = self.market.latest_day(asset)
        return None if row is None else day_record(row)

    def open_days(self) -> Sequence[TradingDayRecord]:
        """See ``MarketFacts``."""
        return [day_record(row) for row in self.market.open_days()]

    def trading(self, account: str, asset: int, /) -> TradingRecord:
        """See ``MarketFacts``. What a fill on its way brings counts once it was settled: it is locked then."""
        name = account_id(account)
        held = self.exchange.trading(name, asset)
        inward, outward = (self.market_operations.moving(account, asset, inward=way) for way in (True, False))
        return TradingRecord(
            trading=held.trading,
            locked=self.exchange.locked(name, asset) if held.bought else 0,
            in_orders=self.market.offered(account, asset, self.now),
            unsettled=self.market.selling(account, asset),
            leaving=outward + self._released(account, asset, held.trading + inward - outward),
            arriving=inward,
        )

    def cash(self, account: str, /) -> CashRecord:
        """See ``MarketFacts``. Proceeds on their way are there: they are settled before what they pay for."""
        held, moving = self.exchange.cash(account_id(account)), self.market_operations.cash_on_its_way(account)
        paying, receiving = self.market.cash_unsettled(account)
        there = held.trading + moving.inward + receiving - moving.outward
        return CashRecord(
            free=held.free,
            trading=held.trading,
            withdrawing=held.withdrawing,
            in_orders=self.market.reserved(account, self.now),
            unsettled=paying,
            locked_bids=self.market.locked_bids(account),
            leaving=moving.outward + self._released(account, CASH, there),
            arriving=moving.inward + receiving,
            free_leaving=moving.inward + moving.withdrawn,
            free_arriving=moving.outward + moving.deposited + moving.released,
        )

    def _released(self, account: str, asset: int, there: int) -> int:
        """Of what is there, how much its holder may take without the market at a second of its choice: an order that
        it could leave without units or cash is not taken."""
        return min(self.exchange.releasing(account_id(account), asset), max(0, there))

    def order(self, order_hash: bytes, /) -> OrderRecord | None:
        """See ``MarketFacts``."""
        row = self.market.order(order_hash)
        return None if row is None else order_record(row, self.order_status(row))

    def order_status(self, row: MarketOrderRow) -> OrderStatus:
        """What became of an order; ``refused``: the exchange will take no fill of it, or no more."""
        gone = row.status == "open" and (
            self.exchange.cancelled(row.order_hash)
            or self._epoch_on_chain(row.account) > row.epoch
            or bool(self.market.refused_orders([row.order_hash]))
        )
        return self._status(row, gone)

    def order_statuses(self, rows: Sequence[MarketOrderRow]) -> list[OrderStatus]:
        """:meth:`order_status` of each, in as many queries as of one."""
        living = [row for row in rows if row.status == "open"]
        gone = self.market.refused_orders([row.order_hash for row in living]) | self.market.taken_back(living)
        return [self._status(row, row.order_hash in gone) for row in rows]

    def _status(self, row: MarketOrderRow, gone: bool) -> OrderStatus:
        if row.status != "open":
            return row.status  # type: ignore[return-value]  # the column holds these words alone
        if gone:
            return "refused"
        return "ended" if row.kind != BID and row.deadline <= self.now else "open"

    def epoch(self, account: str, /) -> int:
        """See ``MarketFacts``. A holder raises it on the exchange too, without the log."""
        said = self.market_operations.latest(Kind.CANCEL_ALL, account=account)
        return max(self._epoch_on_chain(account), 0 if said is None else said.epoch or 0)

    def _epoch_on_chain(self, account: str) -> int:
        if account not in self.seen.epochs:
            self.seen.epochs[account] = self.exchange.epoch(account_id(account))
        return self.seen.epochs[account]

    def auction(self, op_id: bytes, /) -> AuctionRecord | None:
        """See ``MarketFacts``."""
        row = self.market.auction(op_id)
        return None if row is None else auction_record(row)

    def waiting_auctions(self) -> Sequence[AuctionRecord]:
        """See ``MarketFacts``."""
        return [auction_record(row) for row in self.market.waiting_auctions()]

    def uncleared(self, asset: int, day: int, /) -> bytes | None:
        """See ``MarketFacts``."""
        return self.market.uncleared(asset, day)

    def auction_binding(self, account: str, /) -> bytes | None:
        """See ``MarketFacts``."""
        return self.market.auction_binding(account)

    def commitment(self, auction: bytes, commitment: bytes, /) -> CommitmentRecord | None:
        """See ``MarketFacts``."""
        row = self.market.commitment(auction, commitment)
        if row is None:
            return None
        opened = row.revealed_index is not None
        return CommitmentRecord(row.entry_index, auction, row.account, commitment, row.maximum_fen, opened)

    def bids(self, auction: bytes, account: str, /) -> tuple[int, int]:
        """See ``MarketFacts``."""
        return self.market.bids(auction, account)

    def clearing(self, auction: bytes, /) -> ClearingRecord | None:
        """See ``MarketFacts``."""
        row = self.market.auction(auction)
        if row is None:
            return None
        found = clearing_of(self.session, row)
        return ClearingRecord(found.price_fen or 0, found.awards, found.unsold)

    def market_session(self, asset: int, day: int, /) -> SessionRecord | None:
        """See ``MarketFacts``."""
        row = self.market.day(asset, day)
        if row is None or row.status == "closed":
            return None
        found = session_of(self.session, row)
        return SessionRecord(
            first=found.entries[0],
            last=found.entries[1],
            fills=len(found.fills),
            book=found.book_hash,
            volume=found.close.volume,
            value_fen=found.close.value_fen,
            close_fen=found.close.price_fen,
            groups=found.close.groups,
            root=found.root,
        )

    def bank_account(self, account: str, /) -> bytes | None:
        """See ``MarketFacts``."""
        row = self.market_operations.latest(Kind.BIND, account=account)
        return None if row is None else row.bank_account

    def bank_reference_taken(self, reference: str, /) -> int | None:
        """See ``MarketFacts``."""
        return self.market_operations.reference_taken(reference)

    def withdrawal(self, op_id: bytes, /) -> WithdrawalRecord | None:
        """See ``MarketFacts``."""
        row = self.market_operations.withdrawal(op_id)
        if row is None or row.account is None or row.amount is None or row.bank_account is None:
            return None
        told = self.market_operations.payout(op_id)
        state: WithdrawalState = "asked" if self.market_operations.on_its_way(row) else "pending"
        if told is not None:
            state = "paid" if told.paid else "released"
        return WithdrawalRecord(op_id, row.entry_index, row.account, row.amount, row.bank_account, state)

    def trade(self, op_id: bytes, /) -> TradeRecord | None:
        """See ``MarketFacts``."""
        back = ReversalRepository(self.session)
        fill = back.fill(op_id)
        if fill is None:
            return None
        return TradeRecord(
            asset=fill.asset,
            buyer=fill.buyer,
            seller=fill.seller,
            tonnes=fill.tonnes,
            paid_fen=fill.value_fen + fill.buyer_fee_fen,
            settled=back.is_settled(op_id),
            tonnes_back=back.tonnes_back(fill),
            fen_back=back.fen_back(fill),
        )

    def reconciled(self) -> int | None:
        """See ``MarketFacts``."""
        row = self.market_operations.latest(Kind.RECONCILE)
        return None if row is None else row.day

    def holders(self) -> int:
        """See ``MarketFacts``."""
        return len(self.market_operations.holders())

    def is_holder(self, account: str, /) -> bool:
        """See ``MarketFacts``."""
        return self.market_operations.is_holder(account)
