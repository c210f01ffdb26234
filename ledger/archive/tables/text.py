"""A row as a line of CSV (RFC 4180) and of JSONL, the same bytes everywhere; one row is one line.

A spreadsheet runs what looks like a formula, whoever wrote it: in CSV a text that begins so gets an apostrophe, and
control characters are shown by their pictures. JSONL has every text as it is.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from attestation.assets import format_asset
from attestation.instants import LATEST, format_instant
from ledger.archive.tables.columns import Cell, Column, Form, Row, View
from quota.market.orders import Mode, OrderKind, Side

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Without it a spreadsheet takes Chinese for something else."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_PLAIN: Final = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_./:+-]*", re.ASCII)
"""What needs neither quotes nor anything else done to it."""
_QUOTED: Final = re.compile(r'[",\s]')
_PICTURES: Final = {code: 0x2400 + code for code in range(32)} | {
    0x7F: 0x2421,
    0x85: 0x2424,
    0x2028: 0x2424,
    0x2029: 0x2424,
}
_EXACT: Final = 2**53 - 1
"""The largest integer that every reader of JSON keeps to the last digit."""
_NAMES: Final = {Form.SIDE: Side, Form.KIND: OrderKind, Form.MODE: Mode}
_DAY_DIGITS: Final = 8
_encode: Final = msgspec.json.Encoder().encode


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that is one line."""
    shown = text.translate(_PICTURES)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


def csv_head(view: View) -> bytes:
    """The first line of a file, after the mark by which a spreadsheet knows UTF-8."""
    return BYTE_ORDER_MARK + ",".join(column.name for column in view.columns).encode() + b"\r\n"


class Lines:
    """Writes the rows of one table."""

    def __init__(self, view: View) -> None:
        self._columns = view.columns
        self._names = [column.name for column in view.columns]

    def both(self, row: Row) -> tuple[bytes, bytes]:
        """A row as a line of CSV, and as one of JSONL: an object with every column."""
        values = [shown(column, cell) for column, cell in zip(self._columns, row, strict=True)]
        csv = ",".join(map(_csv, values)).encode("utf-8", "replace") + b"\r\n"
        return csv, _encode(dict(zip(self._names, map(_json, values), strict=True))) + b"\n"


def shown(column: Column, cell: Cell) -> int | str | bool | None:
    """A cell as it is written: numbers as numbers, everything else as text."""
    if cell is None or (column.form is Form.TIME and cell == 0):
        return None
    if column.form in {Form.COUNT, Form.FLAG}:
        return bool(cell) if column.form is Form.FLAG else int(cell)
    if isinstance(cell, bytes):
        return cell.hex()
    return _number(column.form, cell) if isinstance(cell, int) else cell


def _number(form: Form, number: int) -> str:
    if form is Form.TIME:
        return format_instant(number) if 0 < number <= LATEST else str(number)
    if form is Form.DAY:
        digits = str(number)
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == _DAY_DIGITS else digits
    if form is Form.ASSET:
        try:
            return format_asset(number)
        except ValueError:
            return f"0x{number:08x}"
    names = _NAMES.get(form)
    return names(number).name.lower() if names is not None and number in set(names) else str(number)


def _csv(value: int | str | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value):
            return value
        text = harmless(value)
        return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(value: int | str | bool | None) -> int | str | bool | None:
    return str(value) if type(value) is int and abs(value) > _EXACT else value
