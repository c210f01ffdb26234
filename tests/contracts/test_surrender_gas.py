"""A first surrender stays below its limit on a real Anvil, relayed as in production."""

from __future__ import annotations

import pytest

from bench import surrender_gas


@pytest.mark.chain
@pytest.mark.node
def test_a_first_surrender_stays_below_the_limit() -> None:
    result = surrender_gas.run()
    assert result["passed"] is True
    first, again, offsets = result["measured"].values()  # type: ignore[attr-defined]  # a table of gas
    assert 100_000 < first <= surrender_gas.LIMIT_GAS
    assert 50_000 < again < first
    assert 50_000 < offsets < first
