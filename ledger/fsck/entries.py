"""The pass over the entries: bytes, signatures, columns, and the tree that they make."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.statements import Close, Reading, Report, Statement
from attestation.verification import check_signature
from ledger.errors import LedgerError
from ledger.fsck.faults import Findings
from ledger.fsck.heads import Heads
from ledger.fsck.replay import Replay
from ledger.fsck.store import Store
from ledger.fsck.streams import Streams
from ledger.fsck.tiles import Tiles
from ledger.merkle import leaf_hash

_COLUMNS: Final = (
    "idx", "stream_id", "seq", "type", "statement_id", "leaf_hash", "accepted_at", "period_start", "period_end",
    "entry",
)  # fmt: skip
_MOST_SKEW: Final = 3_600
_PROGRESS_ROWS: Final = 1_000


class Entries:
    """Walks the entries in order and hands each on to streams, replay, tiles and heads."""

    def __init__(
        self,
        store: Store,
        findings: Findings,
        origin: str,
        *,
        streams: Streams,
        replay: Replay,
        tiles: Tiles,
        heads: Heads,
    ) -> None:
        self._store = store
        self._findings = findings
        self._origin = origin
        self._streams = streams
        self._replay = replay
        self._tiles = tiles
        self._heads = heads

    def walk(self, accepted: int, tree_size: int, progress: Callable[[int, int], None]) -> None:
        """Judge every entry; ``accepted`` of them and ``tree_size`` in the tree are expected."""
        expected = 0
        query = f"SELECT {', '.join(_COLUMNS)} FROM entries ORDER BY idx"  # noqa: S608 - our own names
        for values in self._store.stream(query):
            row = dict(zip(_COLUMNS, values, strict=True))
            index = row["idx"]
            self._findings.looked_at("entries")
            while expected < index:
                self._missing(expected, tree_size)
                expected += 1
            expected = index + 1
            self._grow(index, self._judge(index, row), tree_size)
            if expected % _PROGRESS_ROWS == 0:
                progress(expected, accepted)
        while expected < accepted:
            self._missing(expected, tree_size)
            expected += 1
        if expected > accepted:
            self._findings.fault("log_state", 1, "next_index", accepted, expected)
        progress(expected, accepted)

    def _missing(self, index: int, tree_size: int) -> None:
        self._findings.fault("entries", index, "row", "missing", "an entry")
        # The tree goes on with what its tile has, so that one missing row is not told as a thousand bad ones.
        self._grow(index, self._tiles.stored_leaf(index) or bytes(32), tree_size)

    def _grow(self, index: int, leaf: bytes, tree_size: int) -> None:
        if index >= tree_size:
            return
        self._tiles.add(leaf)
        if self._heads.wants(index + 1):
            self._heads.reached(index + 1, self._tiles.root())

    def _judge(self, index: int, row: dict[str, Any]) -> bytes:
        """Judge one row; the leaf hash that the tree goes on with."""
        statement, why = self._read(index, row["entry"])
        leaf = leaf_hash(row["entry"]) if isinstance(row["entry"], bytes) else b""
        if leaf != row["leaf_hash"]:
            stored = self._tiles.stored_leaf(index)
            # Two of three agree: bytes, column, tile. Where the tile is none of both, the signature decides.
            altered = stored == row["leaf_hash"] or (stored != leaf and statement is None)
            column, found, wanted = (
                ("entry", f"bytes of leaf hash {leaf.hex()}", f"bytes of leaf hash {_hex(row['leaf_hash'])}")
                if altered
                else ("leaf_hash", row["leaf_hash"], leaf)
            )
            self._findings.fault("entries", index, column, found, wanted)
            if altered:
                self._trust_columns(row)
                return bytes(row["leaf_hash"])
        if statement is None:
            self._findings.fault("entries", index, "entry", *why)
            self._trust_columns(row)
        else:
            self._compare(index, row, statement)
        return leaf

    def _read(self, index: int, entry: Any) -> tuple[Statement | None, tuple[str, str]]:
        """The statement of the bytes, if they are one that its key signed at this position; else what is wrong."""
        try:
            statement = examine(entry, self._origin)
            record = self._replay.find_key(statement)
            check_signature(statement, record.key)
            _ = statement.body
        except (AttestationError, LedgerError) as error:
            return None, (f"{error.rule}: {error.value}", error.expected)
        except (TypeError, AttributeError) as error:
            return None, (str(error), "the bytes of a statement")
        if index and index <= record.activated_index:
            return None, (f"signed by a key that is active after {record.activated_index}", "an active key")
        if record.revoked_index is not None and index >= record.revoked_index:
            return None, (f"signed by a key that was revoked at {record.revoked_index}", "an active key")
        return statement, ("", "")

    def _trust_columns(self, row: dict[str, Any]) -> None:
        """Count a row in whose bytes cannot be believed, so that its stream is not told to be wrong as well."""
        period = (row["period_start"], row["period_end"])
        known = None if None in period else period
        name = self._streams.name_of(row["stream_id"])
        self._streams.take(name, row["type"], row["seq"], known)
        if name is not None:
            with suppress(RuntimeError):  # a place that cannot be: the row is told to be wrong already
                self._replay.place(row["stream_id"], name, row["seq"])

    def _compare(self, index: int, row: dict[str, Any], statement: Statement) -> None:
        name, period = (statement.iss, statement.stream), _period(statement)
        self._streams.belongs(index, row["stream_id"], name)
        start, end = period or (None, None)
        true = {
            "seq": statement.seq,
            "type": statement.type,
            "statement_id": statement.statement_id,
            "period_start": start,
            "period_end": end,
        }
        for column, value in true.items():
            self._findings.compare("entries", index, column, row[column], value)
        if not isinstance(row["accepted_at"], int) or row["accepted_at"] < statement.iat - _MOST_SKEW:
            self._findings.fault(
                "entries", index, "accepted_at", row["accepted_at"], f"about {statement.iat}, or later"
            )
            row = row | {"accepted_at": statement.iat}
        self._streams.take(name, statement.type, statement.seq, period)
        try:
            self._replay.apply(row | true | {"leaf_hash": statement.leaf_hash}, statement)
        except (AttestationError, LedgerError, SQLAlchemyError, RuntimeError) as error:
            self._findings.fault("entries", index, "entry", error, "a statement that can follow those before it")


def _period(statement: Statement) -> tuple[int, int] | None:
    body = statement.body
    if isinstance(body, Reading | Close):
        return parse_instant(body.start), parse_instant(body.end)
    if isinstance(body, Report):
        return parse_instant(body.period.start), parse_instant(body.period.end)
    return None


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
