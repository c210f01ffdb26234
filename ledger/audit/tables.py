"""An archive's tables against those that its evidence gives, row by row: a view that says something else is named.

Tables are no evidence, but people read them before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.archive.layout import TABLES
from ledger.archive.reading import Archive
from ledger.archive.tables.columns import View
from ledger.archive.tables.dictionary import dictionary
from ledger.archive.tables.making import README, ROWS, part_name, view_rows
from ledger.archive.tables.text import Lines, csv_head
from ledger.archive.tables.views import views_of
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Area, Divergences
from ledger.db.base import Database

_RULE: Final = "audit.table"
_SHOWN: Final = 300
_MOST: Final = 100
"""Rows of one member that are told one by one: where entries are gone, thousands follow."""


def compare_tables(
    archive: Archive, log: LogEvidence, scratch: Database, divergences: Divergences, *, chain: bool
) -> dict[str, int]:
    """Compare every member of the tables; rows by member, nothing for an archive without. ``chain``: whether the chain
    was projected into ``scratch``; without, what follows from it is not looked at. Raises ``Malformed``."""
    with_chain = archive.about.head is not None
    left = {name for name in archive.names() if name.startswith(TABLES)}
    if not left:
        return {}
    checked: dict[str, int] = {}
    _page(archive, left, dictionary(chain=with_chain), divergences)
    with scratch.read() as session:
        for view in views_of(chain=with_chain):
            if view.chain and not chain:
                left -= {
                    name for name in left if name.removeprefix(TABLES).partition(".")[0].split("-")[0] == view.name
                }
                continue
            members: list[_Member] = []
            lines = Lines(view)
            for number, row in enumerate(view_rows(view, log, log.count(), session)):
                if number % ROWS == 0:
                    _end(members, checked)
                    members = _begin(archive, view, number // ROWS, divergences)
                    left.difference_update(one.name for one in members)
                for member, line in zip(members, lines.both(row), strict=True):
                    member.expect(line)
            if not members:
                members = _begin(archive, view, 0, divergences)
                left.difference_update(one.name for one in members)
            _end(members, checked)
    for name in sorted(left):
        divergences.add(Area.FILE, name, _RULE, "a table", "no table of this name")
    return checked


def _page(archive: Archive, left: set[str], text: str, divergences: Divergences) -> None:
    page = _Member(archive, TABLES + README, divergences)
    for line in text.encode().splitlines(keepends=True):
        page.expect(line)
    page.end()
    left.discard(TABLES + README)


def _begin(archive: Archive, view: View, part: int, divergences: Divergences) -> list[_Member]:
    names = [TABLES + part_name(view.name, part, suffix) for suffix in ("csv", "jsonl")]
    members = [_Member(archive, name, divergences) for name in names]
    members[0].expect_head(csv_head(view))
    return members


def _end(members: list[_Member], checked: dict[str, int]) -> None:
    for member in members:
        member.end()
        checked[member.name] = member.row


class _Member:
    """One member, held against its rows in their order. Rows that are missing or too many shift those behind them: one
    row ahead is looked at, so that each is told once."""

    def __init__(self, archive: Archive, name: str, divergences: Divergences) -> None:
        self.name = name
        self.row = 0
        """Rows that there should be so far."""
        self._divergences = divergences
        self._there = name in archive
        self._lines: Iterator[bytes] = archive.raw_lines(name) if self._there else iter(())
        self._ahead: bytes | None = None
        self._doubt: tuple[int, bytes, bytes] | None = None
        self._told = 0
        if not self._there:
            divergences.add(Area.FILE, name, _RULE, "no member", "a table")

    def expect_head(self, line: bytes) -> None:
        """The first line of a CSV."""
        found = next(self._lines, None) if self._there else line
        if found != line:
            self._differs("head", found, line)

    def expect(self, line: bytes) -> None:
        """The next row."""
        self.row += 1
        if not self._there:
            return
        if self._doubt is not None:
            number, expected, instead = self._doubt
            self._doubt = None
            self._differs(f"row {number}", None if instead == line else instead, expected)
            if instead == line:
                return
        found = self._next()
        if found == line:
            return
        if found is None:
            self._differs(f"row {self.row}", None, line)
            return
        self._ahead = self._next()
        if self._ahead == line:
            self._differs(f"row {self.row}", found, "no such row")
            self._ahead = None
        else:
            self._doubt = (self.row, line, found)

    def end(self) -> None:
        """There is no further row."""
        if self._doubt is not None:
            number, expected, instead = self._doubt
            self._differs(f"row {number}", instead, expected)
            self._doubt = None
        row = self.row
        while (found := self._next()) is not None:
            row += 1
            self._differs(f"row {row}", found, "no such row")
        if self._told > _MOST:
            further = f"{self._told - _MOST} further rows that differ"
            self._divergences.add(Area.FILE, self.name, _RULE, further, "none")

    def _next(self) -> bytes | None:
        found, self._ahead = self._ahead, None
        return next(self._lines, None) if found is None else found

    def _differs(self, place: str, found: bytes | None, expected: bytes | str) -> None:
        self._told += 1
        if self._told > _MOST:
            return
        shown = "no such row" if found is None else _text(found)
        wanted = expected if isinstance(expected, str) else _text(expected)
        self._divergences.add(Area.FILE, f"{self.name} {place}", _RULE, shown, wanted)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")[:_SHOWN]
