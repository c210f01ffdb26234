"""Rows that entries establish, row by row and column by column against those of the replay."""

from __future__ import annotations

import json
from typing import Any, Final

from eth_utils.crypto import keccak
from sqlalchemy import JSON, Boolean, Table

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.verification import check_signature
from ledger.chain.intents import Kind
from ledger.db.base import Base
from ledger.errors import LedgerError
from ledger.fsck.faults import Findings
from ledger.fsck.replay import Replay
from ledger.fsck.store import Row, Store

TABLES: Final = (
    "identifiers",
    "keys",
    "recoveries",
    "policies",
    "corrections",
    "used_policies",
    "reports",
    "losses",
    "device_events",
    "labels",
    "skips",
    "gaps",
    "admission_reviews",
    "admission_approvals",
    "accreditations",
    "ties",
    "openings",
    "plans",
    "draws",
    "assignments",
    "findings",
    "verdicts",
    "objections",
    "registrations",
    "replaced_figures",
    "green_certificates",
    "asset_operations",
    "offset_serials",
    "allocations",
    "scores",
    "score_comments",
    "market_operations",
    "market_orders",
    "market_fills",
    "market_days",
    "market_auctions",
    "market_commitments",
)
"""Tables that hold nothing but what entries establish."""


def compare_established(store: Store, scratch: Store, findings: Findings) -> None:
    """Compare every row of the tables with the replay's, both ways."""
    for name in TABLES:
        compare_table(Base.metadata.tables[name], store, scratch, findings)


def compare_wishes(store: Store, scratch: Store, findings: Findings) -> None:
    """Chain writes that key entries ask for: each is in the outbox, as asked for, and nothing else is."""
    query = "SELECT id, op_id, kind, position, payload, state, raw_tx, tx_hash FROM outbox ORDER BY id"
    for key, op_id, kind, position, payload, state, raw, tx_hash in store.stream(query):
        findings.looked_at("outbox")
        if raw is not None:
            # Of several intents the transaction is stored once, and their own bytes are empty.
            shared = None if raw else store.one("SELECT raw_tx FROM sent_batches WHERE tx_hash = ?", tx_hash)
            findings.compare("outbox", key, "tx_hash", tx_hash, keccak(raw if shared is None else bytes(shared[0])))
        if state == "sent" and raw is None:
            findings.fault("outbox", key, "raw_tx", None, "the signed transaction of an intent that was sent")
        if kind == Kind.ANCHOR:
            continue
        # An id is one within its kind; where no entry asks for that kind, the kind is what was changed.
        asked_for = "SELECT kind, position, payload FROM outbox WHERE op_id = ?"
        asked = scratch.one(f"{asked_for} AND kind = ?", op_id, kind) or scratch.one(asked_for, op_id)
        if asked is None:
            findings.fault("outbox", key, "op_id", op_id, "an operation that an entry asks for")
            continue
        for column, found, wanted in zip(
            ("kind", "position", "payload"), (kind, position, payload), asked, strict=True
        ):
            findings.compare("outbox", key, column, found, wanted)
    for op_id, kind, position in scratch.stream("SELECT op_id, kind, position FROM outbox ORDER BY id"):
        if store.one("SELECT id FROM outbox WHERE op_id = ? AND kind = ?", op_id, kind) is None:
            findings.fault("outbox", op_id, "row", "missing", f"{kind} of entry {position}")


def check_equivocations(store: Store, replay: Replay, origin: str, findings: Findings) -> None:
    """Each kept second statement is signed, and for the place of the entry that it stands at."""
    query = (
        "SELECT q.id, q.entry_index, q.statement_id, q.entry, e.statement_id, e.seq, s.issuer, s.name"
        " FROM equivocations q LEFT JOIN entries e ON e.idx = q.entry_index LEFT JOIN streams s ON s.id = e.stream_id"
        " ORDER BY q.id"
    )
    for key, index, statement_id, entry, accepted, seq, issuer, stream in store.stream(query):
        findings.looked_at("equivocations")
        try:
            statement = examine(entry, origin)
            check_signature(statement, replay.find_key(statement).key)
        except (AttestationError, LedgerError) as error:
            findings.fault("equivocations", key, "entry", f"{error.rule}: {error.value}", error.expected)
            continue
        except (TypeError, AttributeError) as error:
            findings.fault("equivocations", key, "entry", error, "the bytes of a statement")
            continue
        findings.compare("equivocations", key, "statement_id", statement_id, statement.statement_id)
        place = (statement.iss, statement.stream, statement.seq)
        if (issuer, stream, seq) != place or accepted == statement.statement_id:
            findings.fault("equivocations", key, "entry_index", index, f"an entry of another statement at {place}")


def compare_table(table: Table, store: Store, scratch: Store, findings: Findings) -> None:
    """Compare every row of a table with the replay's, both ways."""
    columns = list(table.columns)
    keys = [column.name for column in table.primary_key.columns]
    names = [column.name for column in columns]
    places = [names.index(key) for key in keys]
    # Names of our own schema only.
    everything = f"SELECT {', '.join(_quoted(name) for name in names)} FROM {_quoted(table.name)}"  # noqa: S608
    one = f"{everything} WHERE {' AND '.join(f'{_quoted(key)} = ?' for key in keys)}"
    order = f" ORDER BY {', '.join(map(_quoted, keys))}"

    def key_of(row: Row) -> tuple[Any, ...]:
        return tuple(row[place] for place in places)

    for row in store.stream(everything + order):
        findings.looked_at(table.name)
        key = key_of(row)
        wanted = scratch.one(one, *key)
        if wanted is None:
            findings.fault(table.name, key, "row", "a row", "none: no entry establishes it")
            continue
        for column, found, value in zip(columns, row, wanted, strict=True):
            findings.compare(table.name, key, column.name, _plain(column.type, found), _plain(column.type, value))
    for row in scratch.stream(everything + order):
        key = key_of(row)
        if store.one(one, *key) is None:
            findings.fault(table.name, key, "row", "missing", "a row: an entry establishes it")


def _plain(kind: object, value: Any) -> Any:
    """A value as both engines would give it."""
    if isinstance(kind, Boolean) and value in {0, 1}:
        return bool(value)
    if isinstance(kind, JSON) and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _quoted(name: str) -> str:
    return f'"{name}"'
