"""A settlement on a real Anvil, relayed as in production: what it costs stays what is said of it (P5)."""

from __future__ import annotations

import pytest

from bench import settlement_gas

SEAPORT_GAS = 172_440
"""Seen by ``make bench``, which measures it in the same run; its sources are not installed for tests."""


@pytest.mark.chain
@pytest.mark.node
def test_a_settlement_stays_near_the_floor_and_a_batch_is_cheaper_than_trades_alone() -> None:
    result = settlement_gas.run()
    assert result["passed"] is True
    fresh, warm, each, floor, again = result["measured"].values()  # type: ignore[attr-defined]  # a table of gas
    assert 100_000 < floor < fresh <= settlement_gas.FLOOR_SHARE * floor
    assert fresh <= settlement_gas.LIMIT_GAS
    assert fresh < settlement_gas.SEAPORT_SHARE * SEAPORT_GAS
    assert each <= settlement_gas.BATCH_SHARE * fresh
    # A second fill of the same orders finds their slots: 17,100 gas each.
    assert floor - again == pytest.approx(34_200, abs=100)
    assert fresh - warm == pytest.approx(34_200, abs=100)
