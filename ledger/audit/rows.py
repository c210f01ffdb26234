"""A database's rows against those that entries and chain give: each row that is another, missing, or too much."""

from __future__ import annotations

import json
from typing import Final

from ledger.audit.findings import Area, Divergences
from ledger.chain.intents import AnchorIntent, Kind
from ledger.db.base import Base
from ledger.fsck.established import TABLES, check_equivocations, compare_table, compare_wishes
from ledger.fsck.faults import Fault, Findings
from ledger.fsck.outcomes import compare_outcomes
from ledger.fsck.replay import Replay
from ledger.fsck.store import Store
from ledger.fsck.tiles import Tiles
from ledger.merkle import HASH_SIZE
from ledger.projection_rows import PROJECTED
from ledger.trust import Trust

_READER_ONLY: Final = frozenset({"chain_head", "chain_blocks"})
"""Where the reader of the chain stood, not what the chain says."""
_ON_CHAIN: Final = frozenset({"mined", "final"})


def compare_rows(
    store: Store, replay: Replay, trust: Trust, divergences: Divergences, *, count: int, chain: bool
) -> dict[str, int]:
    """Compare every table that follows from the entries and, with ``chain``, from the chain. ``count``: of entries.
    Returns rows by table."""
    origin, deployment_id = trust.log, trust.deployment_id

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
    _anchors(store, deployment_id, findings)
    if chain:
        _effects(store, scratch, findings)
    compare_outcomes(store, findings)
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


def _anchors(store: Store, deployment_id: bytes, findings: Findings) -> None:
    """Anchors that are wished for: each of a head, by its own operation. Those of an epoch that ended may be of a
    history that two persons ended."""
    epoch = store.scalar("SELECT epoch FROM log_state WHERE id = 1") or 0
    query = "SELECT id, op_id, position, payload FROM outbox WHERE kind = ? ORDER BY id"
    for key, op_id, position, payload in store.stream(query, Kind.ANCHOR.value):
        try:
            intent = AnchorIntent.from_payload(json.loads(payload))
        except (ValueError, KeyError, TypeError) as error:
            findings.fault("outbox", key, "payload", payload, f"an anchor ({error})")
            continue
        findings.compare("outbox", key, "op_id", op_id, intent.operation_id(deployment_id))
        findings.compare("outbox", key, "position", position, intent.size)
        if intent.epoch >= epoch:
            head = "SELECT root FROM checkpoints WHERE epoch = ? AND size = ?"
            findings.compare("outbox", key, "payload", intent.root, store.scalar(head, intent.epoch, intent.size))


def _effects(store: Store, scratch: Store, findings: Findings) -> None:
    """Whether what the outbox says of each wish is what the chain says: on it, or not."""
    query = "SELECT op_id, kind, state FROM outbox ORDER BY id"
    there = {(op_id, kind) for op_id, kind, state in scratch.stream(query) if state in _ON_CHAIN}
    for op_id, kind, state in store.stream(query):
        if (state in _ON_CHAIN) != ((op_id, kind) in there):
            expected = "on chain" if (op_id, kind) in there else "not on chain"
            findings.fault("outbox", (op_id, kind), "state", state, expected)
