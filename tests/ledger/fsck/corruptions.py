"""Ways to spoil a store behind everybody's back, each with the row and column that must be named."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any

from .stores import ENTERPRISE, METER, Made, Maker

READING = 10
"""A reading in the first tile."""


def set_(table: str, column: str, value: str, where: str) -> Callable[[Made], None]:
    def spoil(made: Made) -> None:
        made.sql(f"UPDATE {table} SET {column} = {value} WHERE {where}")

    return spoil


def delete(table: str, where: str) -> Callable[[Made], None]:
    def spoil(made: Made) -> None:
        made.sql(f"DELETE FROM {table} WHERE {where}")

    return spoil


def flip(table: str, column: str, where: str, place: int) -> Callable[[Made], None]:
    """Another byte at one place of a binary value."""

    def spoil(made: Made) -> None:
        ((value,),) = made.sql(f"SELECT {column} FROM {table} WHERE {where}")
        data = bytearray(value)
        data[place] ^= 1
        made.sql(f"UPDATE {table} SET {column} = ? WHERE {where}", bytes(data))

    return spoil


def exchange_entry(made: Made) -> None:
    """Bytes and leaf hash of another well-formed statement by a key that nobody enrolled."""
    maker = Maker(made.path.parent)
    entry = maker.reading(READING - 3)
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    made.sql("UPDATE entries SET entry = ?, leaf_hash = ? WHERE idx = ?", entry, leaf, READING)


def swap_streams(made: Made) -> None:
    made.sql(
        "UPDATE entries SET stream_id = (SELECT id FROM streams WHERE name = 'keys'), seq = 99 WHERE idx = ?", READING
    )


def forge_note(made: Made) -> None:
    """A note over the very head, by a log key that the trust file does not know."""
    ((note,),) = made.sql("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")
    lines = note.split("\n")
    lines[-2] = lines[-2][:-8] + ("A" if lines[-2][-8] != "A" else "B") + lines[-2][-7:]
    made.sql("UPDATE checkpoints SET note = ? WHERE note = ?", "\n".join(lines), note)


def add_tile(made: Made) -> None:
    made.sql("INSERT INTO tiles SELECT 3, 0, width, blob FROM tiles WHERE level = 0 AND idx = 0")


def add_key(made: Made) -> None:
    made.sql(
        "INSERT INTO keys (thumbprint, identifier, algorithm, raw, purposes, activated_index)"
        " SELECT 'x', identifier, algorithm, raw, purposes, activated_index FROM keys WHERE identifier = ?",
        METER,
    )


def add_loss(made: Made) -> None:
    made.sql("INSERT INTO losses SELECT 20, stream_id, 222, 222, reason FROM losses")


def lose_an_index_row(made: Made) -> None:
    """The unique index of places no longer knows a row: only the engine can see that."""
    with sqlite3.connect(made.path) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'uq_entries_stream_seq'").fetchall()
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = 'uq_entries_stream_seq'", (f"{sql} WHERE seq <> 5",)
        )
    connection.close()


def big(text: str) -> Callable[[Made], Any]:
    return lambda made: made.scalar(text)


SIZE = "SELECT max(size) FROM checkpoints"
ANCHOR, METERS = "kind = 'anchor'", "position = 2"
USED = "policy = 'factor-set' AND entry_index = (SELECT min(entry_index) FROM reports)"
CORRUPTIONS: list[tuple[str, Callable[[Made], None], str, Any, str]] = [
    ("a byte of an entry", flip("entries", "entry", f"idx = {READING}", 60), "entries", READING, "entry"),
    ("a byte of the last entry, in no tile yet", flip("entries", "entry", "idx = (SELECT max(idx) FROM entries)", 60),
     "entries", big("SELECT max(idx) FROM entries"), "entry"),
    ("a leaf hash", flip("entries", "leaf_hash", f"idx = {READING}", 3), "entries", READING, "leaf_hash"),
    ("a leaf hash in no tile yet", flip("entries", "leaf_hash", "idx = (SELECT max(idx) FROM entries)", 3),
     "entries", big("SELECT max(idx) FROM entries"), "leaf_hash"),
    ("an entry and its leaf hash", exchange_entry, "entries", READING, "entry"),
    ("an entry that is gone", delete("entries", f"idx = {READING}"), "entries", READING, "row"),
    ("the last entry gone", delete("entries", "idx = (SELECT max(idx) FROM entries)"), "entries",
     big("SELECT max(idx) + 1 FROM entries"), "row"),
    ("a statement id", flip("entries", "statement_id", f"idx = {READING}", 0), "entries", READING, "statement_id"),
    ("a sequence number", set_("entries", "seq", "77777", f"idx = {READING}"), "entries", READING, "seq"),
    ("a type", set_("entries", "type", "'close'", f"idx = {READING}"), "entries", READING, "type"),
    ("a stream", swap_streams, "entries", READING, "stream_id"),
    ("a period", set_("entries", "period_end", "period_end + 1", f"idx = {READING}"), "entries", READING, "period_end"),
    ("a report's period", set_("entries", "period_start", "0", "type = 'report'"), "entries",
     big("SELECT min(idx) FROM entries WHERE type = 'report'"), "period_start"),
    ("an acceptance before the signature", set_("entries", "accepted_at", "5", f"idx = {READING}"), "entries", READING,
     "accepted_at"),
    ("a leaf in a tile", flip("tiles", "blob", "level = 0 AND idx = 1", 40), "tiles", "0/1", "blob"),
    ("an inner node of a tile", flip("tiles", "blob", "level = 0 AND idx = 0", 300 * 32), "tiles", "0/0", "blob"),
    ("a node of a higher tile", flip("tiles", "blob", "level = 1", 5), "tiles", "1/0", "blob"),
    ("a tile's width", set_("tiles", "width", "255", "level = 0 AND idx = 0"), "tiles", "0/0", "width"),
    ("a tile that is gone", delete("tiles", "level = 0 AND idx = 1"), "tiles", "0/1", "row"),
    ("a tile too many", add_tile, "tiles", "3/0", "row"),
    ("a head's root", flip("checkpoints", "root", "size = 4", 1), "checkpoints", "0/4", "root"),
    ("a head's note", forge_note, "checkpoints", lambda made: f"0/{made.scalar(SIZE)}", "note"),
    ("a head said to be cosigned", set_("checkpoints", "note", "NULL", "size = 4"), "checkpoints", "0/4", "note"),
    ("a head beyond the tree", set_("checkpoints", "size", "99999", "size = 4"), "checkpoints", "0/99999", "size"),
    ("the newest head gone", delete("checkpoints", f"size = ({SIZE})"), "log_state", 1, "tree_size"),
    ("how far the log is accepted", set_("log_state", "next_index", "next_index - 1", "1"), "log_state", 1,
     "next_index"),
    ("how far the log is integrated", set_("log_state", "tree_size", "tree_size - 1", "1"), "tiles", "0/2", "width"),
    ("the log's name", set_("log_state", "origin", "'another'", "1"), "log_state", 1, "origin"),
    ("an epoch before that of a head", set_("checkpoints", "epoch", "3", "size = 4"), "checkpoints", "3/4", "note"),
    ("a stream's count", set_("streams", "count", "count + 1", "name = 'electricity'"), "streams",
     big("SELECT id FROM streams WHERE name = 'electricity'"), "count"),
    ("a stream's end", set_("streams", "last_seq", "1", "name = 'electricity'"), "streams",
     big("SELECT id FROM streams WHERE name = 'electricity'"), "last_seq"),
    ("a stream's head", set_("streams", "head_end", "1", "name = 'electricity'"), "streams",
     big("SELECT id FROM streams WHERE name = 'electricity'"), "head_end"),
    ("a stream's closed period", set_("streams", "closed_until", "1", "name = 'electricity'"), "streams",
     big("SELECT id FROM streams WHERE name = 'electricity'"), "closed_until"),
    ("a stream's issuer", set_("streams", "issuer", "'88.608.1/X'", "name = 'electricity'"), "streams",
     big("SELECT id FROM streams WHERE name = 'electricity'"), "issuer"),
    ("an identifier's parent", set_("identifiers", "parent", "'88.608.1/PARK'", f"identifier = '{METER}'"),
     "identifiers", METER, "parent"),
    ("a key's purposes", set_("keys", "purposes", "15", f"identifier = '{METER}'"), "keys",
     big(f"SELECT thumbprint FROM keys WHERE identifier = '{METER}'"), "purposes"),
    ("a key's bytes", flip("keys", "raw", f"identifier = '{METER}'", 2), "keys",
     big(f"SELECT thumbprint FROM keys WHERE identifier = '{METER}'"), "raw"),
    ("a revocation that no entry says", set_("keys", "revoked_index", "20", f"identifier = '{ENTERPRISE}'"), "keys",
     big(f"SELECT thumbprint FROM keys WHERE identifier = '{ENTERPRISE}'"), "revoked_index"),
    ("a key that no entry enrolled", add_key, "keys", "x", "row"),
    ("a factor", set_("policies", "document", "replace(document, '0.5', '0.4')", "1"), "policies",
     big("SELECT policy || '/' || policy_id || '/' || version FROM policies"), "document"),
    ("which factor set a report used", set_("used_policies", "version", "'other'", USED), "used_policies",
     big(f"SELECT entry_index || '/' || policy FROM used_policies WHERE {USED}"), "version"),
    ("what a report used is gone", delete("used_policies", USED), "used_policies",
     big("SELECT min(entry_index) || '/factor-set' FROM reports"), "row"),
    ("a report's year", set_("reports", "year", "1999", "superseded_by IS NULL"), "reports",
     big("SELECT entry_index FROM reports WHERE superseded_by IS NULL"), "year"),
    ("a report that was superseded", set_("reports", "superseded_by", "NULL", "1"), "reports",
     big("SELECT min(entry_index) FROM reports"), "superseded_by"),
    ("a label's level", set_("labels", "level", "2", "superseded_by IS NULL"), "labels",
     big("SELECT entry_index FROM labels WHERE superseded_by IS NULL"), "level"),
    ("a label that was superseded", set_("labels", "superseded_by", "NULL", "1"), "labels",
     big("SELECT min(entry_index) FROM labels"), "superseded_by"),
    ("a label that is gone", delete("labels", "1"), "labels",
     big("SELECT min(idx) FROM entries WHERE type = 'label'"), "row"),
    ("a meter's event", set_("device_events", "event", "'remove'", "1"), "device_events",
     big("SELECT entry_index FROM device_events"), "event"),
    ("what a meter's event says", set_("device_events", "body", "replace(body, '\"1\"', '\"40\"')", "1"),
     "device_events",
     big("SELECT entry_index FROM device_events"), "body"),
    ("a meter's event that is gone", delete("device_events", "1"), "device_events",
     big("SELECT idx FROM entries WHERE type = 'device'"), "row"),
    ("a lost range", set_("losses", "last_seq", "445", "1"), "losses",
     big("SELECT entry_index FROM losses"), "last_seq"),
    ("a lost range's start", set_("losses", "first_seq", "443", "1"), "losses",
     big("SELECT entry_index FROM losses"), "first_seq"),
    ("the stream of a loss", set_("losses", "stream_id", "stream_id - 1", "1"), "losses",
     big("SELECT entry_index FROM losses"), "stream_id"),
    ("a loss's reason", set_("losses", "reason", "'another'", "1"), "losses",
     big("SELECT entry_index FROM losses"), "reason"),
    ("the entry of a loss", set_("losses", "entry_index", "20", "1"), "losses", 20, "row"),
    ("a loss that is gone", delete("losses", "1"), "losses",
     big("SELECT idx FROM entries WHERE type = 'loss'"), "row"),
    ("a loss that no entry declares", add_loss, "losses", 20, "row"),
    ("a range passed over", set_("skips", "last_seq", "446", "first_seq = 444"), "skips",
     big("SELECT stream_id || '/444' FROM skips WHERE first_seq = 444"), "last_seq"),
    ("an open range", set_("gaps", "last_seq", "223", "first_seq = 222"), "gaps",
     big("SELECT stream_id || '/222' FROM gaps WHERE first_seq = 222"), "last_seq"),
    ("an open range that is gone", delete("gaps", "first_seq = 222"), "gaps",
     big("SELECT stream_id || '/222' FROM skips WHERE first_seq = 222"), "row"),
    ("an anchor's root", set_("outbox", "payload", "replace(payload, '\"root\":\"', '\"root\":\"00')", ANCHOR),
     "outbox", big("SELECT id FROM outbox WHERE kind = 'anchor'"), "payload"),
    ("an anchor's operation", flip("outbox", "op_id", "kind = 'anchor'", 0), "outbox",
     big("SELECT id FROM outbox WHERE kind = 'anchor'"), "op_id"),
    ("an enrolment's key", set_("outbox", "payload", "replace(payload, '\"purposes\":1', '\"purposes\":9')", METERS),
     "outbox", big("SELECT id FROM outbox WHERE position = 2"), "payload"),
    ("an enrolment that nobody asks for any more", delete("outbox", "position = 2"), "outbox", None, "row"),
    ("kept evidence", flip("equivocations", "entry", "1", 60), "equivocations", 1, "entry"),
    ("kept evidence at another place", set_("equivocations", "entry_index", "20", "1"), "equivocations", 1,
     "entry_index"),
    ("an index of the engine", lose_an_index_row, "database", 0, "integrity_check"),
]  # fmt: skip
