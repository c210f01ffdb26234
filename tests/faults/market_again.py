"""The market of a round once more, by the naive second implementation, from what the log's entries say alone.

Book, fills, what became of every order, what each close has to say. Nothing of the ledger takes part: bodies are plain
JSON (`market_entries`), matching is `tests/quota/market/naive.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from quota.market import Bid, Mode, Order, OrderKind, Reference, Side
from tests.faults.market_entries import KINDS, MODES, SIDES, Said, asset_number, instant, order_hash
from tests.quota.market.naive import End, NaiveBook, Refused

_WHOLE_BPS = 10_000
_BRIEF_SECONDS = 60


@dataclass(frozen=True)
class Matched:
    """One fill as the entries give it; `place`: (asset, day, number in the day). Orders by their hashes, hex."""

    place: tuple[str, int, int]
    cause: int
    buy: str
    sell: str
    buyer: str
    seller: str
    tonnes: int
    price_fen: int
    fee_fen: int
    counted: bool


@dataclass(frozen=True)
class Close:
    """What a day comes to: fills, counted volume and value, price, parties."""

    fills: int
    volume: int
    value_fen: int
    price_fen: int
    parties: int


@dataclass
class Placed:
    """An order of the log and what became of it: `end` is empty while it is open."""

    index: int
    statement_id: str
    maker: str
    body: Mapping[str, Any]
    left: int
    end: str = ""
    brief: bool = False
    """Good for seconds: its own end may come before its fills can be settled."""


@dataclass
class _Day:
    number: int
    book: NaiveBook
    terms: Mapping[str, Any]
    reference: int
    time: int
    told: int = 0


@dataclass
class _Auction:
    body: Mapping[str, Any]
    commits: list[tuple[int, str, int]] = field(default_factory=list)


class MarketAgain:
    """The market by the entries; `domain`: the exchange's separator."""

    def __init__(self, domain: bytes) -> None:
        self.orders: dict[str, Placed] = {}
        self.fills: list[Matched] = []
        self.closes: dict[tuple[str, int], tuple[Close, Close]] = {}
        """Of each closed day what its close said, and what its entries give."""
        self.wrong: list[str] = []
        """Entries that no market of these rules could have accepted."""
        self._domain = domain
        self._terms: Mapping[str, Any] = {}
        self._prices: dict[str, int] = {}
        self._days: dict[str, _Day] = {}
        self._waiting: dict[str, Order] = {}
        self._auctions: dict[str, _Auction] = {}
        self._acts: dict[tuple[str, str], Callable[[Said], None]] = {
            ("order", "place"): self._place,
            ("order", "cancel"): self._cancel,
            ("order", "cancel-all"): self._cancel_all,
            ("order", "commit"): self._commit,
            ("market", "terms"): self._set_terms,
            ("market", "reference"): self._set_reference,
            ("market", "open"): self._open,
            ("market", "halt"): self._halt,
            ("market", "resume"): self._halt,
            ("market", "close"): self._close,
            ("market", "auction"): self._announce,
            ("market", "clear"): self._clear,
        }

    def feed(self, entries: Iterable[Said]) -> MarketAgain:
        """All entries, in the order of the log."""
        for said in entries:
            act = self._acts.get((said.type, said.action))
            if act is not None:
                act(said)
        return self

    # -- what the registrar says -----------------------------------------------------------------------------------

    def _set_terms(self, said: Said) -> None:
        self._terms = said.body

    def _set_reference(self, said: Said) -> None:
        self._prices[said.body["asset"]] = said.body["price_fen"]

    def _open(self, said: Said) -> None:
        asset, terms = said.body["asset"], self._terms
        price = self._prices[asset]
        bands = Reference(price, terms["band_bps"], terms["block_band_bps"], terms["block_threshold"])
        book = NaiveBook(Mode(MODES[terms["mode"]]), bands, asset_number(asset))
        self._days[asset] = _Day(said.body["day"], book, terms, price, said.at)

    def _halt(self, said: Said) -> None:
        day = self._days[said.body["asset"]]
        self._go_on(day, said.at)

    def _close(self, said: Said) -> None:
        body = said.body
        asset = body["asset"]
        day = self._days.pop(asset)
        self._ended(day.book.end([order for order, _ in day.book.open], "day"))
        computed = self._comes_to(asset, day)
        told = Close(body["fills"], body["volume"], body["value_fen"], body["close_fen"], body["groups"])
        self.closes[asset, day.number] = (told, computed)
        self._prices[asset] = computed.price_fen

    def _comes_to(self, asset: str, day: _Day) -> Close:
        fills = [fill for fill in self.fills if fill.place[:2] == (asset, day.number)]
        counted = [fill for fill in fills if fill.counted]
        volume = sum(fill.tonnes for fill in counted)
        value = sum(fill.tonnes * fill.price_fen for fill in counted)
        parties = len({account for fill in counted for account in (fill.buyer, fill.seller)})
        enough = volume >= max(1, day.terms["minimum_volume"]) and parties >= day.terms["minimum_groups"]
        price = half_up(Fraction(value, volume)) if enough else day.reference
        return Close(len(fills), volume, value, price, parties)

    def _announce(self, said: Said) -> None:
        self._auctions[said.body["op_id"]] = _Auction(said.body)

    def _clear(self, said: Said) -> None:
        auction = self._auctions.pop(said.body["auction"])
        day = self._days[auction.body["asset"]]
        self._go_on(day, said.at)
        lot = self._waiting.pop(auction.body["order"])
        opened = {name: self._waiting.pop(name) for _, name, _ in auction.commits if name in self._waiting}
        bids = [
            Bid(opened.get(name), index, name in opened, most, bytes.fromhex(name))
            for index, name, most in auction.commits
        ]
        brought = sorted([lot, *opened.values()], key=lambda order: order.index)
        day.book.open += [(order, order.tonnes) for order in brought]
        self._keep(day, day.book.award(said.index, lot, bids, auction.body["floor_fen"]))

    # -- what holders say ------------------------------------------------------------------------------------------

    def _place(self, said: Said) -> None:
        body = said.body
        name = order_hash(body, said.issuer, self._domain)
        if name in self.orders:
            self.wrong.append(f"entry {said.index} brings order {name} of entry {self.orders[name].index} again")
            return
        brief = instant(body["deadline"]) - said.at < _BRIEF_SECONDS
        self.orders[name] = Placed(said.index, said.statement_id, said.issuer, body, body["tonnes"], brief=brief)
        order = _order(said, name)
        if order.kind is OrderKind.AUCTION:
            self._waiting[name] = order
            return
        day = self._days.get(body["asset"])
        if day is None:
            self.wrong.append(f"entry {said.index} brings an order while no day of {body['asset']} is open")
            return
        self._go_on(day, said.at)
        try:
            self._keep(day, day.book.place(order))
        except Refused as refusal:
            self.wrong.append(f"entry {said.index} brings an order that may not stand: {refusal}")

    def _cancel(self, said: Said) -> None:
        self._end_by_maker(said, {said.body["order"]})

    def _cancel_all(self, said: Said) -> None:
        earlier = (
            name
            for name, order in self.orders.items()
            if order.maker == said.issuer and not order.end and order.body["epoch"] < said.body["epoch"]
        )
        self._end_by_maker(said, set(earlier))

    def _end_by_maker(self, said: Said, names: Set[str]) -> None:
        for name in names & self._waiting.keys():
            order = self._waiting.pop(name)
            self._ended([(order.order_id, order.tonnes, "cancelled")])
        for day in self._days.values():
            mine = [order for order, _ in day.book.open if order.order_id.hex() in names]
            # Who is past its deadline is not taken back any more: it ends by it, with the next that acts.
            living = [order for order in mine if order.deadline > max(day.time, said.at)]
            if living:
                self._go_on(day, said.at)
                self._ended(day.book.end(living, "cancelled"))

    def _commit(self, said: Said) -> None:
        sealed = (said.index, said.body["commitment"], said.body["maximum_fen"])
        self._auctions[said.body["auction"]].commits.append(sealed)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _go_on(self, day: _Day, at: int) -> None:
        day.time = max(day.time, at)
        self._ended(day.book.expire(day.time))

    def _keep(self, day: _Day, ends: list[End]) -> None:
        for number, cause, buy, sell, tonnes, price, *_, counted in day.book.fills[day.told :]:
            bought, sold = self.orders[buy.hex()], self.orders[sell.hex()]
            bought.left, sold.left = bought.left - tonnes, sold.left - tonnes
            self.fills.append(
                Matched(
                    place=(bought.body["asset"], day.number, number),
                    cause=cause,
                    buy=buy.hex(),
                    sell=sell.hex(),
                    buyer=bought.maker,
                    seller=sold.maker,
                    tonnes=tonnes,
                    price_fen=price,
                    fee_fen=half_up(Fraction(tonnes * price * day.terms["fee_bps"], _WHOLE_BPS)),
                    counted=counted,
                )
            )
        day.told = len(day.book.fills)
        self._ended(ends)

    def _ended(self, ends: Iterable[End]) -> None:
        for name, left, reason in ends:
            order = self.orders[name.hex()]
            if order.end or order.left != left:
                self.wrong.append(f"order {name.hex()} ends {reason} with {left} t; it had {order.left}, {order.end}")
            order.end = reason


def half_up(amount: Fraction) -> int:
    """To the whole number, halves upwards (DOMAIN 15, 20)."""
    return int(amount + Fraction(1, 2))


def _order(said: Said, name: str) -> Order:
    body = said.body
    accepts = body.get("accepts")
    return Order(
        order_id=bytes.fromhex(name),
        index=said.index,
        account=said.issuer,
        group=None,
        asset=asset_number(body["asset"]),
        side=Side(SIDES[body["side"]]),
        kind=OrderKind(KINDS[body["kind"]]),
        tonnes=body["tonnes"],
        price_fen=body["price_fen"],
        counterparty=body.get("counterparty"),
        minimum_fill=body["minimum_fill"],
        accepts=None if accepts is None else bytes.fromhex(accepts),
        fee_limit_bps=body["fee_limit_bps"],
        deadline=instant(body["deadline"]),
    )
