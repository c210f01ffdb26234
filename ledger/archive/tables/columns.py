"""What a table is made of: columns, each with a form in which its cells are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Cell = int | str | bytes | None
"""As it is stored; :class:`Form` says how it is written."""
Row = Sequence[Cell]


class Form(StrEnum):
    """How the cells of a column are written."""

    COUNT = "integer"
    """Tonnes, fen, numbers of blocks and entries: exact, may be negative."""
    TEXT = "text"
    """Somebody's words or names: what a spreadsheet would take for a formula is made harmless."""
    ACCOUNT = "account"
    """An identifier, or an account id that gets its identifier, 0x… where it has none."""
    HASH = "hexadecimal"
    TIME = "time"
    """Unix seconds, written as an instant of UTC."""
    DAY = "day"
    """``YYYYMMDD`` as a number, written ``YYYY-MM-DD``."""
    FLAG = "true or false"
    ASSET = "asset"
    """The contracts' number, written as statements write it (DOMAIN 1, 4, 5)."""
    QUANTITY = "decimal"
    """A decimal number as it was signed, digit by digit."""
    SIDE = "buy or sell"
    KIND = "kind of order"
    MODE = "market mode"


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is the header; ``zh`` the Chinese one; ``meaning`` and unit in English."""

    name: str
    form: Form
    zh: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """One table. ``query``: its rows out of the scratch store, in their order; empty for one that is computed.
    ``chain``: only where the chain's part is there."""

    name: str
    zh: str
    meaning: str
    columns: tuple[Column, ...]
    query: str = ""
    chain: bool = True
