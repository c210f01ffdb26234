"""The outbox: what is asked for is as entries and heads ask for it, in their order; what became of it is as the chain
says. How a wish was sent stays with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from ledger.chain.intents import AnchorIntent, Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow

_TABLE: Final = OutboxRow.__table__
_THERE: Final = frozenset({State.MINED.value, State.FINAL.value})
_ASKED: Final = ("op_id", "kind", "position", "payload")
_BEGUN: Final = frozenset({State.SENT.value, State.PENDING.value, State.REFUSED.value})
Wish = Mapping[str, Any]
Name = tuple[bytes, str]


def rebuild_wishes(
    store: Connection, scratch: Connection, *, deployment_id: bytes, roots: Mapping[int, bytes], chain: bool
) -> int:
    """Put the outbox right. ``scratch``: the store of the replay, ``chain``: with the chain in it. ``roots``: of every
    head by size. Returns how many rows were changed, added or removed."""
    wanted = _rows(scratch)
    stored = _rows(store)
    epochs = {
        (row.epoch, row.size)
        for row in store.exec_driver_sql("SELECT epoch, size FROM checkpoints WHERE note IS NOT NULL")
    }
    heads = [AnchorIntent(epoch, size, roots[size]) for epoch, size in sorted(epochs) if size in roots and size]
    anchors = {intent.operation_id(deployment_id): intent for intent in heads}
    wishes = [row for row in wanted if row["kind"] != Kind.ANCHOR.value]
    told = {_name(row): row for row in wanted if row["kind"] == Kind.ANCHOR.value}
    for row in stored:
        # A head may wait for its anchor: no entry asks for it.
        intent = anchors.get(bytes(row["op_id"]))
        if row["kind"] == Kind.ANCHOR.value and intent is not None and _name(row) not in told:
            told[_name(row)] = _waiting(row, intent)
    asked = [*wishes, *sorted(told.values(), key=lambda row: (row["position"], row["id"]))]
    found = _matched(stored, asked)
    rows = [_merged(found.get(place), row, chain=chain) for place, row in enumerate(asked)]
    ours, anchored = rows[: len(wishes)], rows[len(wishes) :]
    taken = _numbered(ours, {row["id"] for row in anchored if row["id"] is not None})
    _number_anchors(anchored, taken)
    return _write(store, stored, rows)


def _rows(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(_TABLE).order_by(_TABLE.c.id))]


def _name(row: Wish) -> Name:
    return bytes(row["op_id"]), str(row["kind"])


def _waiting(row: Wish, intent: AnchorIntent) -> dict[str, Any]:
    payload = json.dumps(intent.to_payload(), sort_keys=True, separators=(",", ":"))
    return {**row, "position": intent.size, "payload": payload, "state": State.PENDING.value}


def _matched(stored: Sequence[Wish], asked: Sequence[Wish]) -> dict[int, Wish]:
    """By its place in ``asked``, the stored row of a wish: the one of its operation and kind; of what is left the one
    of its operation, then the one that asks for the same, of which the operation was changed."""
    found: dict[int, Wish] = {}
    left = {row["id"]: row for row in stored}
    for key in (_name, lambda row: bytes(row["op_id"]), lambda row: (row["kind"], row["payload"])):
        known = {key(row): row for row in reversed(list(left.values()))}
        for place, wish in enumerate(asked):
            if place not in found and (row := known.get(key(wish))) is not None and row["id"] in left:
                found[place] = left.pop(row["id"])
    return found


def _merged(row: Wish | None, wish: Wish, *, chain: bool) -> dict[str, Any]:
    """The stored row as it has to be. Without a stored row nothing is known of how it was sent."""
    if row is None:
        blank = dict.fromkeys(("sender", "nonce", "tx_hash", "raw_tx", "fee", "sent_at", "last_error"))
        doubt = dict.fromkeys(("doubt_number", "doubt_hash"))
        return {**wish, **blank, **doubt, "id": None, "attempts": 0, "updated_at": wish["created_at"]}
    merged = {**row, **{column: wish[column] for column in _ASKED}}
    if not chain:
        return merged
    if wish["state"] in _THERE:
        gone = dict.fromkeys(("doubt_number", "doubt_hash", "last_error"))
        place = {column: wish[column] for column in ("state", "block_number", "block_hash")}
        return {**merged, **place, **gone}
    merged |= {"block_number": None, "block_hash": None}
    sent = State.SENT.value if row["raw_tx"] is not None else State.PENDING.value
    if row["state"] not in _BEGUN or row["state"] == State.SENT.value:
        merged["state"] = sent
    return merged


def _numbered(rows: Sequence[dict[str, Any]], taken: set[int]) -> set[int]:
    """Give ids so that they have the order of ``rows``, which is that of sending; those that have it keep theirs.

    What is missing gets a number that is free between its neighbours', the one that it had if it alone is missing.
    Returns all ids that are taken.
    """
    numbers = sorted({row["id"] for row in rows if row["id"] is not None})
    given = iter(numbers)
    for row in rows:
        if row["id"] is not None:
            row["id"] = next(given)
    taken = taken | set(numbers)
    above: dict[int, int] = {}
    following = max(taken, default=0) + len(rows) + 1
    for place in range(len(rows) - 1, -1, -1):
        above[place] = following
        following = rows[place]["id"] or following
    last = 0
    for place, row in enumerate(rows):
        if row["id"] is None:
            row["id"] = next((number for number in range(last + 1, above[place]) if number not in taken), None)
            if row["id"] is None:
                return _moved_up(rows, taken)
            taken.add(row["id"])
        last = row["id"]
    return taken


def _number_anchors(rows: Sequence[dict[str, Any]], taken: set[int]) -> None:
    """Anchors are sent by size, not by id: only what is missing gets one, after that of the size before."""
    last = 0
    for row in rows:
        if row["id"] is None:
            row["id"] = next(number for number in range(last + 1, last + len(taken) + 2) if number not in taken)
            taken.add(row["id"])
        last = max(last, row["id"])


def _moved_up(rows: Sequence[dict[str, Any]], taken: set[int]) -> set[int]:
    """No number is free where one is needed: all of them go beyond the highest."""
    first = max(taken) + 1
    for number, row in enumerate(rows, first):
        row["id"] = number
    return taken | set(range(first, first + len(rows)))


def _write(store: Connection, stored: Sequence[Wish], rows: Sequence[dict[str, Any]]) -> int:
    before = {row["id"]: row for row in stored}
    after = {row["id"]: row for row in rows}
    # Both unique keys may pass from one row to another: all that change go first.
    gone = [number for number, row in before.items() if after.get(number) != row]
    new = [row for number, row in after.items() if before.get(number) != row]
    for number in gone:
        store.execute(delete(_TABLE).where(_TABLE.c.id == number))
    if new:
        store.execute(insert(_TABLE), new)
    return len(set(gone) | {row["id"] for row in new})
