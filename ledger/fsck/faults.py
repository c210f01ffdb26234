"""What a check finds: one bad value, named by table, key and column."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from attestation.errors import shorten

_CONTEXT: Final = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that is not what the entries say, shown as text.

    ``key``: the row's primary key as text, parts joined by ``/``. ``column`` is ``row`` for one that is missing or
    should not be there.
    """

    table: str
    key: str
    column: str
    found: str
    expected: str

    def as_dict(self) -> Mapping[str, str]:
        """JSON-ready members."""
        return {
            "table": self.table,
            "key": self.key,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
        }

    def __str__(self) -> str:
        return f"{self.table} {self.key}, {self.column}: found {self.found}, expected {self.expected}"


class Findings:
    """Hands every fault to ``found`` in the order of discovery; counts rows looked at, by table."""

    def __init__(self, found: Callable[[Fault], None]) -> None:
        self._found = found
        self.rows: dict[str, int] = {}
        self.faults = 0

    def looked_at(self, table: str, rows: int = 1) -> None:
        """Count rows of a table."""
        self.rows[table] = self.rows.get(table, 0) + rows

    def fault(self, table: str, key: object, column: str, found: object, expected: object) -> None:
        """Name a bad value."""
        self.faults += 1
        self._found(Fault(table, shown(key), column, shown(found), shown(expected)))

    def compare(self, table: str, key: object, column: str, found: object, expected: object) -> None:
        """Name the value unless it is the expected one, type and all: a number in a text column is another value."""
        if found == expected and type(found) is type(expected):
            return
        if isinstance(expected, str | dict):
            found, expected = _differing(found, expected)
        self.fault(table, key, column, found, expected)


def _differing(found: object, expected: object) -> tuple[str, str]:
    """Two texts or documents from a little before where they differ: their beginnings may be alike for long."""
    texts = [
        text if isinstance(text, str) else json.dumps(text, sort_keys=True, default=str) for text in (found, expected)
    ]
    alike = next(
        (place for place, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), len(min(texts, key=len))
    )
    at = max(alike - _CONTEXT, 0)
    first, second = (("…" if at else "") + text[at:] for text in texts)
    return first, second


def shown(value: object) -> str:
    """A value as text: bytes in hexadecimal, nothing as ``null``, parts of a key joined."""
    if value is None:
        return "null"
    if isinstance(value, bytes | memoryview):
        return shorten(bytes(value).hex())
    if isinstance(value, tuple):
        return "/".join(shown(part) for part in value)
    return shorten(value)
