"""A seq has one fate, whoever is quicker: two writers over one store, transactions that die, refused lines between."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import SessionTransaction

from attestation.keys import Algorithm, PrivateKey
from attestation.statements import Loss
from ledger.coverage import GapView
from ledger.db.base import Database
from ledger.db.gaps import GapRepository
from ledger.log import Accepted, Log
from ledger.stream_answers import StreamAnswers

from .conftest import ENTERPRISE, METER, Park, accepted

STREAMS = ("electricity", "gas", "heat")


def loss(park: Park, stream: str, first: int, last: int, seq: int, place: str = "losses") -> bytes:
    body = Loss(device=METER, stream=stream, first_seq=first, last_seq=last, reason="pit flooded")
    return park.sign("loss", ENTERPRISE, park.enterprise, place, seq, body)


def account(database: Database) -> None:
    """Logged, open and lost seqs partition every stream, and what came late lies in what was skipped."""
    with database.read() as session:

        def ranges(table: str, stream: int) -> list[int]:
            query = text(f"SELECT first_seq, last_seq FROM {table} WHERE stream_id = :id")
            return [n for low, high in session.execute(query, {"id": stream}) for n in range(low, high + 1)]

        for stream, last, count in session.execute(text("SELECT id, last_seq, count FROM streams")).fetchall():
            query = text("SELECT seq FROM entries WHERE stream_id = :id ORDER BY idx")
            logged = list(session.scalars(query, {"id": stream}))
            assert len(logged) == count
            every = Counter([*logged, *ranges("gaps", stream), *ranges("losses", stream)])
            assert every == Counter(range(1, last + 1))
            late = {seq for at, seq in enumerate(logged) if any(other > seq for other in logged[:at])}
            assert {*late, *ranges("gaps", stream), *ranges("losses", stream)} == set(ranges("skips", stream))


def test_of_a_reading_and_a_loss_at_once_one_enters(park: Park, log: Log) -> None:
    """Two services over one store, each with its own connections: what serialises them is the store."""
    other = Database(park.database.url)
    second = Log(other, park.parameters, park.log_key, park.clock)
    readings = {seq: park.reading(seq) for seq in range(1, 25)}
    losses = {seq: loss(park, "electricity", seq, seq, seq) for seq in range(1, 25)}
    accepted(log.submit([park.reading(25)]).outcomes[0])
    outcomes: dict[str, dict[int, bool]] = {"readings": {}, "losses": {}}
    start = threading.Barrier(2, timeout=20)

    def send(into: Log, what: dict[int, bytes], name: str) -> None:
        start.wait()
        for seq, entry in what.items():
            outcomes[name][seq] = isinstance(into.submit([entry]).outcomes[0], Accepted)

    senders = [
        threading.Thread(target=send, args=(log, readings, "readings")),
        threading.Thread(target=send, args=(second, dict(sorted(losses.items(), reverse=True)), "losses")),
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    other.close()
    assert [seq for seq in readings if outcomes["readings"][seq] == outcomes["losses"][seq]] == []
    account(park.database)


def test_lines_of_several_streams_in_any_order_with_refused_ones_between(park: Park, log: Log) -> None:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    for seed in range(6):
        choose = random.Random(seed)
        places = Counter[str]()
        lines = []
        for _ in range(120):
            stream, seq = choose.choice(STREAMS), choose.randint(1, 40)
            kind = choose.random()
            if kind < 0.6:
                lines.append(park.reading(seq, stream=stream, quantity=choose.choice(["1", "1", "2"])))
            elif kind < 0.85:
                name = f"losses-{seed}"
                places[name] += choose.choice([0, 1, 1, 3])
                high = min(40, seq + choose.randint(0, 3))
                lines.append(loss(park, stream, seq, high, max(1, places[name]), name))
            elif kind < 0.95:
                forged = Loss(device=METER, stream=stream, first_seq=1, last_seq=1, reason="x")
                lines.append(park.sign("loss", METER, stranger, stream, seq, forged))
            else:
                lines.append(b"nonsense")
        log.submit(lines)
        account(park.database)
        for found in park.view().streams_covered(ENTERPRISE):
            part = found.coverage
            assert part.device + part.backfilled + part.manual + part.other + part.open + part.lost == found.last_seq
            assert (part.open, found.count) == (found.missing, found.last_seq - part.open - part.lost)


def test_pages_show_what_was_open_all_the_time_whatever_is_filled_lost_or_opened_between(park: Park, log: Log) -> None:
    log.submit([park.reading(seq, stream=stream) for stream in STREAMS for seq in (3, 9, 10, 20, 30)])
    view, choose, places = park.view(), random.Random(5), Counter[str]()
    for turn in range(8):
        before = {(gap.stream, seq) for gap in view.gaps(ENTERPRISE, after=None, limit=999) for seq in _seqs(gap)}
        shown: list[GapView] = []
        while page := view.gaps(ENTERPRISE, after=shown[-1].place if shown else None, limit=choose.choice([1, 2])):
            shown += page
            stream, seq = choose.choice(STREAMS), choose.randint(1, 45)
            if choose.random() < 0.5:
                log.submit([park.reading(seq, stream=stream)])
            else:
                places["losses"] += 1
                log.submit([loss(park, stream, seq, seq + 1, places["losses"])])
        assert [gap.place for gap in shown] == sorted({gap.place for gap in shown}), turn
        after = {(gap.stream, seq) for gap in view.gaps(ENTERPRISE, after=None, limit=999) for seq in _seqs(gap)}
        assert before & after <= {(gap.stream, seq) for gap in shown for seq in _seqs(gap)}, turn
        account(park.database)


def _seqs(gap: GapView) -> range:
    return range(gap.first_seq, gap.last_seq + 1)


def _fails(real: Callable[..., Any], at: int) -> Callable[..., Any]:
    calls = iter(range(1_000_000))

    def failing(*args: Any, **options: Any) -> Any:
        if next(calls) == at:
            raise OSError("the disk is gone")
        return real(*args, **options)

    return failing


@pytest.mark.parametrize(
    ("where", "at"), [("flush", 0), ("flush", 3), ("fill", 0), ("fill", 4), ("skip", 2), ("commit", 0)]
)
def test_a_transaction_that_dies_leaves_every_account_as_it_was(
    park: Park, log: Log, monkeypatch: pytest.MonkeyPatch, where: str, at: int
) -> None:
    log.submit([park.reading(seq) for seq in (2, 9, 4)])
    lines = [
        *(park.reading(seq) for seq in (12, 1, 3, 20, 15, 16)),
        *(loss(park, "electricity", seq, seq, seq) for seq in (5, 6, 7)),
        *(park.reading(seq, stream="gas") for seq in (3, 6, 9, 12, 15, 18, 1, 2)),
    ]
    owner, name = {
        "flush": (StreamAnswers, "flush"),
        "fill": (GapRepository, "fill"),
        "skip": (GapRepository, "skip"),
        "commit": (SessionTransaction, "commit"),
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _fails(getattr(owner, name), 0 if where == "commit" else at))
        with pytest.raises(OSError, match="disk"):
            log.submit(lines)
    account(park.database)
    for outcome in log.submit(lines).outcomes:
        assert not accepted(outcome).repeated
    account(park.database)
