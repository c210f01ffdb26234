"""A settlement on a real Anvil, relayed as in production: what it costs stays what is said of it (P5)."""

from __future__ import annotations

import pytest

from bench import settlement_gas


@pytest.mark.chain
@pytest.mark.node
def test_a_settlement_is_cheaper_than_seaports_and_a_batch_than_trades_alone() -> None:
    result = settlement_gas.run()
    fresh, warm, each = result["measured"].values()  # type: ignore[attr-defined]  # a table of gas
    assert settlement_gas.FLOOR_GAS < fresh < settlement_gas.SEAPORT_SHARE * settlement_gas.SEAPORT_GAS
    # The goal of 1.25 of the floor is missed; docs/contracts.md says by how much and where it goes.
    assert fresh <= 1.32 * settlement_gas.FLOOR_GAS
    assert each <= settlement_gas.BATCH_SHARE * fresh
    assert 80_000 < warm < fresh
