"""Law 5: SQL is a projection that can be dropped and rebuilt to the same rows."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections import namedtuple
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.db.base import Base, Database
from ledger.db.migrate import upgrade
from ledger.errors import Integrity, LedgerError, Retryable, StoreRefused
from ledger.rebuild import DERIVED, EVIDENCE, NEITHER, rebuild
from ledger.rebuild.run import shutil as of_rebuild
from tests.ledger.engines import ENGINES, fresh_postgres, migrated_sqlite
from tests.ledger.fsck.stores import Made, Maker
from tests.ledger.rebuild.damage import connect, damage, every_row


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store as the programs made it."""
    return Maker(tmp_path_factory.mktemp("rebuild")).make()


@pytest.fixture
def made(sound: Made, tmp_path: Path) -> Made:
    """A copy of it."""
    copy = tmp_path / "log.sqlite3"
    shutil.copyfile(sound.path, copy)
    return Made(copy, sound.trust)


@pytest.fixture(params=ENGINES)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """A store on each engine."""
    url = None
    if request.param == "postgresql":
        url = fresh_postgres(request.getfixturevalue("postgres"))
    return Maker(tmp_path).make(url)


def refused(made: Made, rule: str, kind: type[LedgerError]) -> LedgerError:
    with pytest.raises(kind) as caught:
        rebuild(made.url, made.trust, chain=None)
    assert caught.value.rule == rule
    assert caught.value.message_zh != caught.value.message
    return caught.value


def test_every_table_is_evidence_derived_or_neither(tmp_path: Path) -> None:
    database = migrated_sqlite(tmp_path / "log.sqlite3")
    upgrade(database)
    with database.engine.connect() as connection:
        query = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = set(connection.scalars(query)) - {"alembic_version"}
    database.close()
    assert not DERIVED & set(EVIDENCE) | DERIVED & set(NEITHER) | set(EVIDENCE) & set(NEITHER)
    assert tables == DERIVED | set(EVIDENCE) | set(NEITHER)
    assert set(Base.metadata.tables) >= DERIVED


def test_a_sound_store_has_the_same_rows_afterwards(either: Made) -> None:
    before = every_row(either.url)
    rebuilt = rebuild(either.url, either.trust, chain=None)
    assert rebuilt.changed == {}
    assert rebuilt.entries == len(before["entries"])
    assert rebuilt.rows["gaps"] == len(before["gaps"])
    assert every_row(either.url) == before
    assert either.faults() == []


@pytest.mark.parametrize("seed", range(3))
def test_rows_altered_deleted_and_added_are_as_before_the_damage(either: Made, seed: int) -> None:
    before = every_row(either.url)
    done = damage(either.url, seed)
    assert len(done) > 25
    assert every_row(either.url) != before
    told: list[str] = []
    rebuilt = rebuild(either.url, either.trust, chain=None, found=lambda fault: told.append(fault.table))
    assert {line.split()[1] for line in done} - {"checkpoints", "log_state"} <= set(rebuilt.changed)
    assert set(told) <= set(rebuilt.changed)
    assert every_row(either.url) == before
    assert either.faults() == []
    database = Database(either.url)
    with database.write() as session:
        # An engine that counts apart from the rows goes on after them.
        session.execute(text("INSERT INTO streams (issuer, name, last_seq, count, closed_seq, closed_until, head_seq,"
                             " head_start, head_end) VALUES ('a', 'b', 0, 0, 0, 0, 0, 0, 0)"))  # fmt: skip
    database.close()


def test_tables_that_are_gone_are_made_again(made: Made) -> None:
    before = every_row(made.url)
    with connect(made.url) as connection:
        for name in ("labels", "skips", "device_events", "streams", "tiles", "log_state"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.commit()
    rebuilt = rebuild(made.url, made.trust, chain=None)
    assert rebuilt.changed["labels"] == 2
    assert set(rebuilt.changed) == {"device_events", "labels", "skips", "streams", "tiles"}
    assert every_row(made.url) == before


def test_streams_that_changed_their_names_or_numbers_have_their_own_again(made: Made) -> None:
    before = every_row(made.url)
    made.sql("UPDATE streams SET name = CASE id WHEN 1 THEN 'electricity' ELSE 'keys' END WHERE id IN (1, 2)")
    made.sql("UPDATE entries SET stream_id = stream_id + 900 WHERE idx % 2 = 1 AND idx > 4")
    made.sql("UPDATE entries SET seq = seq + 10000")
    rebuild(made.url, made.trust, chain=None)
    assert every_row(made.url) == before


def test_a_wish_that_is_gone_is_asked_for_again_in_its_place(made: Made) -> None:
    wishes = "SELECT id, op_id, kind, position, payload, state FROM outbox ORDER BY id"
    before = made.sql(wishes)
    assert [row[2] for row in before] == ["enrol", "enrol", "enrol", "anchor"]
    made.sql("DELETE FROM outbox WHERE id = 2")
    assert rebuild(made.url, made.trust, chain=None).changed == {"outbox": 1}
    assert made.sql(wishes) == before


def test_wishes_of_another_order_are_sent_in_that_of_the_log(made: Made) -> None:
    wishes = "SELECT id, op_id, kind, position, payload, state FROM outbox ORDER BY id"
    before = made.sql(wishes)
    first, second = [row[0] for row in before if row[2] != "anchor"][:2]
    made.sql("UPDATE outbox SET id = -1 WHERE id = ?", first)
    made.sql("UPDATE outbox SET id = ? WHERE id = ?", first, second)
    made.sql("UPDATE outbox SET id = ? WHERE id = -1", second)
    assert rebuild(made.url, made.trust, chain=None).changed == {"outbox": 2}
    assert made.sql(wishes) == before


@pytest.mark.parametrize("engine", ENGINES)
def test_a_store_that_a_process_has_open_is_refused(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = fresh_postgres(request.getfixturevalue("postgres")) if engine == "postgresql" else None
    made = Maker(tmp_path).make(url)
    before = every_row(made.url)
    service = Database(made.url)
    with service.read() as session:
        session.execute(text("SELECT 1 FROM log_state")).all()
    error = refused(made, "rebuild.in_use", Retryable)
    assert "stopped" in error.expected
    service.close()
    assert rebuild(made.url, made.trust, chain=None).changed == {}
    assert every_row(made.url) == before


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        ("UPDATE entries SET entry = zeroblob(80) WHERE idx = 100", "rebuild.evidence"),
        ("DELETE FROM entries WHERE idx = 100", "rebuild.evidence"),
        ("UPDATE checkpoints SET note = replace(note, char(10), '') WHERE size > 4", "rebuild.evidence"),
        ("DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries)", "rebuild.entries"),
    ],
    ids=["another entry", "an entry gone", "another checkpoint", "the last entry gone"],
)
def test_from_evidence_that_does_not_hold_nothing_is_made(made: Made, spoil: str, rule: str) -> None:
    made.sql(spoil)
    before = every_row(made.url)
    refused(made, rule, Integrity)
    assert every_row(made.url) == before


def test_what_is_no_store_of_this_program_is_refused(made: Made, tmp_path: Path) -> None:
    made.sql("UPDATE alembic_version SET version_num = '0001'")
    refused(made, "rebuild.schema", StoreRefused)
    refused(Made(made.path, made.trust, "mysql://localhost/x"), "rebuild.database", StoreRefused)
    refused(Made(made.path, made.trust, "no url"), "rebuild.database", StoreRefused)
    refused(Made(tmp_path / "none.sqlite3", made.trust), "store.unavailable", Retryable)
    assert not (tmp_path / "none.sqlite3").exists()
    (tmp_path / "text.sqlite3").write_text("no database at all" * 99)
    refused(Made(tmp_path / "text.sqlite3", made.trust), "store.unavailable", Retryable)


def test_without_room_nothing_begins(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(of_rebuild, "disk_usage", lambda _folder: usage(10, 9, 1))
    refused(made, "rebuild.space", Retryable)


def _die(url: str, trust: object, step: int) -> None:
    def progress(name: str, done: int, _every: int) -> None:
        if (name, done) == ("write", step):
            os.kill(os.getpid(), signal.SIGKILL)

    rebuild(url, trust, chain=None, progress=progress)  # type: ignore[arg-type] # a trust file, pickled


@pytest.mark.parametrize("step", [1, 20, 0])
def test_a_kill_leaves_the_store_as_it_was_or_whole(made: Made, step: int) -> None:
    """``step``: of writing, from the end where it is not above 0; the last one comes before the end of the
    transaction."""
    before = every_row(made.url)
    damage(made.url, 7)
    damaged = every_row(made.url)
    steps: list[int] = []
    probe = made.path.with_name("probe.sqlite3")
    shutil.copyfile(made.path, probe)
    rebuild(f"sqlite:///{probe}", made.trust, chain=None, progress=lambda _name, _done, every: steps.append(every))
    at = step if step > 0 else steps[-1] + step
    process = multiprocessing.get_context("spawn").Process(target=_die, args=(made.url, made.trust, at))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert every_row(made.url) == damaged
    rebuild(made.url, made.trust, chain=None)
    assert every_row(made.url) == before
