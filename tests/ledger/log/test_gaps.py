"""What is open, lost and filled, whatever is sent in whatever order; and what it costs to ask."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest
from alembic import command
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event, text

from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Close, Loss, Reading, RevokeKey, prove_rotation
from ledger.context import LogParameters
from ledger.coverage import GapView, Mark, RangeState
from ledger.db.migrate import configuration, upgrade
from ledger.errors import OutOfRange
from ledger.log import Log
from ledger.view import LogView

from .conftest import ENTERPRISE, METER, QUARTER, START, Park, accepted, instant, refused
from .test_differential import STEP, Pair, memory

EDGE = memory.NOW - 40 * 86_400
OTHER, OTHER_METER = "88.608.5289/other", "88.608.5289/meter"
STREAMS = ("a", "b")
numbers = itertools.count()


class GapPair(Pair):
    """Two logs of one park, and the view of the one with tables."""

    def __init__(self, folder: Path) -> None:
        number = next(numbers)
        super().__init__(folder, number)
        for identifier, kind, purposes, parent in (
            (OTHER, Kind.ENTERPRISE, Purpose.STATEMENT, memory.PARK),
            (OTHER_METER, Kind.DEVICE, Purpose.DEVICE, OTHER),
        ):
            self.submit([self.park.sign_key(self.park.key_body(identifier, kind, purposes, parent=parent))])
        parameters = LogParameters(memory.ORIGIN, bytes(32), memory.PARK, self.park.log.registrar, None)
        self.view = LogView(self.database, parameters)

    def reading(self, iss: str, stream: str, seq: int, meter: str | None = None) -> bytes:
        """Hours around the one that ended 40 days ago, so that both sides of DOMAIN 43's edge occur."""
        start = EDGE + (seq - 6) * STEP
        body = Reading(
            start=format_instant(start), end=format_instant(start + STEP), quantity="1", unit="MWh", meter=meter
        )
        return self.park.sign("reading", body, iss=iss, stream=stream, seq=seq)

    def close(self, stream: str, seq: int, count: int) -> bytes:
        start = max(0, self.park.log.stream(memory.METER, stream).closed_seq)
        body = Close(
            start=format_instant(EDGE + (start - 6) * STEP),
            end=format_instant(EDGE + (seq - 6) * STEP),
            last_seq=seq - 1,
            count=count,
        )
        return self.park.sign("close", body, iss=memory.METER, stream=stream, seq=seq)

    def loss(self, iss: str, stream: str, first: int, last: int, place: tuple[str, int | None]) -> bytes:
        body = Loss(device=memory.METER, stream=stream, first_seq=first, last_seq=last, reason="flooded meter pit")
        return self.park.sign("loss", body, iss=iss, stream=place[0], seq=place[1])


class Streams(RuleBasedStateMachine):
    """Readings in any order, closes, losses by whoever, refills; each judged alike by both logs."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.pair = GapPair(self.folder)
        self.sent: list[bytes] = []

    def send(self, *entries: bytes) -> None:
        self.pair.submit(list(entries))
        self.sent.extend(entries)

    @rule(stream=st.sampled_from(STREAMS), seqs=st.lists(st.integers(1, 14), min_size=1, max_size=4))
    def read(self, stream: str, seqs: list[int]) -> None:
        self.send(*(self.pair.reading(memory.METER, stream, seq) for seq in seqs))

    @rule(
        stream=st.sampled_from(("hand", "a")),
        seq=st.integers(1, 8),
        meter=st.sampled_from((None, memory.METER, OTHER_METER)),
    )
    def read_by_hand(self, stream: str, seq: int, meter: str | None) -> None:
        self.send(self.pair.reading(memory.WORKS, stream, seq, meter))

    @rule(stream=st.sampled_from(STREAMS), above=st.integers(0, 4), count=st.integers(0, 6))
    def close(self, stream: str, above: int, count: int) -> None:
        seq = max(1, self.pair.park.log.stream(memory.METER, stream).last_seq + above)
        self.send(self.pair.close(stream, seq, count))

    @rule(
        iss=st.sampled_from((memory.METER, memory.WORKS, OTHER, OTHER_METER)),
        stream=st.sampled_from(STREAMS),
        first=st.integers(0, 15),
        more=st.integers(-1, 4),
        place=st.sampled_from((("losses", None), ("a", None), ("a", 3), ("b", 5))),
    )
    def lose(self, iss: str, stream: str, first: int, more: int, place: tuple[str, int | None]) -> None:
        self.send(self.pair.loss(iss, stream, first, first + more, place))

    @rule(stream=st.sampled_from(STREAMS), seq=st.integers(1, 14))
    def rotate(self, stream: str, seq: int) -> None:
        """What else a device signs into a stream, at any place of it."""
        old, new = self.pair.park.keys[memory.METER], PrivateKey.generate(Algorithm.ED25519)
        body = prove_rotation(**self.pair.park.new_key(memory.METER, new, Purpose.DEVICE))
        self.send(self.pair.park.sign("key", body, iss=memory.METER, stream=stream, seq=seq))
        if self.pair.park.log.key(memory.METER, old.public.kid_name).revoked_index is not None:
            self.pair.park.keys[memory.METER] = new

    @precondition(lambda self: any(self.open(stream) for stream in STREAMS))
    @rule(data=st.data(), own=st.booleans())
    def lose_what_is_open(self, data: st.DataObject, own: bool) -> None:
        stream = data.draw(st.sampled_from([stream for stream in STREAMS if self.open(stream)]))
        first, last = data.draw(st.sampled_from(self.open(stream)))
        low = data.draw(st.integers(first, last))
        high = data.draw(st.integers(low, last))
        self.send(self.pair.loss(memory.METER if own else memory.WORKS, stream, low, high, ("losses", None)))
        assert self.pair.park.log.loss_of(memory.METER, stream, low) is not None

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        self.send(data.draw(st.sampled_from(self.sent)))

    def open(self, stream: str) -> list[tuple[int, int]]:
        return runs(self.pair.park.log.open_seqs(memory.METER, stream))

    @invariant()
    def open_lost_and_filled_are_a_partition(self) -> None:
        log, view = self.pair.park.log, self.pair.view
        listed = view.gaps(memory.WORKS, after=None, limit=1_000)
        assert [gap.place for gap in listed] == sorted(gap.place for gap in listed)
        for issuer, stream in [(memory.METER, name) for name in (*STREAMS, "losses")] + [(memory.WORKS, "hand")]:
            found = view.stream(issuer, stream)
            logged = {e.statement.seq: e for e in log._in(issuer, stream)}
            assert (found is None) == (not logged)
            if found is None:
                continue
            here = [gap for gap in listed if (gap.issuer, gap.stream) == (issuer, stream)]
            lost = [seq for gap in here if gap.state is RangeState.LOST for seq in range(*ends(gap))]
            still = [seq for gap in here if gap.state is RangeState.OPEN for seq in range(*ends(gap))]
            assert Counter([*lost, *still, *logged]) == Counter(range(1, found.last_seq + 1))
            assert set(still) == log.open_seqs(issuer, stream)
            assert list(found.gaps) == runs(set(still))
            for gap in here:
                loss = log.loss_of(issuer, stream, gap.first_seq)
                assert gap.entry_index == (None if loss is None else loss.index)

    def covered(self, issuer: str, stream: str) -> None:
        highest = self.pair.park.log.stream(issuer, stream).last_seq
        still = self.pair.park.log.open_seqs(issuer, stream)
        lost = {seq for seq in range(1, highest) if self.pair.park.log.loss_of(issuer, stream, seq) is not None}
        for first, last in ((1, highest), (2, highest), (1, highest - 1), (3, 7)):
            if not 1 <= first <= last <= highest:
                continue
            found = self.pair.view.coverage(issuer, stream, first, last)
            entries = [e for e in self.pair.park.log._in(issuer, stream) if first <= e.statement.seq <= last]
            marked = Counter(mark for e in entries for mark in self.marks(e))
            assert found is not None
            assert (found.device, found.backfilled, found.manual, found.late) == tuple(marked[mark] for mark in Mark)
            assert found.other == sum(e.statement.type != "reading" for e in entries)
            assert (found.open, found.lost) == tuple(
                len([seq for seq in part if first <= seq <= last]) for part in (still, lost)
            )
            whole = found.device + found.backfilled + found.manual + found.other + found.open + found.lost
            assert whole == last - first + 1

    def marks(self, logged: object) -> tuple[Mark, ...]:
        """By looking at every entry before."""
        statement, index = logged.statement, logged.index
        if statement.type != "reading":
            return ()
        mark = Mark.DEVICE if memory.NOW - logged.verdict.period[1] <= 40 * 86_400 else Mark.BACKFILLED
        if statement.iss == memory.WORKS:
            mark = Mark.MANUAL
        before = (e for e in self.pair.park.log._in(statement.iss, statement.stream) if e.index < index)
        return (mark, Mark.LATE) if any(e.statement.seq > statement.seq for e in before) else (mark,)

    def teardown(self) -> None:
        for issuer, stream in [(memory.METER, name) for name in (*STREAMS, "losses")] + [(memory.WORKS, "hand")]:
            self.covered(issuer, stream)
        for logged in self.pair.park.log.entries:
            seen = self.pair.view.entry(logged.index)
            assert seen is not None
            assert seen.marks == self.marks(logged)
        self.pair.database.close()


def ends(gap: GapView) -> tuple[int, int]:
    return gap.first_seq, gap.last_seq + 1


def runs(seqs: set[int]) -> list[tuple[int, int]]:
    firsts = sorted(seq for seq in seqs if seq - 1 not in seqs)
    return [(first, next(seq for seq in itertools.count(first) if seq + 1 not in seqs)) for first in firsts]


def test_both_logs_keep_the_same_account_of_every_stream(tmp_path: Path) -> None:
    machine = type("StreamsHere", (Streams,), {"folder": tmp_path})
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))


@pytest.fixture
def gapped(park: Park, log: Log) -> Log:
    """The meter's stream holds 1 to 3 and 8; 4 to 7 are open (entries 3 to 6)."""
    for outcome in log.submit([park.reading(seq) for seq in (1, 2, 3, 8)]).outcomes:
        accepted(outcome)
    return log


def loss(park: Park, first: int, last: int, seq: int = 1) -> bytes:
    body = Loss(device=METER, stream="electricity", first_seq=first, last_seq=last, reason="meter replaced")
    return park.sign("loss", ENTERPRISE, park.enterprise, "losses", seq, body)


def test_a_loss_and_what_it_forbids_in_one_transaction(park: Park, gapped: Log) -> None:
    outcomes = gapped.submit([loss(park, 4, 6), park.reading(5), park.reading(7), loss(park, 7, 7, 2)]).outcomes
    assert accepted(outcomes[0]).ref.index == 7
    assert refused(outcomes[1]).error.rule == "sequence.lost"
    assert "entry 7" in refused(outcomes[1]).error.expected
    assert accepted(outcomes[2]).ref.index == 8
    assert refused(outcomes[3]).error.rule == "loss.not_open"
    assert [gap.place for gap in park.view().gaps(METER, after=None, limit=9)] == [(METER, "electricity", 4)]


def test_a_key_statement_at_a_lost_seq_is_refused_alone(park: Park, gapped: Log) -> None:
    """Whoever shares a bulk request with a meter that revokes itself there loses nothing by it."""
    body = RevokeKey(thumbprint=park.meter.public.kid_name, identifier=METER)
    lines = [park.reading(9), park.sign("key", METER, park.meter, "electricity", 5, body), park.reading(10)]
    outcomes = gapped.submit([loss(park, 4, 6), *lines]).outcomes
    assert refused(outcomes[2]).error.rule == "sequence.lost"
    assert [accepted(outcome).ref.index for outcome in (outcomes[0], outcomes[1], outcomes[3])] == [7, 8, 9]


def test_the_same_loss_again_is_answered_with_its_first_acceptance(park: Park, gapped: Log) -> None:
    entry = loss(park, 4, 7)
    first = accepted(gapped.submit([entry]).outcomes[0])
    again = accepted(gapped.submit([entry]).outcomes[0])
    assert (again.ref.index, again.repeated) == (first.ref.index, True)


def test_a_key_that_was_revoked_loses_nothing(park: Park, gapped: Log) -> None:
    body = RevokeKey(thumbprint=park.enterprise.public.kid_name, identifier=ENTERPRISE)
    gapped.submit([park.sign("key", ENTERPRISE, park.enterprise, "keys", 1, body)])
    assert refused(gapped.submit([loss(park, 4, 7)]).outcomes[0]).error.rule == "key.revoked"
    assert [gap.state for gap in park.view().gaps(ENTERPRISE, after=None, limit=9)] == [RangeState.OPEN]


def test_gaps_come_in_pages_that_miss_and_repeat_nothing(park: Park, log: Log) -> None:
    for stream in ("electricity", "gas", "heat"):
        log.submit([park.reading(seq, stream=stream) for seq in (3, 6, 9, 12)])
    log.submit([loss(park, 4, 4), loss(park, 8, 8, 2)])
    view = park.view()
    whole = view.gaps(ENTERPRISE, after=None, limit=100)
    assert len(whole) == 4 + 4 + 4 + 2
    for size in (1, 3, 5):
        pages: list[GapView] = []
        while page := view.gaps(ENTERPRISE, after=pages[-1].place if pages else None, limit=size):
            assert len(page) <= size
            pages += page
        assert pages == whole
    assert [(gap.reason, gap.entry_index) for gap in whole if gap.state is RangeState.LOST] == [
        ("meter replaced", 15),
        ("meter replaced", 16),
    ]
    assert view.gaps("88.608.1/nobody", after=None, limit=9) == []


def test_a_closed_stream_says_until_when_and_what_is_still_open(park: Park, gapped: Log) -> None:
    body = Close(start=instant(START), end=instant(START + 20 * QUARTER), last_seq=11, count=9)
    accepted(gapped.submit([park.sign("close", METER, park.meter, "electricity", 12, body)]).outcomes[0])
    accepted(gapped.submit([loss(park, 10, 11)]).outcomes[0])
    (found,) = park.view().streams_covered(METER)
    assert (found.closed_seq, found.closed_until) == (12, START + 20 * QUARTER)
    assert (found.gaps, found.missing, found.coverage.lost) == (((4, 7), (9, 9)), 5, 2)
    assert found == park.view().stream(METER, "electricity")


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 9), (9, 9), (-1, 3)])
def test_a_range_that_the_stream_does_not_have_is_refused(park: Park, gapped: Log, first: int, last: int) -> None:
    with pytest.raises(OutOfRange, match="range") as caught:
        park.view().coverage(METER, "electricity", first, last)
    assert (caught.value.rule, caught.value.value) == ("coverage.range", f"{first} to {last}")
    assert "1 to 8" in caught.value.expected
    assert park.view().coverage(METER, "nothing", first, last) is None


def test_a_reading_within_40_days_of_its_period_is_the_meter_s_own_catching_up(park: Park, log: Log) -> None:
    end = START + 2 * QUARTER
    for seq, wait, mark in ((1, 40 * 86_400, Mark.DEVICE), (2, 40 * 86_400 + 1, Mark.BACKFILLED)):
        park.clock.now = end + (seq - 1) * QUARTER + wait
        found = accepted(log.submit([park.reading(seq)]).outcomes[0])
        seen = park.view().entry(found.ref.index)
        assert seen is not None
        assert seen.marks == (mark,)
    covered = park.view().coverage(METER, "electricity")
    assert covered is not None
    assert (covered.device, covered.backfilled) == (1, 1)


def test_gaps_and_coverage_of_a_long_stream_are_found_by_seeks(park: Park, gapped: Log) -> None:
    """Whoever asks reads the ranges and the few entries apart, never the stream: the plans name no other way."""
    accepted(gapped.submit([loss(park, 4, 5)]).outcomes[0])
    statements: list[tuple[str, object]] = []
    engine, view = park.database.engine, park.view()

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if statement != "BEGIN":
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    view.gaps(ENTERPRISE, after=(METER, "electricity", 1), limit=10)
    listing = len(statements)
    view.coverage(METER, "electricity", 2, 7)
    view.stream(METER, "electricity")
    event.remove(engine, "before_cursor_execute", note)
    assert listing == 1
    assert not any("entries" in statement for statement, _ in statements[:listing])
    assert len(statements) <= 24
    if not park.database.is_sqlite:
        return
    with engine.connect() as connection:
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            for *_, step in plan:
                if "entries" in step:
                    assert "ix_entries_no_reading" in step or "ix_entries_backfilled" in step, (statement, step)
                assert not step.startswith(("SCAN gaps", "SCAN skips", "SCAN losses", "SCAN streams")), step


def test_a_small_range_far_up_is_covered_without_the_gaps_below(park: Park, gapped: Log) -> None:
    """With every second seq of a year missing, whoever asks for its last day would read the year's ranges."""
    seen: list[tuple[str, object]] = []
    engine = park.database.engine
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
    park.view().coverage(METER, "electricity", 7, 8)
    sums = [call for call in seen if "sum(" in call[0]]
    assert len(sums) == 3
    for statement, _ in sums:
        table = next(name for name in ("gaps", "skips", "losses") if f"FROM {name}" in statement)
        assert f"{table}.first_seq >= " in statement
        assert f"{table}.first_seq <= " in statement
    if park.database.is_sqlite:
        with engine.connect() as connection:
            for statement, parameters in sums:
                ((*_, step),) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
                assert "stream_id=? AND first_seq>? AND first_seq<?" in step


def test_a_close_is_looked_up_among_what_is_no_reading(park: Park, gapped: Log) -> None:
    body = Close(start=instant(START), end=instant(START + 20 * QUARTER), last_seq=11, count=9)
    accepted(gapped.submit([park.sign("close", METER, park.meter, "electricity", 12, body)]).outcomes[0])
    seen: list[tuple[str, object]] = []
    engine = park.database.engine
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
    accepted(gapped.submit([park.reading(5)]).outcomes[0])
    asked = [call for call in seen if "<> 'reading'" in call[0]]
    assert len(asked) == 3  # the close, the one before it, and what the count leaves out
    if park.database.is_sqlite:
        with engine.connect() as connection:
            for statement, parameters in asked:
                ((*_, step),) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
                assert "ix_entries_no_reading" in step


def test_the_migration_finds_the_gaps_of_the_entries_that_are_there(park: Park, log: Log) -> None:
    log.submit([park.reading(seq) for seq in (3, 9, 4, 7)])
    log.submit([park.reading(2, stream="gas")])
    query = "SELECT stream_id, first_seq, last_seq FROM {} ORDER BY stream_id, first_seq"
    with park.database.read() as session:
        before = {name: session.execute(text(query.format(name))).fetchall() for name in ("skips", "gaps")}
    assert len(before["skips"]) == 3
    assert len(before["gaps"]) == 4
    command.downgrade(configuration(park.database), "0006")
    upgrade(park.database)
    with park.database.read() as session:
        after = {name: session.execute(text(query.format(name))).fetchall() for name in ("skips", "gaps")}
    assert after == before


def test_a_log_with_losses_is_not_taken_back(park: Park, gapped: Log) -> None:
    accepted(gapped.submit([loss(park, 4, 5)]).outcomes[0])
    with pytest.raises(RuntimeError, match="loss statements"):
        command.downgrade(configuration(park.database), "0006")
    assert [gap.first_seq for gap in park.view().gaps(METER, after=None, limit=9)] == [4, 6]
