"""The way of a tonne over a real case: what counts is what was verified; each step has its leaf (DOMAIN 10, 44)."""

from __future__ import annotations

import pytest

from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.history import HistoryReader, Tonne
from tests.ledger.mirrored import Mirror, casework


@pytest.fixture
def mirror(database: Database) -> Mirror:
    return Mirror(database)


def way_of(mirror: Mirror) -> Tonne:
    found = HistoryReader(mirror.database, mirror.parameters).tonne(mirror.case.works, casework.YEAR)
    assert found is not None
    return found


def stages(way: Tonne) -> list[str]:
    return [step.stage for step in way.steps]


def test_the_way_grows_with_the_case(mirror: Mirror) -> None:
    reader = HistoryReader(mirror.database, mirror.parameters)
    assert reader.tonne(mirror.case.works, casework.YEAR) is None
    case = mirror.case
    case.appoint()
    case.report()
    way = way_of(mirror)
    assert (way.verdict, way.registration, way.verified, way.registered) == (None, None, None, None)
    assert way.report is not None
    verdict = case.verify()
    way = way_of(mirror)
    assert way.verified == way.reported
    case.at(20)
    case.register(verdict)
    way = way_of(mirror)
    assert (way.registered, way.determined) == (way.verified, False)
    assert [one for one in stages(way) if one != "plan"] == [
        "factors",
        "assignment",
        "report",
        "verification",
        "registration",
    ]


def test_every_step_has_the_leaf_of_its_entry(mirror: Mirror) -> None:
    case = mirror.case
    case.appoint()
    case.report()
    case.verify()
    way = way_of(mirror)
    with mirror.database.read() as session:
        entries = EntryRepository(session)
        for step in way.steps:
            row = entries.require(step.hit.index)
            assert (step.hit.leaf_hash, step.hit.type) == (row.leaf_hash, row.type)
        assert way.report is not None
        assert way.report.leaf_hash == entries.require(way.report.index).leaf_hash


def test_lines_come_out_again_from_the_published_factors(mirror: Mirror) -> None:
    mirror.case.appoint()
    mirror.case.report()
    way = way_of(mirror)
    assert way.lines
    for line in way.lines:
        assert line.trace is not None
        assert line.trace["emissions"] == line.reported
        assert line.trace["steps"]
    assert way.totals is not None


def test_domain_10_a_determined_figure_has_no_report_under_it(mirror: Mirror) -> None:
    mirror.memory.now = 1_711_900_800  # 31 March 2024 is over in UTC+8 (DOMAIN 11)
    mirror.case.determine()
    way = way_of(mirror)
    assert (way.determined, way.report, way.verdict, way.lines) == (True, None, None, ())
    assert way.registration is not None
    assert stages(way) == ["determination"]
