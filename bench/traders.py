"""What traders do without pause, in a seeded mix, over HTTP: place, accept, cancel, read the book, orders, fills.

The traders of a process are threads with a connection each. Statements are signed before the clock of their request
runs; answers are decoded after it stopped, and an acceptance is held against the bytes that were sent. A trader whose
statement was refused says the next one at the same place of its stream.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
from msgspec.structs import replace

from attestation.bodies import CancelPlaced, PlaceOrder
from attestation.keys import Algorithm, PrivateKey
from attestation.market_operations import holder_message, order_message
from attestation.statements import build
from attestation.typed_data import Domain, sign_compact_digest
from bench.trading_park import BAND_BPS, FEE_BPS, ORDERS, QUOTA, REFERENCE_FEN
from tanlu import market
from tanlu.client import Client, Credentials
from tanlu.client.answers import Acceptance
from tanlu.client.market_answers import Book, Offer, OrderShown
from tanlu.client.promises import check_leaf
from tanlu.trustfile import load_trust

MIX = {"place": 35, "accept": 25, "cancel": 8, "book": 16, "fills": 8, "orders": 8}
"""In so many of a hundred choices; who has nothing to cancel or to accept reads instead."""
EXPECTED = {
    "accept": frozenset({"order.accepts"}),
    "cancel": frozenset({"order.ended"}),
}
"""By which rules two traders at once may be refused: an offer was gone when its acceptance or its end came."""
_MOST_OPEN = 6
_MOST_TONNES = 40
_PATIENCE = 60.0
_LATER = frozenset({429, 503})


class _Orders(msgspec.Struct, frozen=True):
    orders: tuple[OrderShown, ...]


@dataclass
class Tally:
    """What traders saw. ``took``: (second of the run, seconds) by kind. ``refused``: by kind and rule. ``accepted``:
    log index and unix time of the answer of each order. ``again``: requests that were sent again, by reason."""

    took: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    accepted: list[tuple[int, float]] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in what others saw."""
        for kind, rows in other.took.items():
            self.took[kind] += rows
        self.refused += other.refused
        self.accepted += other.accepted
        self.again += other.again
        self.faults += other.faults
        self.cpu_seconds += other.cpu_seconds


@dataclass(frozen=True, slots=True)
class Crowd:
    """The traders of one process, as they are handed to it: identifier, secret, last statement in their stream."""

    url: str
    trust: Path
    seed: str
    until: int
    seconds: float
    traders: tuple[tuple[str, bytes, int], ...]


def trade(crowd: Crowd, parent: Connection) -> None:
    """Sign a crowd in and say so; then trade for its seconds from the instant (unix seconds) that the parent answers.
    What they saw goes to the parent."""
    desk = _Desk(crowd)
    traders = [_Trader(desk, *one) for one in crowd.traders]
    for one in traders:
        one.sign_in()
    parent.send("ready")
    desk.begins_at = parent.recv()
    before = time.process_time()
    threads = [threading.Thread(target=one.run) for one in traders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = Tally(cpu_seconds=time.process_time() - before)
    for one in traders:
        tally.add(one.tally)
    parent.send(tally)


class _Desk:
    """What the traders of a process share: what they were told, and the offers of the book that was read last."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.trust = load_trust(crowd.trust)
        self.domain: Domain = market.market_domain(self.trust)
        self.lock = threading.Lock()
        self.offers: list[Offer] = []
        self.begins_at = 0.0

    def take(self, chance: random.Random, account: str) -> Offer | None:
        """An offer of somebody else that nobody here goes for."""
        with self.lock:
            places = [place for place, offer in enumerate(self.offers) if offer.account != account]
            return self.offers.pop(chance.choice(places)) if places else None


class _Trader:
    def __init__(self, desk: _Desk, identifier: str, secret: bytes, seq: int) -> None:
        self.tally = Tally()
        self._desk, self._identifier, self._seq = desk, identifier, seq
        self._key = PrivateKey(Algorithm.ES256K, secret)
        self._chance = random.Random(f"{desk.crowd.seed}/{identifier}")
        self._open: list[str] = []
        host = desk.crowd.url.removeprefix("http://")
        self._line = http.client.HTTPConnection(host, timeout=_PATIENCE)
        who = Credentials(identifier, self._key)
        self._client = Client(desk.crowd.url, trust=desk.trust, credentials=who, patience=_PATIENCE)

    def sign_in(self) -> None:
        """Get the first token."""
        self._client.token()

    def run(self) -> None:
        """Trade until the time is over; what goes wrong is a fault of the run."""
        acts = {
            "place": self._place,
            "accept": self._accept,
            "cancel": self._cancel,
            "book": self._read_book,
            "fills": self._read_fills,
            "orders": self._read_orders,
        }
        try:
            ends_at = self._desk.begins_at + self._desk.crowd.seconds
            time.sleep(max(0.0, self._desk.begins_at - time.time()))
            while time.time() < ends_at:
                kind = self._chance.choices(tuple(MIX), tuple(MIX.values()))[0]
                acts[kind]()
        except Exception as error:
            self.tally.faults.append(f"{self._identifier}: {type(error).__name__}: {error}")
        finally:
            self._line.close()
            self._client.close()

    def _place(self) -> None:
        if len(self._open) >= _MOST_OPEN:
            self._cancel()
            return
        band = REFERENCE_FEN * BAND_BPS // 10_000
        body = market.place(
            QUOTA,
            self._chance.choice(("buy", "sell")),
            self._chance.randint(1, _MOST_TONNES),
            REFERENCE_FEN + self._chance.randint(-band, band),
            deadline=self._desk.crowd.until,
            epoch=0,
            fee_limit_bps=FEE_BPS,
        )
        if self._say("place", body) is not None:
            self._open.append(market.order_hash(self._desk.trust, body, self._identifier))

    def _accept(self) -> None:
        offer = self._desk.take(self._chance, self._identifier)
        if offer is None:
            self._read_book()
            return
        tonnes = self._chance.randint(max(1, min(offer.minimum_fill, offer.remaining)), offer.remaining)
        until = self._desk.crowd.until
        self._say("accept", market.accept(QUOTA, offer, tonnes, deadline=until, epoch=0, fee_limit_bps=FEE_BPS))

    def _cancel(self) -> None:
        if not self._open:
            self._read_orders()
            return
        order = self._open.pop(self._chance.randrange(len(self._open)))
        self._say("cancel", market.cancel(order, self._desk.crowd.until))

    def _read_book(self) -> None:
        book = msgspec.json.decode(self._get("book", f"/v1/market/{QUOTA}/book"), type=Book)
        with self._desk.lock:
            self._desk.offers = list(book.offers)

    def _read_fills(self) -> None:
        msgspec.json.decode(self._get("fills", "/v1/market/fills"))

    def _read_orders(self) -> None:
        shown = msgspec.json.decode(self._get("orders", "/v1/market/orders?open=true"), type=_Orders)
        self._open = [one.order for one in shown.orders]

    def _say(self, kind: str, body: PlaceOrder | CancelPlaced) -> int | None:
        """Sign and send; the entry's log index, None where it was refused."""
        signed = (
            order_message(body, self._identifier)
            if isinstance(body, PlaceOrder)
            else holder_message(body, self._identifier)
        )
        signature = sign_compact_digest(signed.digest(self._desk.domain), self._key)
        entry = build(
            "order",
            log=self._desk.trust.log,
            iss=self._identifier,
            key=self._key,
            iat=int(time.time()),
            stream=ORDERS,
            seq=self._seq + 1,
            body=replace(body, signature=f"0x{signature.hex()}"),
        )
        status, answer = self._ask(kind, "POST", "/v1/statements", entry)
        if status in {200, 201}:
            taken = msgspec.json.decode(answer, type=Acceptance)
            check_leaf(entry, taken.leaf_hash)
            self._seq += 1
            if isinstance(body, PlaceOrder):
                self.tally.accepted.append((taken.index, time.time()))
            return taken.index
        rule = str(msgspec.json.decode(answer).get("rule"))
        self.tally.refused[kind, rule] += 1
        if rule not in EXPECTED.get(kind, frozenset()):
            self.tally.faults.append(f"{kind}: {status} {answer.decode('utf-8', 'replace')[:500]}")
        return None

    def _get(self, kind: str, path: str) -> bytes:
        status, answer = self._ask(kind, "GET", path, None)
        if status != http.client.OK:
            raise RuntimeError(f"{path}: {status} {answer.decode('utf-8', 'replace')[:500]}")
        return answer

    def _ask(self, kind: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._client.token()}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/jose"
        begun, limit = time.monotonic(), time.monotonic() + _PATIENCE
        while True:
            try:
                self._line.request(method, path, body, headers)
                response = self._line.getresponse()
                answer = response.read()
            except (http.client.HTTPException, OSError) as error:
                self._line.close()
                self._once_more(type(error).__name__, limit)
                continue
            if response.status in _LATER:
                self._once_more(str(response.status), limit)
                continue
            took = time.monotonic() - begun
            self.tally.took[kind].append((time.time() - self._desk.begins_at, took))
            return response.status, answer

    def _once_more(self, reason: str, limit: float) -> None:
        self.tally.again[reason] += 1
        if time.monotonic() > limit:
            raise RuntimeError(f"no answer within {_PATIENCE:.0f} s: {reason}")
        time.sleep(0.05)
