"""Queries over accepted entries, their streams, and equivocations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from sqlalchemy import Select, func, literal, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.db.gaps import of_body
from ledger.db.log_models import NOT_A_READING, Entry, Equivocation, LogState, Stream

_COLUMNS = (
    "idx", "stream_id", "seq", "type", "statement_id", "leaf_hash", "accepted_at", "period_start", "period_end",
    "entry",
)  # fmt: skip
_ENTRY_VALUES = itemgetter(*_COLUMNS)
_INSERT_ENTRY = f"INSERT INTO entries ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - names of ours
_HEAD_COLUMNS = ("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end")
_HEAD_VALUES = attrgetter(*_HEAD_COLUMNS, "id")
_MOVE_HEAD = f"UPDATE streams SET {', '.join(f'{name} = ?' for name in _HEAD_COLUMNS)} WHERE id = ?"  # noqa: S608 - names of ours

READING = "reading"
CLOSE = "close"


class MovedHead(Protocol):
    """Where a stream stands, with the words of the table ``streams``."""

    id: int
    last_seq: int
    count: int
    closed_seq: int
    closed_until: int
    head_seq: int
    head_start: int
    head_end: int


class EntryRepository:
    """Reads and writes of ``log_state``, ``streams``, ``entries`` and ``equivocations`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def initialise(self, origin: str) -> None:
        """Create the log's one state row, unless another process was quicker."""
        dialect = sqlite if self._session.get_bind().dialect.name == "sqlite" else postgresql
        row = {"id": 1, "origin": origin, "epoch": 0, "next_index": 0, "tree_size": 0}
        self._session.execute(dialect.insert(LogState).values(**row).on_conflict_do_nothing())

    def state(self, *, lock: bool = False) -> LogState:
        """The log's state row; with ``lock`` no other writer moves it until this transaction ends."""
        query = select(LogState).where(LogState.id == 1)
        return self._session.scalars(query.with_for_update() if lock else query).one()

    def stream(self, issuer: str, name: str) -> Stream | None:
        """The stream's row."""
        return self._session.scalars(select(Stream).where(Stream.issuer == issuer, Stream.name == name)).one_or_none()

    def streams_named(self, places: Collection[tuple[str, str]]) -> Sequence[Stream]:
        """The rows of those (issuer, name) that exist."""
        return self._session.scalars(select(Stream).where(tuple_(Stream.issuer, Stream.name).in_(places))).all()

    def move_heads(self, heads: Sequence[MovedHead]) -> None:
        """Write where streams stand now."""
        self._run_many(_MOVE_HEAD, [_HEAD_VALUES(head) for head in heads])

    def require_stream(self, stream_id: int) -> Stream:
        """The stream of an entry that exists."""
        return self._session.get_one(Stream, stream_id)

    def streams_of(self, issuer: str, after: tuple[str, str] | None, limit: int) -> Sequence[Stream]:
        """Streams of an issuer and of its devices, by issuer and name, above ``after``."""
        query = select(Stream).where(of_body(issuer))
        if after is not None:
            query = query.where(tuple_(Stream.issuer, Stream.name) > tuple_(*(literal(part) for part in after)))
        return self._session.scalars(query.order_by(Stream.issuer, Stream.name).limit(limit)).all()

    def add_stream(self, issuer: str, name: str) -> Stream:
        """A new, empty stream with its key assigned."""
        stream = Stream(
            issuer=issuer,
            name=name,
            last_seq=0,
            count=0,
            closed_seq=0,
            closed_until=0,
            head_seq=0,
            head_start=0,
            head_end=0,
        )
        self._session.add(stream)
        self._session.flush()
        return stream

    def insert_entries(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert many entries in one statement. Keys are the columns of ``entries``."""
        self._run_many(_INSERT_ENTRY, [_ENTRY_VALUES(row) for row in rows])

    def _run_many(self, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
        # Through the driver: the toolkit's own way costs as much as the insert itself.
        if values:
            connection = self._session.connection()
            mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
            connection.exec_driver_sql(statement.replace("?", mark), list(values))

    def entry(self, index: int) -> Entry | None:
        """The entry at a log position."""
        return self._session.get(Entry, index)

    def require(self, index: int) -> Entry:
        """The entry at a log position that must be there."""
        return self._session.get_one(Entry, index)

    def send(self) -> None:
        """Send changed rows to the database, in this transaction."""
        self._session.flush()

    def at(self, stream_id: int, seq: int) -> Entry | None:
        """The entry at a stream's sequence number."""
        return self._session.scalars(select(Entry).where(Entry.stream_id == stream_id, Entry.seq == seq)).one_or_none()

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of positions ``start`` ≤ index < ``end``, in order; 32 bytes each."""
        query = select(Entry.leaf_hash).where(Entry.index >= start, Entry.index < end).order_by(Entry.index)
        return list(self._session.scalars(query))

    def reading_below(self, stream_id: int, seq: int) -> Entry | None:
        """The logged reading with the greatest sequence number below ``seq``."""
        query = _readings(stream_id).where(Entry.seq < seq).order_by(Entry.seq.desc()).limit(1)
        return self._session.scalars(query).one_or_none()

    def reading_above(self, stream_id: int, seq: int) -> Entry | None:
        """The logged reading with the smallest sequence number above ``seq``."""
        query = _readings(stream_id).where(Entry.seq > seq).order_by(Entry.seq).limit(1)
        return self._session.scalars(query).one_or_none()

    def closes_around(self, stream_id: int, seq: int) -> tuple[Entry | None, Entry | None]:
        """The closest close above ``seq``, and the close before that one."""
        closes = select(Entry).where(Entry.stream_id == stream_id, Entry.type == CLOSE, text(NOT_A_READING))
        above = self._session.scalars(closes.where(Entry.seq > seq).order_by(Entry.seq).limit(1)).one_or_none()
        if above is None:
            return None, None
        query = closes.where(Entry.seq < above.seq).order_by(Entry.seq.desc()).limit(1)
        return above, self._session.scalars(query).one_or_none()

    def count_readings(self, stream_id: int, after_seq: int, up_to_seq: int) -> int:
        """How many readings are logged with ``after_seq`` < seq ≤ ``up_to_seq``."""
        # All less what is no reading: both from an index alone, where the type would cost a row each.
        places = (Entry.stream_id == stream_id, Entry.seq > after_seq, Entry.seq <= up_to_seq)
        every = select(func.count()).select_from(Entry).where(*places)
        others = self._session.scalar(every.where(text(NOT_A_READING))) or 0
        return (self._session.scalar(every) or 0) - others

    def span(self, stream_id: int, first_seq: int, last_seq: int) -> Iterator[Entry]:
        """Entries of a stream's range in sequence order, streamed."""
        query = (
            select(Entry)
            .where(Entry.stream_id == stream_id, Entry.seq >= first_seq, Entry.seq <= last_seq)
            .order_by(Entry.seq)
            .execution_options(yield_per=1000)
        )
        return iter(self._session.scalars(query))

    def keep_equivocation(self, entry_index: int, statement_id: bytes, entry: bytes, refused_at: int) -> None:
        """Keep a refused second statement as evidence, once; at most eight per place."""
        query = select(Equivocation.statement_id).where(Equivocation.entry_index == entry_index)
        kept = set(self._session.scalars(query))
        if statement_id in kept or len(kept) >= _KEPT_PER_PLACE:
            return
        self._session.add(
            Equivocation(entry_index=entry_index, statement_id=statement_id, entry=entry, refused_at=refused_at)
        )
        self._session.flush()

    def equivocations(self, entry_index: int) -> Sequence[Equivocation]:
        """What was refused at an accepted entry's place."""
        return self._session.scalars(select(Equivocation).where(Equivocation.entry_index == entry_index)).all()


# One key holder could otherwise fill the disk by signing ever new statements for one place; eight prove the point.
_KEPT_PER_PLACE = 8


def _readings(stream_id: int) -> Select[Entry]:
    return select(Entry).where(Entry.stream_id == stream_id, Entry.type == READING)
