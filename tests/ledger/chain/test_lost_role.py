"""A registrar whose role was taken away for a while: nothing that the log says is given up for that."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account

from ganache import development_keys
from ledger.chain.contracts import ACCESS_MANAGER, NAMES, Contract
from ledger.chain.deploy_plan import created_address
from ledger.chain.deploy_roles import REGISTRAR_ROLE
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.chain.signing import account_address

from ..registry_life import Life, key

pytestmark = pytest.mark.chain


def governed(world: Any, function: str, *arguments: Any) -> None:
    """The governor does something: scheduled, waited for, executed."""
    governor = Account.from_key(development_keys(world.engine.rpc_url, world.engine.chain_id)[3])
    manager = Contract(
        world.rpc, ACCESS_MANAGER, created_address(account_address(world.deployer), NAMES.index(ACCESS_MANAGER))
    )
    data = manager.data(function, *arguments)
    world.send(governor, manager.address, manager.data("schedule", manager.address, data, 0))
    world.pass_time(world.parameters.epoch_delay + 1)
    world.send(governor, manager.address, manager.data("execute", manager.address, data))


def test_what_is_refused_for_want_of_the_role_waits_for_it(engine: Any, make_world: Any) -> None:
    world = make_world(engine, finality=Confirmations(0))
    life = Life(world.registry_domain)
    for intent in life.everybody():
        world.enrol(intent)
    relayer = world.relayer()
    world.settle(relayer)
    registrar = account_address(world.relayer_account)
    governed(world, "revokeRole", REGISTRAR_ROLE, registrar)
    ops = [world.enrol(intent) for intent in (life.add(key(6), by=key(2)), life.rotate(key(6), key(7), by=key(6)))]
    for _ in range(3):
        relayer.step()
    assert [world.state(op) for op in ops] == [State.PENDING, State.PENDING]
    assert "AccessManagedUnauthorized" in (world.errors()[0] or "")
    governed(world, "grantRole", REGISTRAR_ROLE, registrar, 0)
    world.settle(relayer)
    assert {world.state(op) for op in ops} <= {State.MINED, State.FINAL}
