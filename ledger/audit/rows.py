"""A database's rows against those that entries and chain give: each row that is another, missing, or too much."""

from __future__ import annotations

from typing import Final

from ledger.audit.findings import Area, Divergences
from ledger.db.base import Base
from ledger.fsck.established import TABLES, check_equivocations, compare_table, compare_wishes
from ledger.fsck.faults import Fault, Findings
from ledger.fsck.replay import Replay
from ledger.fsck.store import Store
from ledger.fsck.tiles import Tiles
from ledger.merkle import HASH_SIZE
from ledger.projection_rows import PROJECTED

_READER_ONLY: Final = frozenset({"chain_head", "chain_blocks"})
"""Where the reader of the chain stood, not what the chain says."""
_ON_CHAIN: Final = frozenset({"mined", "final"})


def compare_rows(
    store: Store, replay: Replay, origin: str, divergences: Divergences, *, count: int, chain: bool
) -> dict[str, int]:
    """Compare every table that follows from the entries and, with ``chain``, from the chain. ``count``: of entries.
    Returns rows by table."""

    def found(fault: Fault) -> None:
        place = f"{fault.table} {fault.key}, {fault.column}"
        divergences.add(Area.ROW, place, "audit.row", fault.found, fault.expected)

    findings, scratch = Findings(found), replay.store()
    _state(store, origin, findings, count)
    _tiles(store, findings)
    tables = [*TABLES, "streams"]
    if chain:
        tables += [table.__tablename__ for table in PROJECTED if table.__tablename__ not in _READER_ONLY]
    for name in tables:
        compare_table(Base.metadata.tables[name], store, scratch, findings)
    compare_wishes(store, scratch, findings)
    if chain:
        _effects(store, scratch, findings)
    check_equivocations(store, replay, origin, findings)
    return findings.rows


def _state(store: Store, origin: str, findings: Findings, count: int) -> None:
    row = store.one("SELECT origin, next_index, tree_size FROM log_state WHERE id = 1")
    findings.looked_at("log_state")
    if row is None:
        findings.fault("log_state", 1, "row", "missing", "where the log stands")
        return
    findings.compare("log_state", 1, "origin", row[0], origin)
    findings.compare("log_state", 1, "next_index", row[1], count)
    findings.compare("log_state", 1, "tree_size", row[2], store.scalar("SELECT max(size) FROM checkpoints") or 0)


def _tiles(store: Store, findings: Findings) -> None:
    """The stored tiles over the leaf hashes of the rows, each of which was held against its entry before."""
    size = store.scalar("SELECT max(size) FROM checkpoints") or 0
    tiles = Tiles(store, findings)
    for index, leaf in store.stream("SELECT idx, leaf_hash FROM entries WHERE idx < ? ORDER BY idx", size):
        while tiles.size < index:
            tiles.add(tiles.stored_leaf(tiles.size) or bytes(HASH_SIZE))
        tiles.add(leaf if isinstance(leaf, bytes) else bytes(HASH_SIZE))
    tiles.finish()


def _effects(store: Store, scratch: Store, findings: Findings) -> None:
    """Whether what the outbox says of each wish is what the chain says: on it, or not."""
    query = "SELECT op_id, kind, state FROM outbox ORDER BY id"
    there = {(op_id, kind) for op_id, kind, state in scratch.stream(query) if state in _ON_CHAIN}
    for op_id, kind, state in store.stream(query):
        if (state in _ON_CHAIN) != ((op_id, kind) in there):
            expected = "on chain" if (op_id, kind) in there else "not on chain"
            findings.fault("outbox", (op_id, kind), "state", state, expected)
