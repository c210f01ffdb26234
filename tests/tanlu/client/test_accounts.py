"""Accounts, supplies, obligations and operations through the SDK: what follows from other numbers is computed again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.identifiers import account_id
from tanlu.client import Client
from tanlu.client.compliance import ComplianceReads, Position, Terms
from tanlu.errors import OperationRefused, PromiseBroken

from .test_lying_service import Liar

ENTERPRISE, OTHER = "88.608.5288/A", "88.608.5288/B"
OP = "3c" * 32
AS_OF = {"number": 12, "hash": "5d" * 32, "final": False, "unchanged_since": None, "read_at": 1}
TERMS: dict[str, Any] = {
    "offset_cap_bps": 500,
    "surrender_deadline": 1_000,
    "carry_over_until": 2_000,
    "closes_at": 3_000,
    "carry_base_bps": 500,
    "carry_multiple_bps": 15_000,
    "charge_multiple_bps": 50_000,
    "amendment_seconds": 300,
    "earlier_vintages": False,
    "document_hash": "e3" * 32,
    "index": 7,
}
POSITION: dict[str, Any] = {
    "enterprise": ENTERPRISE,
    "year": 2025,
    "emissions": 1_000,
    "revision": 1,
    "offset_cap": 50,
    "quota": 600,
    "offsets_used": 60,
    "offsets_counted": 50,
    "credit_in": 5,
    "credit_out": 1,
    "due": 346,
    "missed": 0,
    "charge_fen": 0,
    "charge_now_fen": 346 * 6_001 * 5,
    "carried": 0,
    "deadline": 1_000,
    "assessed": False,
    "closed": False,
    "score": None,
}
HOLDING = {"asset": "quota-2025", "registry": 10, "trading": 3, "locked": 2, "frozen": 5, "leaving": 2, "arriving": 1}
FREEZE = {"asset": "quota-2025", "tonnes": 9, "left": 5, "lapses_at": None, "document_hash": "e3" * 32, "index": 4}
ACCOUNT: dict[str, Any] = {
    "identifier": ENTERPRISE,
    "account": account_id(ENTERPRISE).hex(),
    "kind": "enterprise",
    "as_of": AS_OF,
    "holdings": [HOLDING],
    "cash": {"free_fen": 0, "trading_fen": 0, "withdrawing_fen": 0},
    "pledged": 0,
    "freezes": [FREEZE | {"freeze": OP}],
    "suspended_at": None,
    "owed": None,
    "years": [POSITION | {"terms": TERMS, "price_fen": 6_001}],
}
OBLIGATION: dict[str, Any] = {
    "as_of": AS_OF,
    "terms": TERMS,
    "price_fen": 6_001,
    "position": POSITION,
    "quota_leaving": 0,
    "offsets_leaving": 0,
    "carried_leaving": 0,
}
SUPPLY: dict[str, Any] = {
    "asset": "quota-2025",
    "issued": 100,
    "surrendered": 30,
    "cancelled": 10,
    "registry": 50,
    "trading": 4,
    "frozen": 6,
    "accounts": 2,
}
OPERATION: dict[str, Any] = {
    "op_id": OP,
    "kind": "surrender",
    "state": "mined",
    "index": 9,
    "leaf_hash": "90" * 32,
    "problem": None,
    "tx": "7a" * 32,
    "block": {"number": 12, "hash": "5d" * 32},
    "attempts": 1,
    "created_at": 1,
    "updated_at": 2,
}
PROBLEM = {
    "rule": "contract.OffsetCapExceeded",
    "value": "OffsetCapExceeded(requested=51)",
    "detail": "51 t were asked for",
    "message_zh": "申请 51 吨",
    "arguments": {"requested": "51"},
}


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


def test_a_statement_that_fits_is_returned(liar: Liar, asking: Client) -> None:
    says(liar, ACCOUNT)
    found = asking.account(ENTERPRISE)
    assert (found.holding("quota-2025").available, found.holding("ccer").available) == (9, 0)
    assert found.years[0].terms is not None
    assert found.freezes[0].left == 5


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"identifier": OTHER}, "answer.account"),
        ({"account": account_id(OTHER).hex()}, "answer.account"),
        # Frozen units that no freeze holds, and a freeze of which nothing is frozen.
        ({"freezes": []}, "answer.account"),
        ({"holdings": [HOLDING | {"frozen": 4}]}, "answer.account"),
        ({"holdings": []}, "answer.account"),
        # DOMAIN 16: nothing is locked that is not in trading.
        ({"holdings": [HOLDING | {"locked": 4}]}, "answer.account"),
        ({"years": [POSITION | {"enterprise": OTHER, "terms": TERMS, "price_fen": 6_001}]}, "answer.account"),
        ({"years": [POSITION | {"due": 345, "terms": TERMS, "price_fen": 6_001}]}, "answer.compliance"),
        ({"years": [POSITION | {"terms": TERMS, "price_fen": 6_002}]}, "answer.compliance"),
        ({"holdings": [HOLDING | {"registry": "10"}]}, "answer.format"),
    ],
)
def test_a_statement_that_contradicts_itself_is_kept_as_evidence(
    liar: Liar, asking: Client, lie: dict[str, object], rule: str, tmp_path: Path
) -> None:
    says(liar, ACCOUNT | lie)
    with pytest.raises(PromiseBroken) as broken:
        asking.account(ENTERPRISE)
    assert broken.value.rule == rule
    if rule != "answer.format":
        assert any((tmp_path / "evidence").iterdir())


def test_a_statement_as_of_another_block_is_none(liar: Liar, asking: Client) -> None:
    asked: list[str] = []

    def script(path: str, _: bytes) -> tuple[int, bytes]:
        asked.append(path)
        return 200, json.dumps(ACCOUNT).encode()

    liar.script = script
    assert asking.account(ENTERPRISE, block=12).as_of is not None
    assert parse_qs(urlsplit(asked[0]).query) == {"block": ["12"]}
    with pytest.raises(PromiseBroken) as broken:
        asking.account(ENTERPRISE, block=11)
    assert broken.value.rule == "answer.block"
    says(liar, ACCOUNT | {"as_of": None})
    with pytest.raises(PromiseBroken):
        asking.account(ENTERPRISE, block=11)


def test_law_three_is_added_up_by_who_asks(liar: Liar, asking: Client) -> None:
    says(liar, {"as_of": AS_OF, "assets": [SUPPLY]})
    assert asking.assets().assets[0].issued == 100
    says(liar, SUPPLY | {"as_of": AS_OF})
    assert asking.asset("quota-2025", block=12).accounts == 2
    with pytest.raises(PromiseBroken) as another:
        asking.asset("ccer")
    assert another.value.rule == "answer.asset"
    for member in ("issued", "surrendered", "cancelled", "registry", "trading", "frozen"):
        says(liar, {"as_of": AS_OF, "assets": [SUPPLY | {member: SUPPLY[member] + 1}]})
        with pytest.raises(PromiseBroken) as broken:
            asking.assets()
        assert broken.value.rule == "answer.supply", member


@pytest.mark.parametrize(
    "lie",
    [
        {"enterprise": OTHER},
        {"year": 2024},
        {"offset_cap": 51},
        {"offsets_counted": 51},
        {"offsets_counted": 49},
        {"due": 347},
        {"charge_now_fen": 346 * 6_001 * 5 + 1},
        {"charge_now_fen": None},
    ],
)
def test_an_obligation_that_does_not_follow_from_its_numbers_is_refused(
    liar: Liar, asking: Client, lie: dict[str, object]
) -> None:
    """DOMAIN 3, 7 and law 4."""
    says(liar, OBLIGATION)
    assert asking.obligation(2025, ENTERPRISE).position.due == 346
    says(liar, OBLIGATION | {"position": POSITION | lie})
    with pytest.raises(PromiseBroken) as broken:
        asking.obligation(2025, ENTERPRISE)
    assert broken.value.rule == "answer.compliance"


def test_a_year_comes_page_by_page_and_never_in_a_circle(liar: Liar, asking: Client) -> None:
    year = {"year": 2025, "as_of": AS_OF, "terms": TERMS, "price_fen": 6_001}

    def script(path: str, _: bytes) -> tuple[int, bytes]:
        later = "after" in parse_qs(urlsplit(path).query)
        page = {"positions": [POSITION | {"enterprise": OTHER if later else ENTERPRISE}]}
        return 200, json.dumps(year | page | {"next": None if later else "x"}).encode()

    liar.script = script
    assert [one.enterprise for one in asking.compliance_year(2025).positions] == [ENTERPRISE, OTHER]
    says(liar, year | {"positions": [POSITION], "next": "x"})
    with pytest.raises(PromiseBroken) as broken:
        asking.compliance_year(2025)
    assert broken.value.value == "after x"
    says(liar, {"accounts": [], "next": "x"})
    with pytest.raises(PromiseBroken):
        list(asking.accounts())


class Checking(ComplianceReads):
    """The check alone."""

    def __init__(self, folder: Path) -> None:
        self._evidence = folder

    def check(self, position: Position, terms: Terms | None, price_fen: int | None) -> None:
        self._check_position(position, terms, price_fen, "")


@settings(max_examples=50)
@given(
    emissions=st.integers(0, 10**9),
    used=st.integers(0, 10**6),
    quota=st.integers(0, 10**9),
    bps=st.integers(0, 10_000),
    multiple=st.integers(0, 10**6),
    price=st.none() | st.integers(1, 10**6),
)
def test_the_charge_of_a_shortfall_is_the_contracts_half_up(
    tmp_path_factory: pytest.TempPathFactory,
    emissions: int,
    used: int,
    quota: int,
    bps: int,
    multiple: int,
    price: int | None,
) -> None:
    """DOMAIN 7: half up to the fen; nothing is charged for what is met, and nothing is known without a price."""
    cap = emissions * bps // 10_000
    due = max(0, emissions - quota - min(used, cap))
    charge = None if price is None else int((2 * due * price * multiple + 10_000) // 20_000)
    terms = Terms(**(TERMS | {"offset_cap_bps": bps, "charge_multiple_bps": multiple}))
    numbers = {"emissions": emissions, "quota": quota, "offsets_used": used, "offset_cap": cap}
    rest = {"offsets_counted": min(used, cap), "due": due, "charge_now_fen": charge, "credit_in": 0, "credit_out": 0}
    position = Position(**(POSITION | numbers | rest))
    Checking(tmp_path_factory.getbasetemp()).check(position, terms, price)
    if due == 0 and price is not None:
        assert charge == 0


def test_an_operation_is_waited_for_until_it_is_there(liar: Liar, asking: Client) -> None:
    states = iter(["pending", "sent", "mined", "final"])
    liar.script = lambda *_: (200, json.dumps(OPERATION | {"state": next(states)}).encode())
    assert asking.operation(OP).state == "pending"
    assert asking.operation(OP, wait=10).state == "mined"
    assert asking.operation(OP, wait=10, until="final").state == "final"


def test_waiting_ends_with_the_time_that_it_was_given(liar: Liar, asking: Client) -> None:
    says(liar, OPERATION | {"state": "sent"})
    began = time.monotonic()
    assert asking.operation(OP, wait=0.2).state == "sent"
    assert 0.2 <= time.monotonic() - began < 5


def test_a_refusal_is_raised_with_the_contracts_reason(liar: Liar, asking: Client) -> None:
    says(liar, OPERATION | {"state": "refused", "problem": PROBLEM, "tx": None, "block": None})
    found = asking.operation(OP, wait=10)
    assert found.settled
    with pytest.raises(OperationRefused) as refused:
        found.require_taken()
    assert (refused.value.rule, refused.value.message_zh) == ("contract.OffsetCapExceeded", "申请 51 吨")
    assert refused.value.as_dict()["op_id"] == OP
    says(liar, OPERATION)
    assert asking.operation(OP).require_taken().block is not None


def test_another_operation_is_no_answer(liar: Liar, asking: Client) -> None:
    says(liar, OPERATION | {"op_id": "00" * 32})
    with pytest.raises(PromiseBroken) as broken:
        asking.operation(OP)
    assert broken.value.rule == "answer.operation"
