"""P4 holds on a real Anvil, and the search for the worst pair of sizes knows what a proof costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import anchor_gas
from ledger.merkle import Tree


@pytest.fixture(scope="module")
def tree() -> Tree:
    return anchor_gas.build_tree(600)


@given(old=st.integers(1, 599), more=st.integers(1, 599))
def test_shape_counts_the_elements_of_the_real_proof(tree: Tree, old: int, more: int) -> None:
    new = min(old + more, 600)
    assert anchor_gas.shape(old, new).elements == len(tree.consistency_proof(old, new))


@pytest.mark.chain
@pytest.mark.node
def test_anchor_of_ten_thousand_on_a_million_stays_below_the_limit() -> None:
    result = anchor_gas.run()
    assert result["passed"] is True
    worst = result["worst"]
    assert isinstance(worst, dict)
    assert 50_000 < worst["gas"] <= anchor_gas.LIMIT_GAS
    assert worst["gas_per_evidence"] <= 12
