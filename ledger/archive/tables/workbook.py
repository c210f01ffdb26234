"""The tables as one XLSX file, whose bytes follow from the rows alone.

Nothing of the data becomes a formula or a link, whatever it looks like, and a number that a spreadsheet would round is
a text. Written row by row; a table of more rows than a sheet has goes on in a further one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledger.archive.tables.columns import Form, Row, View
from ledger.archive.tables.making import view_rows
from ledger.archive.tables.text import harmless, shown
from ledger.archive.tables.views import views_of
from ledger.audit.evidence import LogEvidence
from ledger.db.base import Database

SHEET_ROWS: Final = 1_048_576
_HEADS: Final = 2
_DIGITS: Final = 15
"""With more a spreadsheet rounds."""
_DECIMAL: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)
_LONGEST: Final = 32_767
"""Characters of a cell; what is longer is cut, and JSONL has all of it."""
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the library takes no other; the same for every file
_SHEET_NAME: Final = 31


class Sheets:
    """A workbook that is being written."""

    def __init__(self, book: Workbook, sheet_rows: int) -> None:
        self._book = book
        self._sheet_rows = sheet_rows
        self._head: Format = book.add_format({"bold": True})

    def add(self, view: View, rows: Iterable[Row]) -> int:
        """Write a table; the number of its rows."""
        sheet, number = self._sheet(view, 0), 0
        for number, row in enumerate(rows, 1):
            part, at = divmod(number - 1, self._sheet_rows - _HEADS)
            if part and at == 0:
                sheet = self._sheet(view, part)
            _write(sheet, at + _HEADS, view, row)
        return number

    def _sheet(self, view: View, part: int) -> Worksheet:
        name = view.name if part == 0 else f"{view.name}-{part + 1}"
        sheet: Worksheet = self._book.add_worksheet(name[:_SHEET_NAME])
        # Row by row: with the next one the library lets go of the last.
        for row, names in enumerate(([one.name for one in view.columns], [one.zh for one in view.columns])):
            for place, text in enumerate(names):
                sheet.write_string(row, place, text, self._head)
        sheet.freeze_panes(_HEADS, 0)
        return sheet


@contextmanager
def workbook(path: Path, *, sheet_rows: int = SHEET_ROWS) -> Iterator[Sheets]:
    """A workbook at a path, on disk when the block ends. ``sheet_rows``: lines of a sheet, heads included."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    book = Workbook(str(path), options)
    try:
        book.set_properties({"title": "Tanlu 碳录", "created": _MADE})
        yield Sheets(book, sheet_rows)
    finally:
        book.close()


def make_workbook(
    log: LogEvidence, size: int, scratch: Database, path: Path, *, chain: bool, sheet_rows: int = SHEET_ROWS
) -> None:
    """Write every table into one workbook at ``path``."""
    with scratch.read() as session, workbook(path, sheet_rows=sheet_rows) as sheets:
        for view in views_of(chain=chain):
            sheets.add(view, view_rows(view, log, size, session))


def _write(sheet: Worksheet, at: int, view: View, row: Row) -> None:
    for place, (column, cell) in enumerate(zip(view.columns, row, strict=True)):
        value = shown(column, cell)
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(at, place, value)
        elif isinstance(value, int) or (column.form is Form.QUANTITY and _DECIMAL.fullmatch(value)):
            _number(sheet, at, place, Decimal(value))
        else:
            sheet.write_string(at, place, harmless(value)[:_LONGEST])


def _number(sheet: Worksheet, at: int, place: int, number: Decimal) -> None:
    if len(number.as_tuple().digits) <= _DIGITS:
        sheet.write_number(at, place, number)
    else:
        sheet.write_string(at, place, f"{number:f}")
