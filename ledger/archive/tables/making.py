"""Rows of the tables, one after the other: from the entries, and from the scratch store that they and the recorded
logs give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from ledger.archive.tables.columns import Form, Row, View
from ledger.archive.tables.dictionary import dictionary
from ledger.archive.tables.statement_rows import statement_row
from ledger.archive.tables.text import Lines, csv_head
from ledger.archive.tables.views import OBLIGATIONS, STATEMENTS, views_of
from ledger.audit.evidence import LogEvidence
from ledger.db.assets import AssetRepository
from ledger.db.base import Database
from ledger.fsck.store import Store

ROWS: Final = 1_000_000
"""Rows of one file: what a spreadsheet opens (1,048,576 lines), and what is never held in memory."""
README: Final = "README.md"
_YEARS: Final = (
    "SELECT account, year FROM (SELECT enterprise AS account, year FROM chain_emissions"
    " UNION SELECT account, year FROM chain_surrenders UNION SELECT account, year FROM chain_assessments"
    " UNION SELECT account, year + 1 FROM chain_credits) ORDER BY account, year"
)

Sink = Callable[[str, Path], None]
"""Gets name and file of each table when it is done; the file is gone afterwards unless it was moved."""


def view_rows(view: View, log: LogEvidence, size: int, session: Session) -> Iterator[Row]:
    """The rows of a table in their order; ``size``: of the log, ``session``: over the scratch store."""
    if view is STATEMENTS:
        yield from (statement_row(row) for row in log.entries(0, size - 1))
        return
    store = Store(session.connection())
    rows = _obligations(store, session) if view is OBLIGATIONS else store.stream(view.query)
    places = [place for place, column in enumerate(view.columns) if column.form is Form.ACCOUNT]
    names = _names(store) if places else {}
    for row in rows:
        named = list(row)
        for place in places:
            account = named[place]
            if isinstance(account, bytes):
                named[place] = names.get(account) or "0x" + account.hex()
        yield named


def part_name(view: str, part: int, suffix: str) -> str:
    """The file that has a table's rows from ``part * ROWS`` on."""
    return f"{view}.{suffix}" if part == 0 else f"{view}-{part + 1}.{suffix}"


def make_tables(log: LogEvidence, size: int, scratch: Database, folder: Path, *, chain: bool, sink: Sink) -> None:
    """Write every table as CSV and JSONL into ``folder``, one after the other, and hand each to ``sink``."""
    page = folder / README
    page.write_text(dictionary(chain=chain), "utf-8")
    sink(README, page)
    with scratch.read() as session:
        for view in views_of(chain=chain):
            names = _write(view, view_rows(view, log, size, session), folder)
            for name in names:
                sink(name, folder / name)


def _write(view: View, rows: Iterator[Row], folder: Path) -> list[str]:
    names: list[str] = []
    files: list[BinaryIO] = []
    lines = Lines(view)
    with ExitStack() as opened:
        for number, row in enumerate(rows):
            if number % ROWS == 0:
                files = _open(view, number // ROWS, folder, opened, names)
            for file, line in zip(files, lines.both(row), strict=True):
                file.write(line)
        if not files:
            _open(view, 0, folder, opened, names)
    return names


def _open(view: View, part: int, folder: Path, opened: ExitStack, names: list[str]) -> list[BinaryIO]:
    made = [part_name(view.name, part, suffix) for suffix in ("csv", "jsonl")]
    names += made
    files: list[BinaryIO] = [opened.enter_context((folder / name).open("wb")) for name in made]
    files[0].write(csv_head(view))
    return files


def _names(store: Store) -> dict[bytes, str]:
    return {row[0]: row[1] for row in store.stream("SELECT account_id, identifier FROM chain_identifiers")}


def _obligations(store: Store, session: Session) -> Iterator[Row]:
    assets = AssetRepository(session)
    for account, year in store.stream(_YEARS):
        at = assets.position(account, year)
        yield (
            *(account, year, at.emissions, at.revision, at.registered_at, at.offset_cap, at.quota, at.offsets_used),
            *(at.offsets_counted, at.credit_in, at.credit_out, at.due, at.excess, at.missed, at.charge_fen),
            *(at.carried, at.deadline, at.assessed),
        )
