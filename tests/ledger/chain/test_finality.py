"""What counts as final, by setting; on Anvil only what a saved state of this very chain contains."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.errors import FinalityUnknown
from ledger.chain.finality import AnvilState, Confirmations, FinalizedTag, finality_from_setting
from ledger.errors import Retryable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anvil-state:/a/b:c.json", AnvilState(Path("/a/b:c.json"))),
        ("finalized", FinalizedTag()),
        ("confirmations:0", Confirmations(0)),
        ("confirmations:12", Confirmations(12)),
    ],
)
def test_a_setting_names_its_rule(text: str, expected: object) -> None:
    assert finality_from_setting(text) == expected


@pytest.mark.parametrize(
    "text", ["", "anvil-state", "anvil-state:", "finalized:1", "confirmations:", "confirmations:-1", "confirmations:²"]
)
def test_any_other_setting_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="expected anvil-state"):
        finality_from_setting(text)


def test_a_negative_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        Confirmations(-1)


@pytest.mark.chain
def test_confirmations_count_blocks_above(world: Any) -> None:
    assert Confirmations(3).final_block(world.rpc) is None
    world.rpc.request("anvil_mine", hex(5))
    final = Confirmations(3).final_block(world.rpc)
    assert final is not None
    assert final == world.rpc.block(2).ref


@pytest.mark.chain
def test_the_finalized_tag_is_the_node_s_word(world: Any) -> None:
    world.rpc.request("anvil_mine", hex(70))
    assert FinalizedTag().final_block(world.rpc) == world.rpc.block("finalized").ref


@pytest.mark.chain
def test_a_saved_state_of_another_chain_makes_nothing_final(world: Any, tmp_path: Path) -> None:
    world.rpc.request("anvil_mine", hex(3))
    sidecar = tmp_path / "final.json"
    finality = AnvilState(sidecar)
    assert finality.final_block(world.rpc) is None
    block = world.rpc.block(2)
    sidecar.write_text(json.dumps({"number": 2, "hash": "0x" + block.hash.hex()}))
    assert finality.final_block(world.rpc) == block.ref
    sidecar.write_text(json.dumps({"number": 2, "hash": "0x" + bytes(32).hex()}))
    assert finality.final_block(world.rpc) is None
    sidecar.write_text(json.dumps({"number": 99, "hash": "0x" + block.hash.hex()}))
    assert finality.final_block(world.rpc) is None


@pytest.mark.chain
@pytest.mark.parametrize(
    "text", ["", "[]", '{"number": 1}', '{"number": -1, "hash": "0x00"}', '{"number": "1", "hash": 3}']
)
def test_a_damaged_record_is_waited_out_and_no_finality(world: Any, tmp_path: Path, text: str) -> None:
    sidecar = tmp_path / "final.json"
    sidecar.write_text(text)
    with pytest.raises(FinalityUnknown, match=r"finality\.sidecar.*final\.json") as caught:
        AnvilState(sidecar).final_block(world.rpc)
    assert isinstance(caught.value, Retryable)
    world.rpc.request("evm_mine")
    sidecar.write_text(json.dumps({"number": 1, "hash": "0x" + world.rpc.block(1).hash.hex()}))
    assert AnvilState(sidecar).final_block(world.rpc) == world.rpc.block(1).ref


@pytest.mark.chain
def test_the_supervisor_s_record_is_understood(world: Any) -> None:
    world.rpc.request("anvil_mine", hex(3))
    until = time.monotonic() + 20
    final = None
    while (final is None or final.number < 3) and time.monotonic() < until:
        final = AnvilState(world.engine.final_path).final_block(world.rpc)
        time.sleep(0.1)
    assert final == world.rpc.block(3).ref
