"""A market in a log over tables: what `Marketwork` signs is judged by the tables alone, which answer what it asks too.

No chain is behind it: `mine` says what one would of what was asked for, in its order, as rows of the projection.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from attestation.assets import CASH
from attestation.envelope import Statement
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.market_messages import Deposit, MarketReference, Payout, TradingMove, Withdrawal
from ledger.chain import outcomes
from ledger.chain.asset_intents import SignedIntent, asset_intent
from ledger.chain.market_intents import CloseDayIntent, OpenDayIntent, SettleIntent
from ledger.chain.operations import ASSET_KINDS, Kind
from ledger.chain.outbox import State
from ledger.context import LedgerContext
from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.exchange_models import ChainCashRow, ChainDayRow, ChainReferenceRow, ChainTradeRow
from ledger.db.market import MarketRepository
from ledger.log import Accepted, Log
from ledger.market import withdrawals
from ledger.market.cash import CashReader
from ledger.market.reader import MarketReader
from ledger.market.replay import replay_all
from tests.ledger.mirrored import Mirror, marketwork, replay_faults, unitwork

ASSET, QUOTA, DAY_ONE = marketwork.ASSET, marketwork.QUOTA, marketwork.FIRST_DAY
MARKET = b"\x66" * 32


class MarketDesk:
    """``work`` signs, ``log`` takes it; `steel`, `tiles`, `food` trade with what `endow` gave them."""

    def __init__(self, database: Database) -> None:
        self.mirror = Mirror(database)
        self.work: Any = marketwork.Marketwork(self.mirror.units(), unitwork)
        self.memory = self.mirror.memory
        self.database = database
        self.parameters = replace(self.mirror.parameters, exchange_domain=marketwork.EXCHANGE)
        self.log = self.another()
        self._seqs: dict[tuple[str, str], int] = {}
        self.block = 0
        self.park = self.work.park
        self.park.next_seq = self._next_seq
        self.memory.accept = self.take
        for name in ("order", "clearing", "market_session"):
            setattr(self.memory, name, self._asked(name))
        self.market = MarketReader(database, lambda: self.memory.now)
        self.cash = CashReader(database, lambda: self.memory.now)
        self.steel, self.tiles, self.food = self.work.traders

    def another(self) -> Log:
        """One more service over the same store."""
        key = self.mirror.log._log_key
        return Log(self.database, self.parameters, key, lambda: self.memory.now)

    def _asked(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            with self.database.read() as session:
                return getattr(self.facts(session), name)(*arguments)

        return ask

    def facts(self, session: Any) -> LedgerContext:
        """What the tables answer now."""
        return LedgerContext(session, self.parameters, EntryRepository(session).state(), self.memory.now)

    def _next_seq(self, issuer: str, stream: str) -> int:
        place = (issuer, stream)
        if place not in self._seqs:
            self._seqs[place] = self.memory.stream(issuer, stream).last_seq
        return self._seqs[place] + 1

    def take(self, entry: bytes) -> Statement:
        """Accepted by the tables. Raises the refusal, and takes no place then."""
        (outcome,) = self.log.submit([entry]).outcomes
        if not isinstance(outcome, Accepted):
            raise outcome.error
        statement = examine(entry, self.parameters.origin)
        place = (statement.iss, statement.stream)
        self._seqs[place] = max(self._seqs.get(place, 0), statement.seq)
        self.memory.entries.append(_Taken(outcome.ref.index, statement, self.memory.now))
        return statement

    def endow(self, tonnes: int = 5_000, fen: int = 100_000_000) -> None:
        """What each has in trading by the chain, without anybody's word."""
        self.block += 1
        with self.database.write() as session:
            for part, account in enumerate(map(account_id, self.work.traders)):
                session.add(self._units(part, account, tonnes, "Moved"))
                session.add(self._fen(part, account, trading=fen))

    def _place(self, part: int, place: int = 0) -> dict[str, Any]:
        return {"block_number": self.block, "log_index": place, "part": part, "tx_hash": bytes(32)}

    def _units(self, part: int, account: bytes, trading: int, kind: str, place: int = 0) -> ChainMovementRow:
        zero = dict.fromkeys(("frozen", "issued", "surrendered", "cancelled", "in_registry"), 0)
        return ChainMovementRow(
            **self._place(part, place), **zero, account=account, asset=ASSET, trading=trading, kind=kind
        )

    def _fen(self, part: int, account: bytes, place: int = 0, **changes: int) -> ChainCashRow:
        given = {"free": 0, "trading": 0, "withdrawing": 0} | changes
        return ChainCashRow(**self._place(part, place), **given, account=account, kind="Moved")

    def mine(self, *, refuse: tuple[bytes, ...] = ()) -> None:
        """Everything that waits is on chain, in its order, but for the operations that the contract refuses."""
        with self.database.write() as session:
            query = select(OutboxRow).where(OutboxRow.state == State.PENDING.value, OutboxRow.kind.in_(ASSET_KINDS))
            for row in session.scalars(query.order_by(OutboxRow.id)).all():
                if row.op_id in refuse:
                    row.state, row.last_error = State.REFUSED.value, "NotSellable(0)"
                    outcomes.note(session, "undone", OutboxRow.id == row.id, now=self.memory.now)
                    withdrawals.note_of_fill(session, row.op_id, now=self.memory.now)
                    continue
                self.block += 1
                outcomes.note(session, "settled", OutboxRow.id == row.id, now=self.memory.now)
                row.state, row.block_number, row.block_hash = State.MINED.value, self.block, bytes(32)
                self._act(session, row)
                session.flush()

    def _act(self, session: Any, row: OutboxRow) -> None:
        intent = asset_intent(Kind(row.kind), json.loads(row.payload))
        if isinstance(intent, SettleIntent):
            self._settle(session, row, intent)
        elif isinstance(intent, OpenDayIntent):
            day = MarketRepository(session).require_day(intent.asset, intent.day)
            session.add(
                ChainDayRow(
                    block_number=self.block,
                    log_index=0,
                    tx_hash=bytes(32),
                    op_id=row.op_id,
                    entry_index=row.position,
                    asset=intent.asset,
                    day=intent.day,
                    step="opened",
                    day_index=1 + len(list(session.scalars(select(ChainDayRow).where(ChainDayRow.step == "opened")))),
                    lock_days=day.lock_days,
                    cut_off=intent.cut_off,
                )
            )
        elif isinstance(intent, CloseDayIntent):
            closed = MarketRepository(session).require_day(intent.asset, intent.day)
            self.close_on_chain(session, closed.day, closed.close_fen or 0, intent.asset, row)
        elif isinstance(intent, SignedIntent):
            self._move(session, intent.message)

    def close_on_chain(
        self, session: Any, day: int, close_fen: int, asset: int = ASSET, row: OutboxRow | None = None
    ) -> None:
        """What the exchange says of the close, in a block of its own unless one was mined."""
        if row is None:
            self.block += 1
        op_id, entry = (bytes(32), 1) if row is None else (row.op_id, row.position)
        place = {"block_number": self.block, "log_index": 0, "tx_hash": bytes(32), "op_id": op_id, "entry_index": entry}
        session.add(ChainDayRow(**place, asset=asset, day=day, step="closed", close_fen=close_fen))

    def _settle(self, session: Any, row: OutboxRow, intent: SettleIntent) -> None:
        opened = select(ChainDayRow.day_index).where(ChainDayRow.step == "opened")
        index = session.scalars(opened.order_by(ChainDayRow.block_number.desc())).first()
        fill = next(f for f, _ in MarketRepository(session).fills(intent.asset) if f.op_id == row.op_id)
        for part, (account, tonnes, fen) in enumerate(
            (
                (intent.buy.account, fill.tonnes, -fill.value_fen - fill.buyer_fee_fen),
                (intent.sell.account, -fill.tonnes, fill.value_fen - fill.seller_fee_fen),
            )
        ):
            session.add(self._units(part, account, tonnes, "Settled"))
            session.add(self._fen(part, account, trading=fen))
        session.add(
            ChainTradeRow(
                block_number=self.block,
                log_index=0,
                tx_hash=bytes(32),
                op_id=row.op_id,
                buy_hash=fill.buy,
                sell_hash=fill.sell,
                asset=fill.asset,
                day=fill.day,
                buyer=intent.buy.account,
                seller=intent.sell.account,
                tonnes=fill.tonnes,
                price_fen=fill.price_fen,
                buy_filled=fill.buy_filled,
                sell_filled=fill.sell_filled,
                buyer_fee_fen=fill.buyer_fee_fen,
                seller_fee_fen=fill.seller_fee_fen,
                buy_leaf=intent.buy_leaf,
                sell_leaf=intent.sell_leaf,
                day_index=index,
                counted=fill.counted,
            )
        )

    def _move(self, session: Any, message: Any) -> None:
        match message:
            case TradingMove(account=account, asset=asset, amount=amount, inward=inward):
                way = amount if inward else -amount
                if asset == CASH:
                    session.add(self._fen(0, account, free=-way, trading=way))
                else:
                    session.add(self._units(0, account, way, "Moved"))
            case MarketReference(op_id=op_id, asset=asset, price_fen=price, document_hash=document):
                place = {"block_number": self.block, "log_index": 0, "tx_hash": bytes(32), "entry_index": 1}
                said = {"op_id": op_id, "asset": asset, "price_fen": price, "document_hash": document}
                session.add(ChainReferenceRow(**place, **said))
            case Deposit(account=account, fen=fen):
                session.add(self._fen(0, account, free=fen))
            case Withdrawal(account=account, fen=fen):
                session.add(self._fen(0, account, free=-fen, withdrawing=fen))
            case Payout(withdrawal=asked, paid=paid):
                with_row = select(OutboxRow.payload).where(OutboxRow.op_id == asked)
                told = SignedIntent.from_payload(json.loads(session.scalar(with_row)))
                account, fen = told.message.account, told.message.fen
                session.add(self._fen(0, account, withdrawing=-fen, free=0 if paid else fen))

    def say(self, body: Any, who: str, **options: Any) -> bytes:
        """Sign as the holder and have it accepted; an order's hash, the statement id of anything else."""
        said: bytes = self.work.say(body, who, **options)
        return said

    def trade(self, seller: str, buyer: str, tonnes: int, price: int, **changed: Any) -> tuple[bytes, bytes]:
        """An offer, and its acceptance by name; both hashes."""
        offer = self.say(self.work.sell(tonnes, price, **changed), seller)
        return offer, self.say(self.work.accepting(offer), buyer)

    def close(self, day: int = DAY_ONE) -> Any:
        """The day is closed as the log finds it, and as its entries alone give it; what it said."""
        body = self.work.close(day)
        self.work.administer(body)
        assert self.divergences() == []
        return body

    def divergences(self) -> list[tuple[str, str]]:
        """Whose word differs from the entries, and where."""
        found = replay_all(self.database, self.parameters)
        return [(one.source, one.divergence.what) for day in found for one in day.differences]

    def faults(self) -> list[Any]:
        """What a replay of the entries finds wrong with the tables."""
        return list(replay_faults(self.database, self.parameters))

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Every row of a table, in the order of its key."""
        with self.database.read() as session:
            found = session.execute(select(table.__table__).order_by(*table.__table__.primary_key))
            return [dict(row) for row in found.mappings()]


class _Taken:
    """An entry as the log in memory keeps it."""

    def __init__(self, index: int, statement: Statement, accepted_at: int) -> None:
        self.index, self.statement, self.accepted_at = index, statement, accepted_at
        self.verdict = None


def refused(rule: str, call: Any, *arguments: Any, **options: Any) -> AttestationError:
    with pytest.raises(AttestationError) as caught:
        call(*arguments, **options)
    assert caught.value.rule == rule
    return caught.value


def intents(desk: MarketDesk, *kinds: Kind) -> list[Any]:
    """What the exchange is asked for, in the order of the log."""
    with desk.database.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind.in_(kinds or ASSET_KINDS)).order_by(OutboxRow.id)
        return [asset_intent(Kind(row.kind), json.loads(row.payload)) for row in session.scalars(query)]


def cash(desk: MarketDesk, account: str) -> Any:
    with desk.database.read() as session:
        return desk.facts(session).cash(account)


def trading(desk: MarketDesk, account: str) -> Any:
    with desk.database.read() as session:
        return desk.facts(session).trading(account, ASSET)
