"""Every event of an operation against the entry that asked for it: nothing happens on chain that no entry says, and
what happens is what it says.

What needs no entry: what nobody but the contract itself decides (events without an operation), and what holders do
without the operator, as docs/contracts.md allows: direct cancels and releases, bilateral trades.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from attestation.encoding import b64url_decode
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from ledger.audit.evidence import RefusedRow
from ledger.audit.findings import Area, Divergences
from ledger.fsck.store import Row, Store

_AT_ONCE: Final = 500
_OPERATION: Final = "opId"
_RUN: Final = ("RunApproved", "run")
_NOBODY: Final = "0x" + "00" * 32
_ANYBODY: Final = frozenset({("Exchange", "Settled"), ("Exchange", "TradeRefused")})
"""Trades have names that their sender chose: which fill one is, the market's replay says by its orders."""
_KEYS: Final = frozenset({"thumbprint", "replaces"})
"""Thumbprints, which wishes have in base64url."""
_REPLACED: Final = "KeyRevoked"
"""The event's key is the one that another takes the place of, where it is one event of several."""
_ACCOUNTS: Final = frozenset({"account", "enterprise", "verifier", "parent", "from", "to", "holder"})


def check_told(store: Store, refused: list[RefusedRow], divergences: Divergences) -> int:
    """Hold every event of the scratch store against its wishes. Returns how many had an operation."""
    claimed = {one.op_id: one for one in refused}
    count = 0
    query = "SELECT block_number, log_index, contract, name, args FROM chain_events ORDER BY block_number, log_index"
    for (block, log, contract, name), args, operation, asked in _asked(store, query):
        count += 1
        op_id = bytes.fromhex(operation[2:])
        place = f"block {block} log {log}, {contract}.{name}"
        kinds, wishes = [row[0] for row in asked], [json.loads(row[1]) for row in asked]
        if not wishes:
            if (contract, name) not in _ANYBODY:
                divergences.add(Area.TOLD, place, "audit.unasked", operation, "an operation that an entry asks for")
            continue
        if op_id in claimed and len(wishes) == 1 and name != "TradeRefused":
            divergences.add(
                Area.TOLD, place, "audit.refused_took_effect", "its event", f"refused: {claimed[op_id].reason}"
            )
        differing = [list(_differences(args, wish)) for wish in wishes]
        if all(differing):
            for member, said, wanted in min(differing, key=len):
                if name == _REPLACED and member == "thumbprint" and kinds != ["revoke"]:
                    continue
                divergences.add(Area.TOLD, f"{place}, {member}", "audit.told", said, wanted, operation=operation)
    return count


_Asked = tuple[Row, Mapping[str, Any], str, list[tuple[str, str]]]


def _asked(store: Store, query: str) -> Iterator[_Asked]:
    """Every event that has an operation: its row, arguments and operation, and kinds and payloads of what was asked
    for by it. Looked up for many at once: a query for each took most of the time."""
    events = store.stream(query)
    while rows := list(islice(events, _AT_ONCE)):
        found: list[tuple[Row, Mapping[str, Any], str]] = []
        for *row, text in rows:
            args = json.loads(text)
            operation = args.get(_RUN[1]) if row[3] == _RUN[0] else args.get(_OPERATION)
            if isinstance(operation, str) and operation != _NOBODY:
                found.append((row, args, operation))
        wishes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        wanted = {bytes.fromhex(operation[2:]) for _, _, operation in found}
        marks = ", ".join("?" * len(wanted))
        looked_up = f"SELECT op_id, kind, payload FROM outbox WHERE op_id IN ({marks}) ORDER BY id"  # noqa: S608 - marks
        for op_id, kind, payload in store.stream(looked_up, *wanted) if wanted else ():
            wishes["0x" + op_id.hex()].append((kind, payload))
        for event, args, operation in found:
            yield event, args, operation, wishes.get(operation.lower(), [])


def count_waiting(store: Store) -> int:
    """How many wishes of entries are not on chain and were not refused: told later, or kept back."""
    query = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sent') AND kind <> 'anchor'"
    return int(store.scalar(query) or 0)


def _differences(args: Mapping[str, Any], wish: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Arguments of an event that are members of the wish too, and say something else there."""
    said = _flat(wish)
    items = wish.get("items")
    for name, value in args.items():
        member = _snake(name)
        if member not in said or isinstance(value, list):
            continue
        wanted = said[member]
        if not _same(member, value, wanted):
            yield name, value, wanted
    if isinstance(items, list) and items and not any(_agrees(args, item) for item in items):
        yield "items", {name: args.get(name) for name in ("account", "granted", "owes")}, items


def _agrees(args: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    return all(_same(name, args[name], value) for name, value in item.items() if name in args)


def _flat(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a wish by name: those of what people signed and of a granted key beside the wish's own."""
    inner = [wish[name] for name in ("members", "grant") if isinstance(wish.get(name), Mapping)]
    found: dict[str, Any] = {}
    for part in (wish, *inner):
        found.update({name: value for name, value in part.items() if isinstance(value, str | int)})
    return found


def _same(member: str, value: object, wanted: object) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool) or isinstance(value, int):
        return value == wanted
    if not isinstance(value, str) or not isinstance(wanted, str):
        return value == wanted
    if value.startswith("0x"):
        plain = value[2:]
        if plain == wanted.removeprefix("0x") or (member in _KEYS and plain == _thumbprint(wanted)):
            return True
        return member in _ACCOUNTS and plain == account_id(wanted).hex()
    return value == wanted


def _thumbprint(text: str) -> str:
    try:
        return b64url_decode(text.encode()).hex()
    except AttestationError:
        return ""


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
