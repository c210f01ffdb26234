"""Search over entries: newest or oldest first, a page at a time.

Readings are by far the most of a log and say a quantity and nothing else: they are searched where they are asked for
by their type, everything else otherwise. What needs the words of an entry is decoded and looked at, at most
``LOOKED_AT`` entries a page, so that a page has a bound whatever it finds; a page may be empty and have a next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, text
from sqlalchemy.orm import Session

from attestation.keys import Kind
from ledger.db.entries import READING, EntryRepository
from ledger.db.log_models import NOT_A_READING, Entry, IdentifierRow, Stream
from ledger.history import references
from ledger.history.hits import Effect, Hit, effects_of, payload_of, shown
from ledger.subjects import about, entries_about

HITS_SHOWN = 100
"""A page holds at most this many."""
LOOKED_AT = 2_000
"""Entries whose words one page looks at."""
READINGS_PASSED = 50_000
"""Log positions that one page of readings passes."""
_AT_A_TIME = 500
_PARTS = (Kind.DEVICE.value, Kind.PERSON.value)

MayRead = Callable[[str, str, Sequence[str]], bool]
"""Whether the caller may read what an issuer signed, of a type, about those."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; everything that is given must hold. ``identifier``: who signed (its devices and persons too),
    whom it is about, or whom it names. ``order``, ``operation``: 32 bytes. ``account``: the holder's identifier.
    ``text``: anywhere in the words of the body, whatever the case. ``since``, ``until``: accepted at (unix seconds),
    both included."""

    identifier: str | None = None
    account: str | None = None
    serial: str | None = None
    order: bytes | None = None
    operation: bytes | None = None
    type: str | None = None
    text: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page. ``next``: the log position after which the next one begins, in the same order; None: that was all.
    ``size``: how many entries the log had."""

    hits: tuple[Hit, ...]
    next: int | None
    size: int


def search(
    session: Session, question: Question, may_read: MayRead, *, newest: bool, after: int | None, limit: int
) -> Found:
    """The next ``limit`` entries beyond log position ``after`` that answer it, of what the caller may read."""
    return _Search(session, question, may_read, newest).page(after, limit)


class _Search:
    def __init__(self, session: Session, question: Question, may_read: MayRead, newest: bool) -> None:
        self._session, self._question, self._may_read, self._newest = session, question, may_read, newest
        self._referred = self._referred_to()
        self._of_them = frozenset[str]()
        self._about_them = frozenset[int]()
        if question.identifier is not None:
            self._of_them = _belonging(session, question.identifier)
            self._about_them = frozenset(entries_about(session, question.identifier))
        self._words = None if question.text is None else question.text.casefold()

    def page(self, after: int | None, limit: int) -> Found:
        """See ``search``."""
        size = EntryRepository(self._session).state().next_index
        start = (size if self._newest else -1) if after is None else min(after, size)
        hits: list[tuple[Entry, str, str, tuple[str, ...], Mapping[str, Any]]] = []
        passed = start
        for position, found in self._looked_at(start, size):
            passed = position
            if found is not None:
                hits.append(found)
                if len(hits) == limit:
                    break
        more = self._left_over(passed, size)
        effects = effects_of(self._session, [row.index for row, *_ in hits])
        nothing: tuple[Effect, ...] = ()
        return Found(
            tuple(
                shown(row, issuer, stream, about=whom, body=body, effects=effects.get(row.index, nothing))
                for row, issuer, stream, whom, body in hits
            ),
            passed if more else None,
            size,
        )

    def _looked_at(
        self, start: int, size: int
    ) -> Iterator[tuple[int, tuple[Entry, str, str, tuple[str, ...], Mapping[str, Any]] | None]]:
        """Every candidate in order by its position, with what there is to show where it is a hit; and at last how far
        the page came."""
        indexes = self._candidates(start, size)
        for first in range(0, len(indexes), _AT_A_TIME):
            some = indexes[first : first + _AT_A_TIME]
            query = select(Entry, Stream).join(Stream, Stream.id == Entry.stream_id).where(Entry.index.in_(some))
            order = Entry.index.desc() if self._newest else Entry.index
            for row, stream in self._session.execute(query.order_by(order)):
                yield row.index, self._hit(row, stream)
        if self._question.type == READING:
            yield self._reading_bound(start, size), None

    def _hit(self, row: Entry, stream: Stream) -> tuple[Entry, str, str, tuple[str, ...], Mapping[str, Any]] | None:
        body = payload_of(row.entry)
        if self._question.identifier is not None and not self._concerns(row, stream, body):
            return None
        if self._words is not None and not any(self._words in each.casefold() for each in _texts(body)):
            return None
        whom: tuple[str, ...] = () if row.type == READING else about(self._session, row.type, row.index)
        if not self._may_read(stream.issuer, row.type, whom):
            return None
        return row, stream.issuer, stream.name, whom, body

    def _concerns(self, row: Entry, stream: Stream, body: Mapping[str, Any]) -> bool:
        if stream.issuer in self._of_them or row.index in self._about_them:
            return True
        return any(each == self._question.identifier for each in _texts(body))

    def _candidates(self, start: int, size: int) -> Sequence[int]:
        question = self._question
        if self._referred is not None:
            beyond = (one for one in self._referred if (one < start if self._newest else one > start))
            wanted = sorted(beyond, reverse=self._newest)
            chosen: list[int] = []
            for first in range(0, len(wanted), _AT_A_TIME):
                some = wanted[first : first + _AT_A_TIME]
                query = select(Entry.index).where(Entry.index.in_(some), *self._conditions())
                chosen += self._session.scalars(query)
            return sorted(chosen, reverse=self._newest)[:LOOKED_AT]
        if question.type == READING:
            bound = self._reading_bound(start, size)
            low, high = (bound, start) if self._newest else (start + 1, bound + 1)
            place = Entry.index
            query = select(place).where(place >= low, place < high, *self._conditions())
            query = query.where(Stream.issuer.in_(self._of_them)) if self._of_them else query
            query = query.join(Stream, Stream.id == Entry.stream_id)
            return self._session.scalars(query.order_by(place.desc() if self._newest else place)).all()
        return self._session.scalars(self._others(start).limit(LOOKED_AT)).all()

    def _others(self, start: int) -> Select[int]:
        # The plus keeps the engine from walking the log by position, past a million readings: the index of what is no
        # reading holds the positions.
        place: ColumnElement[int] = literal_column("+idx")
        query = select(Entry.index).where(text(NOT_A_READING), place < start if self._newest else place > start)
        return query.where(*self._conditions()).order_by(place.desc() if self._newest else place)

    def _conditions(self) -> list[ColumnElement[bool]]:
        question = self._question
        found: list[ColumnElement[bool]] = []
        if question.type is not None:
            found.append(Entry.type == question.type)
        if question.since is not None:
            found.append(Entry.accepted_at >= question.since)
        if question.until is not None:
            found.append(Entry.accepted_at <= question.until)
        return found

    def _left_over(self, passed: int, size: int) -> bool:
        """Whether there are candidates beyond those that the page looked at."""
        if self._referred is None and self._question.type == READING:
            return passed > 0 if self._newest else passed < size - 1
        if self._referred is not None:
            return bool(self._candidates(passed, size))
        return self._session.scalar(self._others(passed).limit(1)) is not None

    def _reading_bound(self, start: int, size: int) -> int:
        if self._newest:
            return max(0, start - READINGS_PASSED)
        return min(size - 1, start + READINGS_PASSED)

    def _referred_to(self) -> set[int] | None:
        """The positions of what is referred to by order, operation, serial and account, all of them together; None
        where nothing is."""
        question, session = self._question, self._session
        found: list[set[int]] = []
        if question.order is not None:
            found.append(references.of_order(session, question.order))
        if question.operation is not None:
            found.append(references.of_operation(session, question.operation))
        if question.serial is not None:
            found.append(references.of_serial(session, question.serial))
        if question.account is not None:
            found.append(references.of_account(session, question.account))
        return set.intersection(*found) if found else None


def _belonging(session: Session, identifier: str) -> frozenset[str]:
    row = IdentifierRow
    # An enterprise is below its park and is not its part.
    parts = session.scalars(select(row.identifier).where(row.parent == identifier, row.kind.in_(_PARTS)))
    return frozenset({identifier, *parts})


def _texts(value: object) -> Iterator[str]:
    """Every text and number in a body, wherever it stands."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
