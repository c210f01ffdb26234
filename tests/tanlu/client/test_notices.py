"""Notices through the SDK: another account's, or a page out of order, is the service's lie (DOMAIN 22)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tanlu.cli.notices_text import notices_text
from tanlu.client import Client
from tanlu.errors import PromiseBroken

from .test_accounts import ENTERPRISE, OTHER
from .test_lying_service import Liar

FROZEN: dict[str, Any] = {
    "index": 7, "at": 1_700_000_000, "power": "freeze", "accounts": [ENTERPRISE], "asset": "quota-2025", "tonnes": 5,
    "fen": None, "day": None, "sender": None, "receiver": None, "freeze": "3d" * 32, "reverses": None,
    "reason": "a court asks", "document_hash": "0d" * 32, "issuer": "88.608.1/PARK", "approvers": [],
    "op_id": "3d" * 32, "state": "final", "text": "frozen\nwhy\nobject", "text_zh": "已冻结\n理由\n异议",
}  # fmt: skip
HALTED = FROZEN | {"index": 9, "power": "halt", "accounts": [], "state": "refused"}
ANSWER: dict[str, Any] = {"account": ENTERPRISE, "notices": [FROZEN, HALTED], "next": None}


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.fixture
def asking(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, patience=5, evidence=tmp_path / "evidence") as made:
        yield made


def says(liar: Liar, *answers: object) -> None:
    left = [json.dumps(answer).encode() for answer in answers]
    liar.script = lambda *_: (200, left.pop(0))


def test_pages_are_turned_until_the_last(liar: Liar, asking: Client) -> None:
    says(liar, ANSWER | {"notices": [FROZEN], "next": 7}, ANSWER | {"notices": [HALTED]})
    assert [one.index for one in asking.notices(ENTERPRISE)] == [7, 9]


@pytest.mark.parametrize(
    "lie",
    [
        {"account": OTHER},
        {"notices": [HALTED, FROZEN]},
        {"notices": [FROZEN, FROZEN]},
        {"notices": [FROZEN | {"accounts": [OTHER]}]},
        {"next": 7},
        {"notices": [], "next": 0},
    ],
)
def test_an_answer_that_does_not_fit_is_kept_as_evidence(
    liar: Liar, asking: Client, tmp_path: Path, lie: dict[str, object]
) -> None:
    says(liar, ANSWER | lie)
    with pytest.raises(PromiseBroken) as caught:
        list(asking.notices(ENTERPRISE))
    assert caught.value.rule == "answer.notices"
    assert list((tmp_path / "evidence").iterdir())


def test_what_stands_below_the_place_asked_for_is_a_lie(liar: Liar, asking: Client) -> None:
    says(liar, ANSWER)
    with pytest.raises(PromiseBroken):
        list(asking.notices(ENTERPRISE, after=8))


def test_people_read_them_in_their_language_and_that_a_refused_act_did_nothing(liar: Liar, asking: Client) -> None:
    says(liar, ANSWER)
    found = list(asking.notices(ENTERPRISE))
    english, chinese = (notices_text(found, zh=zh) for zh in (False, True))
    assert english.startswith("[7] ")
    assert "frozen\nwhy\nobject" in english
    assert english.count("refused it") == 1
    assert "已冻结" in chinese
    assert "合约已拒绝" in chinese
    assert notices_text([], zh=True) == "没有通知"
