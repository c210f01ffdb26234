"""Rows of a long transaction are read once, and no more than some thousands are held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from ledger.db.base import Base, Database
from ledger.db.chain_models import ChainBlockRow
from ledger.db.log_models import Stream
from ledger.fsck import held_rows
from ledger.fsck.held_rows import HeldRows


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'scratch.sqlite3'}")
    Base.metadata.create_all(database.engine)
    with Session(database.writer, expire_on_commit=False) as opened:
        yield opened
    database.close()


def _write(session: Session, number: int) -> None:
    session.add(ChainBlockRow(number=number, hash=bytes([number]) * 32, parent=bytes(32)))
    session.flush()


def _reads(session: Session, table: type[Base], key: object, times: int) -> int:
    """How many queries it takes to ask for a row so many times, each time forgetting it."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(times):
            assert session.get(table, key) is not None
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_a_row_that_is_held_is_read_once(session: Session) -> None:
    _write(session, 1)
    assert _reads(session, ChainBlockRow, 1, 3) == 3
    HeldRows(session)
    assert _reads(session, ChainBlockRow, 1, 3) == 1


def test_a_row_that_was_written_is_held_too(session: Session) -> None:
    HeldRows(session)
    _write(session, 1)
    assert _reads(session, ChainBlockRow, 1, 3) == 0


def test_what_was_let_go_is_read_as_others_wrote_it(session: Session) -> None:
    held = HeldRows(session)
    _write(session, 1)
    session.execute(text(f"UPDATE {ChainBlockRow.__tablename__} SET parent = hash"))
    held.let_go()
    found = session.get(ChainBlockRow, 1)
    assert found is not None
    assert found.parent == found.hash
    del found
    assert _reads(session, ChainBlockRow, 1, 2) == 2


def test_streams_are_not_held_since_they_are_written_past_the_session(session: Session) -> None:
    HeldRows(session)
    numbers = ("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end")
    session.add(Stream(id=1, issuer="88.608.5288/A", name="s", **dict.fromkeys(numbers, 0)))
    session.flush()
    assert _reads(session, Stream, 1, 2) == 2


def test_the_oldest_row_makes_room(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_rows, "_MOST", 2)
    HeldRows(session)
    for number in (1, 2, 3):
        _write(session, number)
    assert [_reads(session, ChainBlockRow, number, 1) for number in (3, 2, 1)] == [0, 0, 1]
