"""Logs and headers of one range belong to one chain, or nothing of them is used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.chain.errors import ChainMoved
from ledger.chain.events import EventReader
from ledger.chain.rpc import Log, Rpc

pytestmark = pytest.mark.chain


class OtherLogs(Rpc):
    """A node behind a balancer: headers of one chain, logs of another."""

    def logs(self, *arguments: Any) -> list[Log]:
        return [replace(log, block_hash=bytes(32)) for log in super().logs(*arguments)]


def test_logs_of_another_chain_than_the_headers_are_not_used(world: Any) -> None:
    deployment = world.deploy()
    head = world.rpc.head().number
    good = EventReader(world.rpc, deployment.readable()).read(0, head)
    assert good.events
    assert {event.block for event in good.events} <= {block.ref for block in good.blocks}
    rpc = OtherLogs(world.engine.rpc_url)
    with pytest.raises(ChainMoved):
        EventReader(rpc, deployment.readable()).read(0, head)
    rpc.close()


def test_a_range_beyond_the_head_is_not_read(world: Any) -> None:
    deployment = world.deploy()
    with pytest.raises(ChainMoved):
        EventReader(world.rpc, deployment.readable()).read(0, world.rpc.head().number + 1)
