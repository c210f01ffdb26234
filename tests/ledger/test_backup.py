"""A copy taken while the service writes: whole, consistent, and with everything that was acknowledged before."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import backup
from ledger.backup import BackupBroken, BackupRefused, check, take

DEADLINE = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small store by hand: what the copy looks at, without a log's work."""
    path = tmp_path / "log.sqlite3"
    with sqlite3.connect(path) as made:
        made.executescript(
            """
            PRAGMA journal_mode=WAL;
            CREATE TABLE alembic_version (version_num TEXT);
            INSERT INTO alembic_version VALUES ('0001');
            CREATE TABLE log_state (origin TEXT, epoch INTEGER, next_index INTEGER, tree_size INTEGER);
            INSERT INTO log_state VALUES ('park/log', 0, 0, 0);
            CREATE TABLE entries (idx INTEGER PRIMARY KEY, entry BLOB);
            CREATE TABLE equivocations (id INTEGER PRIMARY KEY, entry_index INTEGER REFERENCES entries (idx));
            CREATE TABLE checkpoints (size INTEGER);
            CREATE TABLE outbox (id INTEGER);
            CREATE TABLE chain_anchors (epoch INTEGER, size INTEGER, voided_number INTEGER);
            """
        )
    return path


def _accept(path: Path, first: int, count: int) -> None:
    with sqlite3.connect(path, timeout=DEADLINE) as writer:
        writer.executemany(
            "INSERT INTO entries VALUES (?, ?)", ((n, os.urandom(500)) for n in range(first, first + count))
        )
        writer.execute("UPDATE log_state SET next_index = ?", (first + count,))
    writer.close()


def test_a_copy_under_load_is_whole_and_has_all_that_was_acknowledged_before(store: Path, tmp_path: Path) -> None:
    acknowledged, stop = [0], threading.Event()

    def load() -> None:
        while not stop.is_set():
            _accept(store, acknowledged[0], 100)
            acknowledged[0] += 100

    writer = threading.Thread(target=load)
    writer.start()
    try:
        while acknowledged[0] < 2_000:
            stop.wait(0.01)
        for number in range(5):
            before = acknowledged[0]
            copy = take(store, tmp_path / f"copy{number}")
            assert copy.accepted >= before
            assert copy.accepted % 100 == 0
            assert check(copy.path) == copy
        assert acknowledged[0] > copy.accepted - 100, "nobody waited for the copies"
    finally:
        stop.set()
        writer.join(DEADLINE)


def test_a_copy_is_one_file_that_only_its_owner_reads_and_the_store_is_as_it_was(store: Path, tmp_path: Path) -> None:
    _accept(store, 0, 10)
    folder = tmp_path / "copies"
    folder.mkdir()
    take(store, folder / "copy")
    assert [path.name for path in folder.iterdir()] == ["copy"]
    assert (folder / "copy").stat().st_mode & 0o077 == 0
    check(folder / "copy")
    assert [path.name for path in folder.iterdir()] == ["copy"]
    assert check(store).accepted == 10


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: path.symlink_to("nowhere")])
def test_nothing_is_overwritten(store: Path, tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "copy")
    with pytest.raises(BackupRefused) as refusal:
        take(store, tmp_path / "copy")
    assert refusal.value.rule == "backup.exists"
    assert refusal.value.message_zh
    assert (tmp_path / "copy").is_symlink() or (tmp_path / "copy").read_text() == "mine"


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(path: Path) -> backup.Copy:
        (tmp_path / "copy").write_text("mine")
        return check(path)

    monkeypatch.setattr(backup, "check", taken)
    with pytest.raises(BackupRefused):
        take(store, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_missing_places_are_named_and_nothing_is_left_behind(store: Path, tmp_path: Path) -> None:
    for source, target, rule in [
        (tmp_path / "none", tmp_path / "copy", "backup.source"),
        (store, tmp_path / "none" / "copy", "backup.folder"),
    ]:
        with pytest.raises(BackupRefused) as refusal:
            take(source, target)
        assert refusal.value.rule == rule
    (tmp_path / "text").write_text("no database, and longer than a header of one hundred bytes" * 4)
    with pytest.raises(BackupBroken):
        take(tmp_path / "text", tmp_path / "copy")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".", "copy"))]


def _sql(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as writer:
        writer.execute("PRAGMA foreign_keys=OFF")
        writer.execute(statement)
    writer.close()


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda path: _sql(path, "DELETE FROM entries WHERE idx = 5"), "backup.entries"),
        (lambda path: _sql(path, "DELETE FROM entries WHERE idx = 19"), "backup.entries"),
        (lambda path: _sql(path, "UPDATE entries SET idx = 100 WHERE idx = 19"), "backup.entries"),
        (lambda path: _sql(path, "INSERT INTO equivocations VALUES (1, 77)"), "backup.keys"),
        (lambda path: os.truncate(path, path.stat().st_size // 2), "backup.pages"),
        (lambda path: path.write_bytes(b"x" * 5_000), "backup.pages"),
    ],
)
def test_a_damaged_copy_is_found_out(store: Path, tmp_path: Path, spoil: Callable[[Path], object], rule: str) -> None:
    _accept(store, 0, 20)
    copy = take(store, tmp_path / "copy").path
    spoil(copy)
    with pytest.raises(BackupBroken) as broken:
        check(copy)
    assert broken.value.rule == rule
    assert broken.value.message_zh


def test_a_file_that_never_was_a_store_is_said_to_be_perhaps_none(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing of a database\n" * 100)
    with pytest.raises(BackupBroken) as broken:
        check(tmp_path / "notes")
    assert broken.value.message.startswith("This is no SQLite file, or its beginning is destroyed")
    assert "不是 SQLite 数据库" in broken.value.message_zh


def test_another_database_is_no_copy_of_a_log(tmp_path: Path) -> None:
    _sql(tmp_path / "other", "CREATE TABLE t (x)")
    with pytest.raises(BackupRefused) as refusal:
        check(tmp_path / "other")
    assert refusal.value.rule == "backup.format"
