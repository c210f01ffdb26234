"""One enterprise's share of a logged allocation: its own inputs, every step, and nothing of the others' (DOMAIN 30)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attestation.bodies import Allocation
from ledger.allocation_views import own_share

A, B, GONE = "88.608.1/a", "88.608.1/b", "88.608.1/gone"
RULES = {
    "year": 2026,
    "cap": "1500",
    "reserve": "100",
    "pre_share": "0.7",
    "score_limit": "0.02",
    "sector_benchmarks": [],
}


def body(round_: str, document: dict[str, Any]) -> Allocation:
    return Allocation(
        op_id="",
        year=2026,
        round=round_,
        reserve="88.608.1/park",
        document={"v": 1, "rules": RULES} | document,
        input_root="",
        table=(),
        tonnes=0,
        return_due="",
        approvals=(),
    )


def grandfathered(identifier: str, tonnes: int) -> dict[str, Any]:
    inputs = {"base_years": [{"year": 2025, "emissions": str(tonnes)}], "factor": "0.95"}
    zeros = {"relief": "0", "score_adjustment": "0", "owed": "0", "cut": "0"}
    return {"identifier": identifier, "method": "grandfathering", "inputs": inputs, **zeros}


FINAL = {"kind": "allocation-inputs", "inputs": [grandfathered(A, 1_000), grandfathered(B, 600)]}
AHEAD = {
    "kind": "pre-allocation-inputs",
    "emissions": [{"identifier": A, "tonnes": "1000"}, {"identifier": B, "tonnes": "1500"}],
}


@pytest.mark.parametrize(
    ("round_", "document", "rows", "tonnes", "total"),
    [("final", FINAL, "inputs", 525, "1520"), ("pre", AHEAD, "emissions", 840, "1750")],
)
def test_a_scaled_share_shows_the_sum_and_no_other_enterprise(
    round_: str, document: dict[str, Any], rows: str, tonnes: int, total: str
) -> None:
    found = own_share(body(round_, document), B)
    assert found is not None
    assert found.tonnes == tonnes
    assert [row["identifier"] for row in found.document[rows]] == [B]
    assert f" ÷ {total}" in " ".join(str(step["expression"]) for step in found.trace)
    assert A not in json.dumps([found.document, found.trace])


@pytest.mark.parametrize(("round_", "document"), [("final", FINAL), ("pre", AHEAD)])
def test_who_has_no_inputs_has_no_share(round_: str, document: dict[str, Any]) -> None:
    assert own_share(body(round_, document), GONE) is None
