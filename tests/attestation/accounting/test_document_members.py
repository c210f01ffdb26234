"""Whatever stands at any place of a document, it is used or refused, and never breaks the program (DOMAIN 35, 46)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.accounting.inventory_document import yearly_inventory
from attestation.accounting.park_document import park_total
from attestation.errors import SchemaRefused

CHAPTER = (Path(__file__).parents[3] / "docs" / "accounting.md").read_text(encoding="utf-8").partition("## 10.")[2]
PARK, INVENTORY = (json.loads(block.split("```")[0]) for block in CHAPTER.split("```json\n")[1:3])
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**60, [], [[]], {}, {"v": 1}, ["a"]),
    *("", "x", "-1", "-0", "1e5", "NaN", "999999999999999999.999999999", "0.000000001", "\u202e", "a" * 600, "①"),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every member and item."""
    if way:
        yield way
    for name, member in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(member, (*way, name))


@pytest.mark.parametrize(
    ("document", "read"), [(PARK, park_total), (INVENTORY, yearly_inventory)], ids=["park", "inventory"]
)
def test_odd_values_at_every_place_are_used_or_refused(document: dict[str, Any], read: Callable[[object], Any]) -> None:
    refused: list[SchemaRefused] = []
    for *way, last in places(document):
        for odd in ODD:
            changed: Any = copy.deepcopy(document)
            holder = changed
            for part in way:
                holder = holder[part]
            holder[last] = odd
            try:
                json.dumps(read(changed).as_dict())
            except SchemaRefused as error:
                refused.append(error)
    assert len(refused) > 500
    assert all(error.message_zh and error.expected for error in refused)
