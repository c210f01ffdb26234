"""A copy of the SQLite store while the service writes to it, checked before it has its name.

SQLite's online backup copies the pages of one state, that of its first moment; in WAL mode nobody waits for it. A copy
appears under its name only whole, checked and flushed to disk.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger.errors import Integrity, Refusal, Retryable

# All in one step: between steps a write by another process would make it begin anew, under load for ever.
_ALL_PAGES: Final = -1
_BUSY_MS: Final = 30_000
_NEEDED: Final = frozenset({"alembic_version", "log_state", "entries", "checkpoints", "outbox"})
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")


class BackupRefused(Refusal):
    """A copy that cannot be made here, or a file that is no copy of a log."""


class BackupBroken(Integrity):
    """A file whose pages or rows contradict each other."""


class BackupUnavailable(Retryable):
    """The disk or the database did not allow it now; nothing was left behind."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A checked copy. Sizes of the log: ``accepted``, ``integrated``, ``anchored`` (0 where nothing is anchored)."""

    path: Path
    bytes: int
    origin: str
    epoch: int
    accepted: int
    integrated: int
    anchored: int
    revision: str


def take(source: Path, target: Path) -> Copy:
    """Copy the store ``source`` to ``target`` and check the copy.

    Holds everything that was acknowledged before the call. Raises ``BackupRefused`` (``backup.exists``: nothing is
    ever overwritten; ``backup.source``, ``backup.folder``), ``BackupBroken``, ``BackupUnavailable``.
    """
    if not source.is_file():
        raise _refused("backup.source", source, "a SQLite store", "There is no store", "该处没有数据库")
    _require_free(target)
    if not target.parent.is_dir():
        raise _refused("backup.folder", target.parent, "a directory", "There is no such directory", "没有该目录")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with _unavailable(target):
            # Made before SQLite opens it: nobody else may ever read it.
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            with closing(_open(source, "ro")) as old, closing(_open(draft, "rw")) as new:
                old.backup(new, pages=_ALL_PAGES)
                # One file, that needs no other beside it.
                new.execute("PRAGMA journal_mode=DELETE")
        found = check(draft)
        with _unavailable(target):
            _flush(draft)
            try:
                # A link fails where a rename would overwrite what came meanwhile.
                os.link(draft, target)
            except FileExistsError:
                _require_free(target)
                raise
            _flush(target.parent)
    finally:
        for side in ("", *_SIDE_FILES):
            draft.with_name(draft.name + side).unlink(missing_ok=True)
    return replace(found, path=target)


def check(path: Path) -> Copy:
    """Read a copy whole: SQLite's own check of every page and index, foreign keys, and that the log has no hole.

    Changes nothing. Raises ``BackupRefused`` (``backup.source``, ``backup.format``) and ``BackupBroken``
    (``backup.pages``, ``backup.keys``, ``backup.entries``).
    """
    if not path.is_file():
        raise _refused("backup.source", path, "a file that `tanlu backup` made", "There is no such file", "没有该文件")
    with _unavailable(path), closing(_open(path, "ro")) as store:
        return _checked(store, path)


def _checked(store: sqlite3.Connection, path: Path) -> Copy:
    tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= _NEEDED:
        missing = ", ".join(sorted(_NEEDED - tables))
        raise _refused("backup.format", path, f"tables {missing}", "This is no store of a log", "这不是日志数据库")
    found = store.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise _broken("backup.pages", found, "ok", "SQLite finds the file damaged", "SQLite 检查发现文件已损坏")
    dangling = store.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        text = "A row refers to one that is not there", "引用的行不存在"
        raise _broken("backup.keys", dangling, "rows that exist", *text)
    row = store.execute("SELECT origin, epoch, next_index, tree_size FROM log_state").fetchone()
    if row is None:
        raise _refused("backup.format", path, "one row of log_state", "The log was never opened", "日志尚未建立")
    origin, epoch, accepted, integrated = row
    entries = store.execute("SELECT count(*), min(idx), max(idx) FROM entries").fetchone()
    expected = (accepted, 0, accepted - 1) if accepted else (0, None, None)
    if entries != expected:
        raise _broken("backup.entries", entries, f"{accepted} entries", "The log has a hole", "日志记录不连续")
    anchored = store.execute(
        "SELECT coalesce(max(size), 0) FROM chain_anchors WHERE epoch = ? AND voided_number IS NULL", (epoch,)
    ).fetchone()[0]
    (revision,) = store.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    return Copy(path, path.stat().st_size, origin, epoch, accepted, integrated, anchored, revision)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    store = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    store.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    return store


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise BackupUnavailable(
            "The copy could not be made or read; nothing was left behind.",
            rule="backup.unavailable",
            value=str(error),
            expected=f"room and permission at {path}, and a database that answers",
            message_zh="无法制作或读取备份，未留下任何文件。",
        ) from error
    except sqlite3.DatabaseError as error:
        damaged = ("The file is damaged", "文件已损坏")
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            damaged = (
                "This is no SQLite file, or its beginning is destroyed",
                "文件不是 SQLite 数据库，或其开头已损坏",
            )
        raise _broken("backup.pages", error, "a whole SQLite file", *damaged) from error


def _require_free(target: Path) -> None:
    if os.path.lexists(target):
        raise _refused(
            "backup.exists", target, "a new name", "A backup never overwrites a file", "备份不会覆盖已有文件"
        )


def _refused(rule: str, value: object, expected: str, text: str, text_zh: str) -> BackupRefused:
    return BackupRefused(
        f"{text}: {value}.", rule=rule, value=value, expected=expected, message_zh=f"{text_zh}：{value}。"
    )


def _broken(rule: str, value: object, expected: str, text: str, text_zh: str) -> BackupBroken:
    return BackupBroken(
        f"{text}: {value}.", rule=rule, value=value, expected=expected, message_zh=f"{text_zh}：{value}。"
    )
