"""A database's rows against those that entries and chain give: each row that is another, missing, or too much."""

from __future__ import annotations

from typing import Final

from ledger.audit.findings import Area, Divergences
from ledger.db.base import Base
from ledger.fsck.established import TABLES, compare_table
from ledger.fsck.faults import Fault, Findings
from ledger.fsck.store import Store
from ledger.projection_rows import PROJECTED

_READER_ONLY: Final = frozenset({"chain_head", "chain_blocks"})
"""Where the reader of the chain stood, not what the chain says."""


def compare_rows(store: Store, scratch: Store, divergences: Divergences, *, chain: bool) -> dict[str, int]:
    """Compare every table that follows from the entries and, with ``chain``, from the chain. Returns rows by table."""

    def found(fault: Fault) -> None:
        divergences.add(
            Area.ROW, f"{fault.table} {fault.key}", f"audit.row.{fault.column}", fault.found, fault.expected
        )

    findings = Findings(found)
    tables = [*TABLES, "streams"]
    if chain:
        tables += [table.__tablename__ for table in PROJECTED if table.__tablename__ not in _READER_ONLY]
    for name in tables:
        compare_table(Base.metadata.tables[name], store, scratch, findings)
    return findings.rows
