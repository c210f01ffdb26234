"""A range in detail, streams page by page, ranges of one state: what is asked for by seeks, and by whose devices."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from attestation.statements import Loss
from ledger.coverage import RangeState
from ledger.errors import OutOfRange
from ledger.log import Log

from .conftest import ENTERPRISE, METER, Park, accepted


@pytest.fixture
def holed(park: Park, log: Log) -> Log:
    """Electricity holds 1, 2, 7 and 12: 3, 4, 6 and 8 to 11 are open, 5 is lost. Gas holds 2."""
    log.submit([park.reading(seq) for seq in (1, 2, 7, 12)])
    body = Loss(device=METER, stream="electricity", first_seq=5, last_seq=5, reason="flooded")
    accepted(log.submit([park.sign("loss", ENTERPRISE, park.enterprise, "losses", 1, body)]).outcomes[0])
    log.submit([park.reading(2, stream="gas")])
    return log


@pytest.mark.parametrize(
    ("first", "last", "ranges"),
    [
        (1, None, [(3, 4), (5, 5), (6, 6), (8, 11)]),
        (4, 5, [(3, 4), (5, 5)]),
        (1, 2, []),
        (7, 7, []),
        (9, 10, [(8, 11)]),
        (11, 12, [(8, 11)]),
        (5, 5, [(5, 5)]),
    ],
)
def test_ranges_that_meet_a_range_come_whole(
    park: Park, holed: Log, first: int, last: int | None, ranges: list[tuple[int, int]]
) -> None:
    found = park.view().covered(METER, "electricity", first, last)
    assert found is not None
    assert [(one.first_seq, one.last_seq) for one in found.ranges] == ranges
    assert [one.state is RangeState.LOST for one in found.ranges] == [one == (5, 5) for one in ranges]
    assert found.coverage == park.view().coverage(METER, "electricity", first, last)


def test_a_range_in_detail_is_refused_where_the_stream_ends(park: Park, holed: Log) -> None:
    with pytest.raises(OutOfRange) as caught:
        park.view().covered(METER, "electricity", 12, 13)
    assert caught.value.rule == "coverage.range"
    assert park.view().covered(METER, "nothing") is None


def test_only_ranges_of_one_state_are_listed_where_one_is_asked_for(park: Park, holed: Log) -> None:
    view = park.view()
    listed = {state: view.gaps(ENTERPRISE, after=None, limit=9, state=state) for state in (None, *RangeState)}
    assert [one.first_seq for one in listed[RangeState.LOST]] == [5]
    assert [one.first_seq for one in listed[RangeState.OPEN]] == [3, 6, 8, 1]
    assert len(listed[None]) == 5
    lost = view.gaps(ENTERPRISE, after=listed[RangeState.LOST][0].place, limit=9, state=RangeState.LOST)
    assert lost == []


@pytest.mark.parametrize("size", [1, 2, 10])
def test_streams_of_an_enterprise_and_its_devices_come_in_pages(park: Park, holed: Log, size: int) -> None:
    view, after, names = park.view(), None, []
    while page := view.streams_covered(ENTERPRISE, after=after, limit=size):
        assert len(page) <= size
        names += [(one.issuer, one.stream) for one in page]
        after = names[-1]
    assert names == [(ENTERPRISE, "losses"), (METER, "electricity"), (METER, "gas")]
    assert [one.stream for one in view.streams_covered(METER)] == ["electricity", "gas"]


def test_devices_are_found_by_their_parent_and_ranges_by_their_seq(park: Park, holed: Log) -> None:
    """No plan reads a table from end to end, however many identifiers, ranges and entries there are."""
    seen: list[tuple[str, object]] = []
    engine = park.database.engine

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    park.view().gaps(ENTERPRISE, after=None, limit=9, state=RangeState.LOST)
    park.view().streams_covered(ENTERPRISE, limit=2)
    park.view().covered(METER, "electricity", 4, 9)
    event.remove(engine, "before_cursor_execute", note)
    assert len(seen) >= 10
    if not park.database.is_sqlite:
        return
    steps = []
    with engine.connect() as connection:
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            steps += [str(step) for *_, step in plan]
    assert any("ix_identifiers_parent" in step for step in steps)
    scans = ("SCAN gaps", "SCAN losses", "SCAN skips", "SCAN entries", "SCAN identifiers", "SCAN streams")
    assert not [step for step in steps if step.startswith(scans)]
