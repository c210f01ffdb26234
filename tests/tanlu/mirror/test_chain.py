"""The chain's part of a mirror is one's own node's; a service that speaks of another chain is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.contracts import EVIDENCE_LOG
from ledger.chain.rpc import address_text
from ledger.checkpoint import Checkpoint
from tanlu.client.mirror import MirrorBlock, MirrorDeployment, MirrorStanding
from tanlu.errors import PromiseBroken
from tanlu.mirror import Mirrored, MirrorFolder
from tanlu.mirror.chain import own_chain
from tanlu.mirror.folder import Begun
from tests.ledger.conftest import ORIGIN, engine, make_world  # noqa: F401 - fixtures that are used by name

pytestmark = pytest.mark.chain


def said(world: Any, number: int | None, hash_: bytes, first_block: int) -> Mirrored:
    """What a service said of the chain."""
    deployment = world.deploy()
    standing = MirrorStanding(
        log=ORIGIN,
        size=1,
        page_entries=1_024,
        final=None if number is None else MirrorBlock(number=number, hash=hash_.hex()),
        deployment=MirrorDeployment(
            deployment_id=deployment.deployment_id.hex(),
            chain_id=deployment.chain_id,
            first_block=first_block,
            contracts={name: address.hex() for name, address in deployment.addresses.items()},
        ),
    )
    begun = Begun(log=ORIGIN, note="", standing=standing)
    return Mirrored(MirrorFolder(Path("unused")), Checkpoint(ORIGIN, 1, bytes(32), 0), begun, b"", 0)


def test_the_nodes_own_blocks_up_to_the_one_that_is_final(
    make_world: Callable[..., Any],  # noqa: F811 - the fixture
    engine: Any,  # noqa: F811 - the fixture
) -> None:
    world = make_world(engine)
    deployment, head = world.deploy(), world.rpc.head()
    taken = said(world, head.number, head.hash, deployment.first_block)
    assert taken.deployment is not None
    assert taken.deployment.addresses == deployment.addresses
    chain = own_chain(world.rpc, taken, deployment, None)
    assert chain is not None
    assert chain.head().hash == head.hash
    assert own_chain(world.rpc, said(world, None, b"", deployment.first_block), deployment, None) is None
    asked = own_chain(world.rpc, said(world, None, b"", deployment.first_block), deployment, 1)
    assert asked is not None
    assert asked.head().number == 1
    for number, hash_ in ((head.number, bytes(32)), (head.number + 1_000, head.hash)):
        with pytest.raises(PromiseBroken) as caught:
            own_chain(world.rpc, said(world, number, hash_, deployment.first_block), deployment, None)
        assert caught.value.rule == "mirror.chain"
    # Whoever names a later beginning would leave out what happened before.
    world.grow(3)
    world.settle(world.relayer())
    head = world.rpc.head()
    address = address_text(deployment.addresses[EVIDENCE_LOG])
    assert world.rpc.request("eth_getLogs", {"address": address, "fromBlock": "0x0", "toBlock": hex(head.number)})
    late = replace(deployment, first_block=head.number + 1)
    with pytest.raises(PromiseBroken) as caught:
        own_chain(world.rpc, said(world, head.number, head.hash, late.first_block), late, None)
    assert caught.value.rule == "mirror.chain"
    assert caught.value.value == f"the contracts begin with block {late.first_block}"
