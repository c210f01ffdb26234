"""What the audit reads of figures is what was signed, and the killer meets the moment it waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.identifiers import account_id
from ledger.chain import outbox
from ledger.chain.operations import Kind
from ledger.db.base import Database
from tests.faults.figure_moments import Aim, Moment, on_their_way, wait_for
from tests.faults.figures import Figure, figures_of
from tests.ledger.engines import migrated_sqlite
from tests.ledger.mirrored import Mirror, casework


def test_figures_are_read_from_the_logged_bytes_alone(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    case = mirror.case
    case.appoint()
    expected = []
    for revision in (1, 2):
        report = case.report() if revision == 1 else case.resubmit("80.00")
        verdict = case.verify()
        case.at(20 * revision)
        body = case.register(verdict).body
        leaves = report.leaf_hash.hex(), verdict.leaf_hash.hex()
        expected.append(Figure(account_id(case.works).hex(), casework.YEAR, revision, body.tonnes, *leaves))
    entries = [logged.statement.entry for logged in mirror.memory.entries]
    assert figures_of(entries) == expected
    assert expected[0].tonnes > expected[1].tonnes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = migrated_sqlite(tmp_path / "store.sqlite3")
    yield made
    made.close()


def enqueue(database: Database, kind: Kind, number: int) -> None:
    with database.write() as session:
        outbox.enqueue(session, op_id=bytes([number]) * 32, kind=kind, position=number, payload={}, now=1)


def test_the_moment_is_that_of_one_more_figure_and_of_nothing_else(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    enqueue(database, Kind.REGISTER, 1)
    enqueue(database, Kind.ASSIGN, 2)
    assert on_their_way(file, Aim.FIGURE) == {Moment.ACCEPTED: 1}
    assert on_their_way(file, Aim.FILL) == {}
    enters = threading.Timer(0.2, enqueue, (database, Kind.REGISTER, 3))
    began = time.monotonic()
    enters.start()
    assert wait_for(file, Aim.FIGURE, Moment.ACCEPTED, 20)
    enters.join(20)
    assert time.monotonic() - began >= 0.2
    assert not wait_for(file, Aim.FIGURE, Moment.ACCEPTED, 0.1), "what was there before is not the moment"
    assert not wait_for(file, Aim.FIGURE, Moment.SENT, 0.1)
