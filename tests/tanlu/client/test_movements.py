"""Movements through the SDK: opening and movements have to add up to closing, whatever the service says (DOMAIN 21)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.identifiers import account_id
from tanlu.client import Client
from tanlu.errors import PromiseBroken

from .test_accounts import AS_OF, ENTERPRISE, OTHER
from .test_lying_service import Liar

NOTHING = {"registry": 0, "trading": 0, "frozen": 0}
ASSET = {"asset": "quota-2025", "opening": NOTHING | {"registry": 5}, "closing": NOTHING | {"registry": 8, "frozen": 4}}
CARRIED: dict[str, Any] = {
    "block": 7, "log_index": 0, "part": 0, "tx": "7a" * 32, "kind": "CarriedIn", "asset": "quota-2025", "registry": 7,
    "trading": 0, "frozen": 0, "counterparty": None, "freeze": None, "op_id": "3c" * 32, "index": 4,
}  # fmt: skip
FROZEN = CARRIED | {"block": 9, "kind": "Frozen", "registry": -4, "frozen": 4, "freeze": "3d" * 32}
ANSWER: dict[str, Any] = {
    "identifier": ENTERPRISE, "account": account_id(ENTERPRISE).hex(), "as_of": AS_OF, "from_block": 6,
    "assets": [ASSET], "movements": [CARRIED, FROZEN], "next": None,
}  # fmt: skip


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.fixture
def asking(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, patience=5, evidence=tmp_path / "evidence") as made:
        yield made


def says(liar: Liar, answer: object) -> None:
    liar.script = lambda *_: (200, json.dumps(answer).encode())


def test_movements_that_add_up_are_returned(liar: Liar, asking: Client) -> None:
    says(liar, ANSWER)
    found = asking.movements(ENTERPRISE, from_block=6)
    assert [one.kind for one in found.movements] == ["CarriedIn", "Frozen"]
    assert found.assets[0].closing.frozen == 4


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"movements": [CARRIED]}, "answer.movements"),
        ({"movements": [CARRIED, FROZEN | {"registry": -3}]}, "answer.movements"),
        ({"movements": [FROZEN, CARRIED]}, "answer.movements"),
        ({"movements": [CARRIED, CARRIED, FROZEN]}, "answer.movements"),
        ({"movements": [CARRIED | {"block": 5}, FROZEN]}, "answer.movements"),
        ({"movements": [CARRIED, FROZEN | {"block": 13}]}, "answer.movements"),
        ({"movements": [CARRIED, FROZEN, FROZEN | {"block": 10, "asset": "ccer"}]}, "answer.movements"),
        ({"assets": []}, "answer.movements"),
        ({"assets": [ASSET | {"closing": NOTHING}]}, "answer.movements"),
        ({"from_block": 0}, "answer.movements"),
        ({"identifier": OTHER}, "answer.account"),
        ({"account": account_id(OTHER).hex()}, "answer.account"),
        ({"next": "again"}, "answer.movements"),
        ({"movements": [], "next": "again"}, "answer.page"),
    ],
)
def test_movements_that_do_not_are_kept_as_evidence(
    liar: Liar, asking: Client, lie: dict[str, object], rule: str, tmp_path: Path
) -> None:
    says(liar, ANSWER | lie)
    with pytest.raises(PromiseBroken) as broken:
        asking.movements(ENTERPRISE, from_block=6)
    assert broken.value.rule == rule
    assert any((tmp_path / "evidence").iterdir())


def test_movements_as_of_another_block_are_none(liar: Liar, asking: Client) -> None:
    says(liar, ANSWER)
    with pytest.raises(PromiseBroken) as broken:
        asking.movements(ENTERPRISE, from_block=6, block=11)
    assert broken.value.rule == "answer.block"
