"""P7: order events a second that the book takes in memory, on one core.

``python -m bench.matching`` runs seeded streams of order events through `quota.market.Book` in either mode: orders that
rest, orders that match (some through several price levels), cancels of open orders, while ten thousand and more orders
stand open. A round is a book of its own; the figure is the median over the rounds of one run, as JSON also in
``build/bench/matching.json``. The orders exist before the clock starts, as they do when an entry has been decoded; what
it takes to make and check them, and to replay the whole as a session with its root, is told apart. Seconds are those of
the processor (one thread), so that other programs on the machine count for little; a plain SHA-256 of 64 bytes, timed
in the same run, says how fast the machine is.
"""

from __future__ import annotations

import gc
import hashlib
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from quota.market import (
    Book,
    Cancelled,
    Event,
    Mode,
    Opened,
    Order,
    OrderKind,
    Placed,
    Reference,
    Side,
    replay,
)

GOAL_PER_SECOND = 50_000
ROUNDS = 7
EVENTS = 100_000
SEED = 12
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "matching.json"
ASSET = 0x0001_0000 + 2025
REFERENCE = Reference(6_000)
_ACCOUNTS = 500
_CANCELS = 0.2
_DEADLINE = 4_000_000_000


def licensed_stream(chance: random.Random, count: int) -> list[Order | bytes]:
    """Orders around the reference, prices normal within the band, and cancels (bytes) of orders that are open."""
    return _stream(chance, count, Mode.LICENSED, _central_order)


def agreement_stream(chance: random.Random, count: int) -> list[Order | bytes]:
    """Posted offers, acceptances of a part or the whole of open ones, and cancels."""
    return _stream(chance, count, Mode.AGREEMENT, _agreed_order)


_Maker = Callable[[random.Random, int, list[bytes], Book], Order]


def _stream(chance: random.Random, count: int, mode: Mode, make: _Maker) -> list[Order | bytes]:
    # The stream is made against a book, so that what it cancels or accepts is open when it comes.
    book = Book(mode, REFERENCE, asset=ASSET)
    known: list[bytes] = []
    events: list[Order | bytes] = []
    while len(events) < count:
        if known and chance.random() < _CANCELS and (name := _an_open_one(chance, known, book)):
            book.cancel(name)
            events.append(name)
            continue
        order = make(chance, len(events) + 1, known, book)
        book.place(order)
        known.append(order.order_id)
        events.append(order)
    return events


def _an_open_one(chance: random.Random, known: list[bytes], book: Book) -> bytes | None:
    for _ in range(8):
        place = chance.randrange(len(known))
        known[place], known[-1] = known[-1], known[place]
        if known[-1] in book:
            return known[-1]
        known.pop()
        if not known:
            return None
    return None


def _central_order(chance: random.Random, index: int, known: list[bytes], book: Book) -> Order:
    side = chance.choice((Side.BUY, Side.SELL))
    # Half a percent apart on average, so that most orders wait for one of the few that come across.
    aside = -30 if side is Side.BUY else 30
    price = min(6_600, max(5_400, round(chance.gauss(6_000 + aside, 60))))
    return _order(chance, index, side, price, chance.randint(1, 200))


def _agreed_order(chance: random.Random, index: int, known: list[bytes], book: Book) -> Order:
    account = f"account {chance.randrange(_ACCOUNTS)}"
    if known and chance.random() < 0.45 and (name := _an_open_one(chance, known, book)):
        offer, remaining = book.order(name), book.remaining(name)
        if offer.account != account:
            other = Side.SELL if offer.side is Side.BUY else Side.BUY
            tonnes = chance.randint(1, remaining)
            return _order(
                chance, index, other, offer.price_fen, tonnes, account=account, counterparty=offer.account, accepts=name
            )
    return _order(chance, index, chance.choice(list(Side)), chance.randint(5_400, 6_600), chance.randint(1, 200))


def _order(
    chance: random.Random,
    index: int,
    side: Side,
    price: int,
    tonnes: int,
    *,
    account: str | None = None,
    counterparty: str | None = None,
    accepts: bytes | None = None,
) -> Order:
    return Order(
        order_id=hashlib.sha256(b"%d" % index).digest(),
        index=index,
        account=account or f"account {chance.randrange(_ACCOUNTS)}",
        group=None,
        asset=ASSET,
        side=side,
        kind=OrderKind.LISTED,
        tonnes=tonnes,
        price_fen=price,
        counterparty=counterparty,
        minimum_fill=0,
        accepts=accepts,
        fee_limit_bps=0,
        deadline=_DEADLINE,
    )


def matched(events: list[Order | bytes], mode: Mode) -> tuple[float, int, int]:
    """Seconds for all events in a new book, fills, orders left open."""
    book = Book(mode, REFERENCE, asset=ASSET)
    fills = 0
    gc.collect()
    start = time.process_time()
    for event in events:
        if type(event) is Order:
            fills += len(book.place(event)[0])
        else:
            book.cancel(event)  # type: ignore[arg-type]  # what is no order is an id
    return time.process_time() - start, fills, len(book)


def made(events: list[Order | bytes]) -> float:
    """Seconds to make and check every order of a stream once more."""
    values = [tuple(getattr(event, name) for name in Order.__slots__) for event in events if isinstance(event, Order)]
    start = time.process_time()
    for one in values:
        Order(*one)
    return time.process_time() - start


def replayed(events: list[Order | bytes], mode: Mode) -> float:
    """Seconds from a session's events to its root."""
    session: list[Event] = [Opened(0, ASSET, 20251103, mode, REFERENCE)]
    for index, event in enumerate(events, 1):
        session.append(Placed(event) if isinstance(event, Order) else Cancelled(index, event))
    start = time.process_time()
    replay(session)
    return time.process_time() - start


def yardstick() -> float:
    """Bare SHA-256 of 64 bytes a second, now and here."""
    data = [b"%064d" % number for number in range(EVENTS)]
    start = time.process_time()
    for one in data:
        hashlib.sha256(one).digest()
    return EVENTS / (time.process_time() - start)


def main() -> None:
    """Both modes in turns, then the figures."""
    streams = {
        Mode.LICENSED: licensed_stream(random.Random(SEED), EVENTS),
        Mode.AGREEMENT: agreement_stream(random.Random(SEED), EVENTS),
    }
    rates: dict[Mode, list[float]] = {mode: [] for mode in streams}
    facts: dict[Mode, tuple[int, int]] = {}
    hashes = []
    for _ in range(ROUNDS):
        hashes.append(yardstick())
        for mode, events in streams.items():
            seconds, *counts = matched(events, mode)
            rates[mode].append(EVENTS / seconds)
            facts[mode] = (counts[0], counts[1])
    report: dict[str, object] = {"goal_events_per_second": GOAL_PER_SECOND, "events": EVENTS, "rounds": ROUNDS}
    report["sha256_of_64_bytes_per_second"] = round(statistics.median(hashes))
    for mode, events in streams.items():
        median = statistics.median(rates[mode])
        report[mode.name.lower()] = {
            "events_per_second": round(median),
            "slowest_round": round(min(rates[mode])),
            "fills": facts[mode][0],
            "open_at_the_end": facts[mode][1],
            "orders_made_per_second": round(sum(isinstance(event, Order) for event in events) / made(events)),
            "replayed_with_root_events_per_second": round(EVENTS / replayed(events, mode)),
            "reached": median >= GOAL_PER_SECOND,
        }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
