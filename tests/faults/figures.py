"""Registered figures: what the log's own bytes say, and that the emissions registry heard each of them once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from tests.faults.merkle import leaf_hash

FIGURE_TYPES = ("report", "verification", "registration")
"""Types of statements that a verified figure stands on, itself among them."""


@dataclass(frozen=True, order=True)
class Figure:
    """One version of a case's figure. `account`: account id of the enterprise; leaves: hashes, hex."""

    account: str
    year: int
    revision: int
    tonnes: int
    report_leaf: str
    verdict_leaf: str


def figures_of(entries: Iterable[bytes]) -> list[Figure]:
    """What the registrations among these entries say, in their order; what they name is among the entries too."""
    leaves: dict[str, str] = {}
    bodies: list[tuple[str, str, dict[str, Any]]] = []
    for entry in entries:
        own_id = hashlib.sha256(entry.rpartition(b".")[0]).hexdigest()
        payload = entry.split(b".")[1]
        document = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        leaves[own_id] = leaf_hash(entry).hex()
        bodies.append((own_id, document["type"], document["body"]))
    reported = {own_id: body["report"] for own_id, kind, body in bodies if kind == "verification"}
    return [
        Figure(
            keccak(text=body["enterprise"]).hex(),
            body["year"],
            body["revision"],
            body["tonnes"],
            leaves[reported[body["verification"]]],
            leaves[body["verification"]],
        )
        for _, kind, body in bodies
        if kind == "registration"
    ]


def figures_on_chain_once(
    logged: Sequence[Figure], events: Sequence[Figure], standing: Sequence[Figure]
) -> Iterator[str]:
    """What is wrong: each logged figure is one event, nothing else is, and the last of a case is what stands."""
    told = Counter(events)
    for figure in logged:
        if told[figure] != 1:
            yield f"{figure} is registered on chain {told[figure]} times"
    known = set(logged)
    yield from (f"the chain registered {figure}, which nothing in the log says" for figure in told.keys() - known)
    last = {(figure.account, figure.year): figure for figure in sorted(logged)}
    for case, figure in last.items():
        found = [one for one in standing if (one.account, one.year) == case]
        if found != [figure]:
            yield f"the registry holds {found} where {figure} stands"
