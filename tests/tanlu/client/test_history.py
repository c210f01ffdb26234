"""The history through the SDK: pages stay in order, hits are what was asked for, surrenders add up (law 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tanlu.client import Client
from tanlu.errors import PromiseBroken

from .test_accounts import AS_OF, ENTERPRISE, OTHER
from .test_lying_service import Liar


def hit(index: int, **changed: object) -> dict[str, Any]:
    return {
        "index": index, "type": "policy", "action": None, "issuer": OTHER, "stream": "policies", "seq": 1,
        "accepted_at": 100, "statement_id": "1a" * 32, "leaf_hash": "2b" * 32, "about": [], "what": "publishes",
        "what_zh": "发布", "effects": [],
    } | changed  # fmt: skip


POSITION: dict[str, Any] = {
    "enterprise": ENTERPRISE, "year": 2025, "emissions": 90, "revision": 1, "offset_cap": 4, "quota": 70,
    "offsets_used": 4, "offsets_counted": 4, "credit_in": 0, "credit_out": 0, "due": 16, "missed": 0, "charge_fen": 0,
    "charge_now_fen": None, "carried": 0, "deadline": None, "assessed": False, "closed": False, "score": None,
}  # fmt: skip
SURRENDER: dict[str, Any] = {
    "block": 7, "log_index": 0, "tx": "7a" * 32, "op_id": "3c" * 32, "index": 4, "asset": "quota-2025", "tonnes": 70,
    "due": 20,
}  # fmt: skip
OFFSETS = SURRENDER | {"block": 8, "asset": "ccer", "tonnes": 4, "due": 16}
TONNE: dict[str, Any] = {
    "enterprise": ENTERPRISE, "year": 2025, "as_of": AS_OF, "report": None, "verdict": None, "registration": None,
    "reported": None, "verified": None, "registered": None, "determined": False, "lines": [], "totals": None,
    "position": POSITION, "surrenders": [SURRENDER, OFFSETS], "steps": [],
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


def pages(liar: Liar, *answers: object) -> None:
    """One answer a request, the last one again and again."""
    left = list(answers)
    liar.script = lambda *_: (200, json.dumps(left.pop(0) if len(left) > 1 else left[0]).encode())


def page(*hits: dict[str, Any], following: int | None = None) -> dict[str, Any]:
    return {"hits": list(hits), "size": 10, "next": following}


def test_pages_are_turned_to_the_last_over_empty_ones(liar: Liar, asking: Client) -> None:
    pages(liar, page(hit(9), hit(7), following=7), page(following=3), page(hit(1)))
    assert [one.index for one in asking.history.search()] == [9, 7, 1]
    pages(liar, page(hit(1), following=1), page(hit(4)))
    assert [one.index for one in asking.history.search(sort="oldest", type="policy", since=100, until=100)] == [1, 4]


@pytest.mark.parametrize(
    "answers",
    [
        (page(hit(7), hit(9)),),
        (page(hit(7), hit(7)),),
        (page(hit(9), following=9), page(hit(9))),
        (page(following=5), page(following=5)),
        (page(following=5), page(following=6)),
        (page(hit(9, type="key")),),
        (page(hit(9, accepted_at=99)),),
        (page(hit(9, accepted_at=201)),),
    ],
    ids=["order", "twice", "again", "no-progress", "backwards", "type", "early", "late"],
)
def test_a_page_that_does_not_answer_is_kept_as_evidence(
    liar: Liar, asking: Client, tmp_path: Path, answers: tuple[object, ...]
) -> None:
    pages(liar, *answers)
    with pytest.raises(PromiseBroken) as broken:
        list(asking.history.search(type="policy", since=100, until=200))
    assert broken.value.rule == "answer.history"
    assert any((tmp_path / "evidence").iterdir())


def test_the_way_of_a_tonne_adds_up_to_the_position(liar: Liar, asking: Client) -> None:
    pages(liar, TONNE)
    assert [one.tonnes for one in asking.history.tonne(ENTERPRISE, 2025).surrenders] == [70, 4]


@pytest.mark.parametrize(
    "lie",
    [
        {"surrenders": [SURRENDER]},
        {"surrenders": [SURRENDER | {"tonnes": 71}, OFFSETS]},
        {"surrenders": [SURRENDER, OFFSETS | {"asset": "quota-2024"}]},
        {"enterprise": OTHER},
        {"year": 2024},
    ],
)
def test_a_way_that_does_not_add_up_is_refused(liar: Liar, asking: Client, lie: dict[str, object]) -> None:
    pages(liar, TONNE | lie)
    with pytest.raises(PromiseBroken) as broken:
        asking.history.tonne(ENTERPRISE, 2025)
    assert broken.value.rule == "answer.history"


HELD: dict[str, int] = {"registry": 0, "trading": 0, "frozen": 0}
FLOW: dict[str, Any] = {
    "kind": "Settled", "other": OTHER, "year": None, "asset": None, "tonnes": 70, "events": 2, "first_block": 3,
    "last_block": 5,
}  # fmt: skip
WAY: dict[str, Any] = {
    "identifier": ENTERPRISE, "account": "9b" * 32, "asset": "quota-2025", "as_of": AS_OF, "at": None, "from_block": 0,
    "opening": HELD | {"registry": 10}, "inward": [FLOW], "outward": [FLOW | {"kind": "Surrendered", "tonnes": 30}],
    "closing": {"registry": 20, "trading": 25, "frozen": 5}, "note": "alike", "note_zh": "无差别",
}  # fmt: skip


def test_the_way_of_units_adds_up(liar: Liar, asking: Client) -> None:
    pages(liar, WAY)
    found = asking.history.units(ENTERPRISE, "quota-2025")
    assert (found.surplus(), found.inward[0].tonnes, found.outward[0].other) == (0, 70, OTHER)
    pages(liar, WAY | {"at": 1_700_000_000})
    assert asking.history.units(ENTERPRISE, "quota-2025", at=1_700_000_000).at == 1_700_000_000


@pytest.mark.parametrize(
    "lie",
    [
        {"closing": HELD | {"registry": 51}},
        {"outward": []},
        {"asset": "quota-2024"},
        {"identifier": OTHER},
        {"from_block": 1},
        {"at": 5},
        {"as_of": None},
    ],
    ids=["more", "nothing left", "asset", "account", "from", "instant", "block"],
)
def test_a_way_of_units_that_contradicts_itself_is_refused(liar: Liar, asking: Client, lie: dict[str, object]) -> None:
    pages(liar, WAY | lie)
    with pytest.raises(PromiseBroken) as broken:
        asking.history.units(ENTERPRISE, "quota-2025", block=AS_OF["number"])
    assert broken.value.rule == "answer.history"


def touched(index: int) -> dict[str, Any]:
    return {
        "index": index, "type": "report", "issuer": ENTERPRISE, "stream": None, "seq": None, "year": 2025,
        "why": "judged", "superseded_by": None,
    }  # fmt: skip


def effects(*entries: dict[str, Any], following: int | None = None) -> dict[str, Any]:
    return {"compromised_since": None, "entries": list(entries), "next": following}


def test_effects_are_turned_to_the_last_page(liar: Liar, asking: Client) -> None:
    pages(liar, effects(touched(3), touched(5), following=5), effects(touched(8)))
    found = asking.history.effects(policy=("factor-set", "steel", "1"))
    assert [one.index for one in found] == [3, 5, 8]


@pytest.mark.parametrize(
    "answers",
    [
        (effects(touched(5), touched(3)),),
        (effects(touched(5), following=5), effects(touched(5))),
        (effects(touched(5), following=9),),
        (effects(following=5),),
    ],
    ids=["order", "again", "ahead", "nothing"],
)
def test_effects_that_lead_astray_are_refused(liar: Liar, asking: Client, answers: tuple[object, ...]) -> None:
    pages(liar, *answers)
    with pytest.raises(PromiseBroken):
        list(asking.history.effects(key="k" * 43))
