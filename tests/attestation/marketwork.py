"""A market in a log in memory: terms, days, orders, cash, auctions, each in one call. Loaded by its path.

`traded` and `funds` of the log say what the chain would; `units` is a `Unitwork` with its persons and two enterprises.
"""

from __future__ import annotations

from types import ModuleType

from msgspec.structs import replace

from attestation.assets import parse_market_asset
from attestation.bodies import (
    Award,
    BindBankAccount,
    CancelEveryOrder,
    CancelPlaced,
    ClearAuction,
    CloseDay,
    CommitBid,
    DepositCash,
    HaltDay,
    MoveTrading,
    OpenAuction,
    OpenDay,
    PlaceOrder,
    ReconcileCash,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    SettleWithdrawal,
    Window,
    WithdrawCash,
)
from attestation.facts.market import CashRecord, TradingRecord
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, Purpose
from attestation.market_operations import cash_message, holder_message, market_message, order_hash, order_message
from attestation.typed_data import Domain, sign_compact_digest

EXCHANGE = Domain(31337, b"\x66" * 20, b"\x5a" * 32)
FOOD = "88.608.5293/food"
QUOTA = "quota-2023"
ASSET = parse_market_asset(QUOTA)
FIRST_DAY = 2024_05_06
HOUR, DAY = 3_600, 86_400
BANK = "bc" * 32
DOCUMENT = "ab" * 32
TERMS = {
    "mode": "agreement",
    "band_bps": 1_000,
    "block_band_bps": 3_000,
    "block_threshold": 1_000,
    "lock_days": 5,
    "fee_bps": 0,
    "minimum_volume": 0,
    "minimum_groups": 0,
    "maximum_holders": 200,
    "release_delay_s": DAY,
    "document_hash": DOCUMENT,
}


class Marketwork:
    """Three enterprises with asset keys, 5,000 t and 1,000,000 CNY to trade each; the park with a key for its lots."""

    def __init__(self, units, unitwork: ModuleType) -> None:
        self.units, self.park, self.log, self.memory = units, units.park, units.log, units.memory
        self.steel, self.tiles, self.food = unitwork.STEEL, unitwork.TILES, FOOD
        self.log.exchange_domain = EXCHANGE
        enterprise = {"parent": self.memory.PARK, "algorithm": Algorithm.ES256K}
        self.park.enrol(FOOD, Kind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET, **enterprise)
        lots = self.memory.seeded(Algorithm.ES256K, 990)
        self.park.add(self.memory.PARK, lots, Purpose.ASSET)
        self.keys = self.park.keys | {self.memory.PARK: lots}
        self.traders = (self.steel, self.tiles, FOOD)
        for account in self.traders:
            self.log.traded[account, ASSET] = TradingRecord(trading=5_000)
            self.log.funds[account] = CashRecord(trading=100_000_000, free=1_000)
        self.salts = 0

    def op(self) -> str:
        return self.units.op()

    def administer(self, body, type_: str = "market", **options):
        """Signed by the registrar and accepted; the logged statement."""
        return self.units.case.accept(type_, body, iss=options.pop("iss", self.memory.PARK), **options)

    def approved(self, body, *, persons=None, domain: Domain = EXCHANGE):
        """With the approvals of two persons."""
        market = isinstance(body, SetMarketTerms | SetMarketReference | HaltDay | ResumeDay)
        message = market_message(body) if market else cash_message(body)
        return replace(body, approvals=self.units.approvals(message.digest(domain), persons))

    def terms(self, **changed: object) -> SetMarketTerms:
        given = TERMS | {"op_id": self.op(), "fee_account": self.memory.PARK, "approvals": ()}
        return SetMarketTerms(**(given | changed))

    def price(self, fen: int = 6_000, **changed: object) -> SetMarketReference:
        given = {"op_id": self.op(), "asset": QUOTA, "price_fen": fen, "document_hash": DOCUMENT}
        return SetMarketReference(**(given | {"reason": "opening price", "approvals": ()} | changed))

    def window(self, start: int = 0, until: int = 2 * HOUR) -> Window:
        """Seconds from now."""
        return Window(start=format_instant(self.log.now + start), until=format_instant(self.log.now + until))

    def day(self, **changed: object) -> OpenDay:
        given = {"asset": QUOTA, "day": FIRST_DAY, "windows": (self.window(),)}
        return OpenDay(**(given | {"cut_off": format_instant(self.log.now + 3 * HOUR)} | changed))

    def opened(self, fen: int = 6_000, **terms: object) -> None:
        """Terms, a reference price and an open day."""
        self.administer(self.approved(self.terms(**terms)))
        self.administer(self.approved(self.price(fen)))
        self.administer(self.day())

    def halt(self, day: int = FIRST_DAY, **changed: object) -> HaltDay:
        """Approved by two persons, unless told by whom."""
        return self._of_day(HaltDay, {"day": day, "reason": "a fault of the feed"} | changed)

    def resume(self, day: int = FIRST_DAY, **changed: object) -> ResumeDay:
        return self._of_day(ResumeDay, {"day": day, "reason": "the feed is back"} | changed)

    def _of_day(self, kind: type, members: dict[str, object]):
        given = {"op_id": self.op(), "asset": QUOTA, "document_hash": DOCUMENT} | members
        return kind(**given) if "approvals" in given else self.approved(kind(**given, approvals=()))

    def close(self, day: int = FIRST_DAY, **changed: object) -> CloseDay:
        """What the log itself finds, unless told otherwise."""
        found = self.log.market_session(ASSET, day)
        names = ("first", "last", "fills", "volume", "value_fen", "close_fen", "groups")
        given = {name: getattr(found, name) for name in names} | {"asset": QUOTA, "day": day}
        return CloseDay(**(given | {"book": found.book.hex(), "root": found.root.hex()} | changed))

    def order(self, side: str, tonnes: int = 100, price: int = 6_000, **changed: object) -> PlaceOrder:
        self.salts += 1
        given = {"asset": QUOTA, "side": side, "tonnes": tonnes, "price_fen": price, "kind": "listed"}
        given |= {"minimum_fill": 1, "fee_limit_bps": 0, "deadline": format_instant(self.log.now + DAY), "epoch": 0}
        return PlaceOrder(**(given | {"salt": f"{self.salts:064x}", "signature": "0x" + "00" * 64} | changed))

    def sell(self, tonnes: int = 100, price: int = 6_000, **changed: object) -> PlaceOrder:
        return self.order("sell", tonnes, price, **changed)

    def buy(self, tonnes: int = 100, price: int = 6_000, **changed: object) -> PlaceOrder:
        return self.order("buy", tonnes, price, **changed)

    def signed(self, body, holder: str, *, by: str | None = None, domain: Domain = EXCHANGE):
        """With the holder's signature for the exchange; `by`: whose it is instead."""
        if isinstance(body, CommitBid):
            return body
        message = order_message(body, holder) if isinstance(body, PlaceOrder) else holder_message(body, holder)
        signature = sign_compact_digest(message.digest(domain), self.keys[by or holder])
        return replace(body, signature=f"0x{signature.hex()}")

    def say(self, body, holder: str | None = None, **options) -> bytes:
        """Sign as the holder and have it accepted; an order's hash, the statement id of anything else."""
        who = holder or self.steel
        return self.bring(self.signed(body, who, **options), who)

    def bring(self, body, who: str) -> bytes:
        """What is signed already, in a statement by `who`."""
        key = self.keys[who]
        entry = self.park.sign("order", body, iss=who, stream="trading", iat=self.log.now, key=key)
        self.log.accept(entry)
        if isinstance(body, PlaceOrder):
            return order_hash(body, who, EXCHANGE)
        return self.log.entries[-1].statement.statement_id

    def accepting(self, order: bytes, tonnes: int | None = None, **changed: object) -> PlaceOrder:
        """Takes what is left of an order, or so many tonnes of it."""
        maker = self.log.order(order)
        side = "sell" if maker.side == 1 else "buy"
        kind = ("listed", "block", "bilateral", "auction")[maker.kind - 1]
        given = {"kind": kind, "counterparty": maker.account, "accepts": order.hex()}
        return self.order(side, tonnes or maker.remaining, maker.price_fen, **(given | changed))

    def _of_holder(self, kind: type, **members: object):
        given = {"op_id": self.op(), "deadline": format_instant(self.log.now + DAY), "signature": "0x" + "00" * 64}
        return kind(**(given | members))

    def cancel(self, order: bytes, **changed: object) -> CancelPlaced:
        return self._of_holder(CancelPlaced, **({"order": order.hex()} | changed))

    def cancel_all(self, epoch: int = 1, **changed: object) -> CancelEveryOrder:
        return self._of_holder(CancelEveryOrder, **({"epoch": epoch} | changed))

    def move(self, amount: int, asset: str = QUOTA, *, inward: bool = True, **changed: object) -> MoveTrading:
        return self._of_holder(MoveTrading, **({"amount": amount, "asset": asset, "inward": inward} | changed))

    def withdraw(self, fen: int, **changed: object) -> WithdrawCash:
        return self._of_holder(WithdrawCash, **({"fen": fen, "bank_account": BANK} | changed))

    def lot(self, tonnes: int = 500, floor: int = 6_000, **changed: object) -> PlaceOrder:
        return self.sell(tonnes, floor, **({"kind": "auction", "minimum_fill": 0} | changed))

    def auction(self, order: bytes, **changed: object) -> OpenAuction:
        """Commit for an hour, open for half of one."""
        lot, now = self.log.order(order), self.log.now
        given = {"op_id": self.op(), "asset": QUOTA, "day": FIRST_DAY, "lot_tonnes": lot.tonnes}
        given |= {"floor_fen": lot.price_fen, "seller": lot.account, "order": order.hex(), "forfeit_bps": 1_000}
        given |= {"commit_until": format_instant(now + HOUR), "reveal_until": format_instant(now + HOUR + 1_800)}
        return OpenAuction(**(given | {"document_hash": DOCUMENT} | changed))

    def bid(self, auction: OpenAuction, tonnes: int, price: int, **changed: object) -> PlaceOrder:
        return self.buy(tonnes, price, **({"kind": "auction", "minimum_fill": 0, "auction": auction.op_id} | changed))

    def commit(self, bid: PlaceOrder, holder: str, *, maximum: int | None = None, **changed: object) -> CommitBid:
        given = {"auction": bid.auction, "commitment": order_hash(bid, holder, EXCHANGE).hex()}
        return CommitBid(**(given | {"maximum_fen": maximum or bid.tonnes * bid.price_fen} | changed))

    def clear(self, auction: OpenAuction, **changed: object) -> ClearAuction:
        """What the log itself finds, unless told otherwise."""
        found = self.log.clearing(bytes.fromhex(auction.op_id))
        awards = tuple(Award(order=order.hex(), tonnes=tonnes) for order, tonnes in found.awards)
        given = {"auction": auction.op_id, "price_fen": found.price_fen, "awards": awards, "unsold": found.unsold}
        return ClearAuction(**(given | changed))

    def bind(self, account: str | None = None, **changed: object) -> BindBankAccount:
        given = {"op_id": self.op(), "account": account or self.steel, "bank_account": BANK}
        return BindBankAccount(**(given | {"document_hash": DOCUMENT, "approvals": ()} | changed))

    def deposit(self, fen: int, reference: str = "ICBC-1", **changed: object) -> DepositCash:
        given = {"op_id": self.op(), "account": self.steel, "fen": fen, "bank_reference": reference}
        return DepositCash(**(given | {"approvals": ()} | changed))

    def payout(self, withdrawal: str, reference: str = "ICBC-2", *, paid: bool = True, **changed: object):
        given = {"op_id": self.op(), "withdrawal": withdrawal, "paid": paid, "bank_reference": reference}
        return SettleWithdrawal(**(given | {"approvals": ()} | changed))

    def reconcile(self, fen: int, day: int = FIRST_DAY) -> ReconcileCash:
        return ReconcileCash(day=day, bank_fen=fen)
