"""What became of an operation: on its way, on chain, or refused by the contract with its reason in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestation.identifiers import account_id
from ledger.chain.finality import Confirmations
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.operation_views import OperationReader
from tests.ledger.mirrored import memory

from .chained_units import STEEL, TILES, YEAR, Chained

pytestmark = pytest.mark.chain


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1))).opened()


def test_an_operation_goes_from_its_entry_to_its_block(chained: Chained) -> None:
    chained.settle()
    reader, body = OperationReader(chained.world.database), chained.units.surrender(10)
    op_id = bytes.fromhex(body.op_id)
    assert reader.operation(op_id) is None
    chained.units.say(body)
    index = chained.memory.next_index - 1
    found = reader.operation(op_id)
    assert found is not None
    assert (found.kind, found.state, found.block, found.tx) == (Kind.SURRENDER, State.PENDING, None, None)
    assert found.entry is not None
    assert (found.entry.index, found.entry.type, found.entry.issuer) == (index, "intent", STEEL)
    assert found.accounts == {account_id(STEEL)}
    chained.settle()
    found = reader.operation(op_id)
    assert found is not None
    assert found.state in {State.MINED, State.FINAL}
    assert found.block is not None
    assert found.block.hash == chained.world.rpc.block(found.block.number).hash
    assert found.tx is not None
    assert chained.world.rpc.receipt(found.tx).block_number == found.block.number
    assert (found.refusal, found.note) == (None, None)


def test_a_refusal_names_people_assets_and_instants(chained: Chained) -> None:
    """Law 4, by the contract alone: its word is the reason, in English and Chinese."""
    chained.settle()
    units, reader = chained.units, OperationReader(chained.world.database)
    told = {
        "OffsetCapExceeded": chained.past_the_door(units.surrender(51, asset="ccer")),
        "BalanceInsufficient": chained.past_the_door(units.cancel_own(2_001)),
    }
    chained.settle()
    found = {name: reader.operation(op_id) for name, op_id in told.items()}
    for name, one in found.items():
        assert one is not None
        assert (one.state, one.block) == (State.REFUSED, None)
        assert one.refusal is not None
        assert (one.refusal.name, one.refusal.rule) == (name, f"contract.{name}")
    cap, balance = found["OffsetCapExceeded"].refusal, found["BalanceInsufficient"].refusal  # type: ignore[union-attr]
    assert dict(cap.arguments) == {"account": STEEL, "year": str(YEAR), "requested": "51", "remaining": "50"}
    assert cap.text == f"{STEEL} may surrender 50 t of CCER more for {YEAR}, 51 t were asked for (DOMAIN 3)"
    assert "还可使用 CCER 50 吨" in cap.text_zh
    assert (balance.arguments["asset"], balance.arguments["available"]) == (f"quota-{YEAR}", "2000")


def test_an_operation_is_about_those_whose_accounts_it_changes(chained: Chained) -> None:
    units, reader = chained.units, OperationReader(chained.world.database)
    moved = units.signed(units.transfer(30, cause="enforcement"))
    units.hold(moved)
    found = reader.operation(bytes.fromhex(moved.op_id))
    assert found is not None
    assert found.accounts is not None
    assert {account_id(STEEL), account_id(TILES)} <= found.accounts
    assert account_id(memory.PARK) not in found.accounts
    # Whoever receives units reads the order by which they come, as whoever gives them does.
    assert found.entry is not None
    assert found.entry.about == (STEEL, TILES)
