"""Acceptance: durable, exactly once, a refusal alone, a promise that a stranger can check."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Close
from ledger import promises
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Entry, Equivocation, KeyRow, LogState, Stream
from ledger.errors import HistoryDiverged, SignatureInvalid
from ledger.log import Accepted, Log, Refused
from ledger.merkle import leaf_hash, tree_root

from .conftest import METER, ORIGIN, QUARTER, START, Park, accepted, instant, refused


def test_what_was_signed_is_what_is_logged(log: Log, park: Park) -> None:
    entry = park.reading(1)
    ref = accepted(log.submit([entry]).outcomes[0]).ref
    seen = park.view().entry(ref.index)
    assert seen is not None
    assert seen.entry == entry
    assert seen.leaf_hash == leaf_hash(entry) == ref.leaf_hash


def test_indices_are_gapless_in_the_order_of_acceptance(log: Log, park: Park) -> None:
    first = log.submit([park.reading(1), b"nonsense", park.reading(2)]).outcomes
    second = log.submit([park.reading(3)]).outcomes
    indices = [item.ref.index for item in (*first, *second) if isinstance(item, Accepted)]
    assert indices == [3, 4, 5]


def test_one_bad_line_among_good_ones_is_refused_alone(log: Log, park: Park) -> None:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    meter, park.meter = park.meter, stranger
    forged = park.reading(2)
    park.meter = meter
    outcomes = log.submit([park.reading(1), forged, park.reading(2)]).outcomes
    assert [isinstance(item, Accepted) for item in outcomes] == [True, False, True]
    assert refused(outcomes[1]).error.rule == "key.unknown"
    assert park.view().size() == 5


def test_the_same_statement_again_gets_the_first_acceptance(log: Log, park: Park) -> None:
    entry = park.reading(1)
    first = accepted(log.submit([entry]).outcomes[0])
    park.clock.now += 500
    again = log.submit([entry, entry])
    for outcome in again.outcomes:
        assert accepted(outcome).repeated
        assert accepted(outcome).ref == first.ref
        assert accepted(outcome).accepted_at == first.accepted_at
    assert again.promise is None
    assert park.view().size() == 4


def test_the_same_statement_twice_in_one_call_enters_once(log: Log, park: Park) -> None:
    entry = park.reading(1)
    one, two = (accepted(outcome) for outcome in log.submit([entry, entry]).outcomes)
    assert (one.repeated, two.repeated, one.ref) == (False, True, two.ref)


def test_equivocation_is_refused_and_both_are_kept(log: Log, park: Park, database: Database) -> None:
    first, second = park.reading(1, "3.17"), park.reading(1, "3.18")
    index = accepted(log.submit([first]).outcomes[0]).ref.index
    error = refused(log.submit([second]).outcomes[0]).error
    assert (error.step, error.rule) == (6, "sequence.equivocation")
    log.submit([second])
    with database.read() as session:
        kept = session.scalars(select(Equivocation)).all()
    assert [(row.entry_index, row.entry) for row in kept] == [(index, second)]
    seen = park.view().entry(index)
    assert seen is not None
    assert seen.entry == first
    assert seen.equivocations == 1


def test_at_most_eight_contradictions_are_kept_per_place(log: Log, park: Park) -> None:
    index = accepted(log.submit([park.reading(1, "1.00")]).outcomes[0]).ref.index
    log.submit([park.reading(1, f"2.{number:02}") for number in range(12)])
    seen = park.view().entry(index)
    assert seen is not None
    assert seen.equivocations == 8


def test_an_equivocation_with_a_forged_signature_is_not_kept(log: Log, park: Park) -> None:
    index = accepted(log.submit([park.reading(1)]).outcomes[0]).ref.index
    head, body, signature = park.reading(1, "9.99").split(b".")
    forged = b".".join([head, body, signature[:-6] + b"AAAAAA"])
    refused(log.submit([forged]).outcomes[0])
    seen = park.view().entry(index)
    assert seen is not None
    assert seen.equivocations == 0


def test_a_gap_is_accepted_reported_open_and_can_be_filled(log: Log, park: Park) -> None:
    outcome = accepted(log.submit([park.reading(5)]).outcomes[0])
    assert outcome.opens_gap == (1, 4)
    log.submit([park.reading(2)])
    stream = park.view().stream(METER, "electricity")
    assert stream is not None
    assert (stream.last_seq, stream.count, stream.missing, stream.gaps) == (5, 2, 3, ((1, 1), (3, 4)))
    for seq in (1, 3, 4):
        accepted(log.submit([park.reading(seq)]).outcomes[0])
    stream = park.view().stream(METER, "electricity")
    assert stream is not None
    assert (stream.missing, stream.gaps) == (0, ())


def test_a_late_reading_must_lie_between_its_neighbours(log: Log, park: Park) -> None:
    log.submit([park.reading(1), park.reading(5)])
    error = refused(log.submit([park.reading(3, start=START + 5 * 900)]).outcomes[0]).error
    assert error.step == 11
    accepted(log.submit([park.reading(3)]).outcomes[0])


def test_a_close_that_counts_wrong_is_refused_with_both_figures(log: Log, park: Park) -> None:
    log.submit([park.reading(seq) for seq in (1, 2, 3)])
    span = {"start": instant(START), "end": instant(START + 4 * 900)}

    def close(count: int) -> bytes:
        return park.sign("close", METER, park.meter, "electricity", 4, Close(**span, last_seq=3, count=count))

    error = refused(log.submit([close(2)]).outcomes[0]).error
    assert (error.step, error.value) == (11, "2")
    accepted(log.submit([close(3)]).outcomes[0])
    stream = park.view().stream(METER, "electricity")
    assert stream is not None
    assert (stream.closed_seq, stream.closed_until) == (4, START + 4 * 900)


def test_the_promise_binds_exactly_the_new_entries(log: Log, park: Park) -> None:
    log.submit([park.reading(1)])
    batch = [park.reading(2), park.reading(1), b"x", park.reading(3)]
    result = log.submit(batch)
    assert result.promise is not None
    promise = promises.verify(result.promise, park.log_key.public, ORIGIN)
    assert (promise.first_index, promise.count) == (4, 2)
    assert promise.leaves_root == tree_root([leaf_hash(batch[0]), leaf_hash(batch[3])])
    assert promise.integrate_by == promise.accepted_at + 60


def test_a_promise_for_one_entry_is_the_same_each_time(log: Log, park: Park) -> None:
    result = log.submit([park.reading(1)])
    park.clock.now += 1000
    assert result.promise == log.promise_for(accepted(result.outcomes[0]).ref.index)


def test_a_promise_by_another_key_or_for_another_log_is_refused(log: Log, park: Park) -> None:
    token = log.submit([park.reading(1)]).promise
    assert token is not None
    with pytest.raises(SignatureInvalid, match=r"promise\.signature"):
        promises.verify(token, PrivateKey.generate(Algorithm.ED25519).public, ORIGIN)
    with pytest.raises(SignatureInvalid, match=r"promise\.log"):
        promises.verify(token, park.log_key.public, "other/log")


def test_a_key_enrolled_in_a_call_signs_from_the_next_line_on(log: Log, park: Park) -> None:
    second = PrivateKey.generate(Algorithm.ED25519)
    identifier = "88.608.5288/A_METER_2"
    enrol = park.key(identifier, Kind.DEVICE, second, Purpose.DEVICE, parent="88.608.5288/A")
    body_of_first = park.reading(1)
    meter, park.meter = park.meter, second
    reading = park.sign("reading", identifier, second, "heat", 1, _reading_body(park, body_of_first))
    park.meter = meter
    early, key, late = log.submit([reading, enrol, reading]).outcomes
    assert refused(early).error.rule == "identifier.unknown"
    accepted(key)
    accepted(late)


def _reading_body(park: Park, entry: bytes):  # type: ignore[no-untyped-def]  # whatever the entry holds
    from attestation.statements import examine

    return examine(entry, ORIGIN).body


def test_a_failure_half_way_leaves_nothing(
    log: Log, park: Park, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("ledger.log.effects.apply", fail)
    with pytest.raises(OSError, match="disk full"):
        log.submit([park.reading(1), park.reading(2)])
    monkeypatch.undo()
    with database.read() as session:
        assert session.get_one(LogState, 1).next_index == 3
        assert len(session.scalars(select(Entry)).all()) == 3
        assert [row.name for row in session.scalars(select(Stream)).all()] == ["keys"]
        assert len(session.scalars(select(KeyRow)).all()) == 3
    assert accepted(log.submit([park.reading(1)]).outcomes[0]).ref.index == 3


def test_concurrent_callers_get_distinct_gapless_indices(log: Log, park: Park) -> None:
    batches = [[park.reading(seq, stream=f"s{number}") for seq in range(1, 26)] for number in range(4)]
    results: list[int] = []
    guard = threading.Lock()

    def work(batch: list[bytes]) -> None:
        for at in range(0, len(batch), 5):
            found = [accepted(item).ref.index for item in log.submit(batch[at : at + 5]).outcomes]
            with guard:
                results.extend(found)

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == list(range(3, 103))


def test_the_same_line_in_two_calls_at_once_enters_once(log: Log, park: Park) -> None:
    batch = [park.reading(seq) for seq in range(1, 51)]
    found: list[list[Accepted]] = []

    def work() -> None:
        found.append([accepted(item) for item in log.submit(batch).outcomes])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({tuple(item.ref.index for item in one) for one in found}) == 1
    assert sum(not item.repeated for one in found for item in one) == 50


def test_a_store_of_another_log_is_refused(log: Log, park: Park, database: Database) -> None:
    other = park.parameters.__class__("other/log/00", bytes(32), "x", park.registrar.public, None)
    with pytest.raises(HistoryDiverged, match=r"log\.origin"):
        Log(database, other, park.log_key).open()


def test_the_time_of_acceptance_is_taken_when_it_is_this_writers_turn(park: Park, log: Log) -> None:
    outcomes: list[Accepted | Refused] = []
    submit = threading.Thread(target=lambda: outcomes.extend(log.submit([park.reading(1)]).outcomes))
    with park.database.write() as session:
        EntryRepository(session).state(lock=True)
        submit.start()
        submit.join(0.3)
        park.clock.now += 70
    submit.join(20)
    assert accepted(outcomes[0]).accepted_at == park.clock.now


def test_late_readings_of_a_closed_period_are_counted_once_and_not_above_its_count(
    park: Park, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Close(start=instant(START), end=instant(START + 12 * QUARTER), last_seq=10, count=9)
    log.submit([park.reading(seq) for seq in (1, 5)])
    accepted(log.submit([park.sign("close", METER, park.meter, "electricity", 11, close)]).outcomes[0])
    scans: list[str] = []
    for name in ("count_readings", "closes_around"):
        real = getattr(EntryRepository, name)

        def counted(*args: Any, real: Any = real, name: str = name) -> Any:
            scans.append(name)
            return real(*args)

        monkeypatch.setattr(EntryRepository, name, counted)
    late = log.submit([park.reading(seq) for seq in (2, 3, 4, 6, 7, 8, 9, 10)]).outcomes
    assert [isinstance(outcome, Accepted) for outcome in late] == [True] * 7 + [False]
    assert refused(late[-1]).error.rule == "sequence.closed_count"
    assert sorted(scans) == ["closes_around", "count_readings"]
