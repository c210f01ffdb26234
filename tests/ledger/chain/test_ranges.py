"""Ranges grow where little happens, shrink where much does, and stay below what a node gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.errors import ChainUnavailable, RequestRefused
from ledger.chain.ranges import EVENTS, FIRST, RangeSize
from ledger.chain.rpc import Log, Rpc
from ledger.chain.wire import result
from ledger.projection import Projection

TOO_MANY = RequestRefused("eth_getLogs", -32602, "query returned more than 10000 results")


def over_the_limit() -> ChainUnavailable:
    try:
        result("eth_getLogs", {"error": {"code": -32005, "message": "limit exceeded"}})
    except ChainUnavailable as error:
        return error
    raise AssertionError("no error")


@given(st.integers(1, 10**6), st.lists(st.integers(0, 500), max_size=30))
def test_a_range_after_another_like_it_holds_no_more_than_a_chunk(most: int, densities: list[int]) -> None:
    size = RangeSize(most)
    for density in densities:
        blocks = size.blocks
        assert 1 <= blocks <= most
        size.held(blocks, blocks * density)
        assert size.blocks <= 4 * blocks
        assert size.blocks == 1 or size.blocks * density <= EVENTS


@pytest.mark.parametrize("error", [TOO_MANY, over_the_limit()], ids=["refused", "limit-exceeded"])
def test_a_range_that_a_node_refuses_is_halved_for_good(error: Any) -> None:
    size = RangeSize(10_000)
    size.refused(FIRST, error)
    for _ in range(5):
        assert size.blocks == FIRST // 2
        size.held(size.blocks, 0)


@pytest.mark.parametrize("error", [TOO_MANY, over_the_limit()], ids=["refused", "limit-exceeded"])
def test_one_block_that_a_node_refuses_is_refused(error: Any) -> None:
    with pytest.raises(type(error)):
        RangeSize(10_000).refused(1, error)


def test_a_node_that_does_not_answer_is_not_asked_for_less() -> None:
    with pytest.raises(ChainUnavailable):
        RangeSize(10_000).refused(64, ChainUnavailable("no answer", rule="chain.unavailable"))


@pytest.mark.chain
def test_a_node_with_a_limit_gives_the_same_rows(world: Any) -> None:
    """Law 5: whatever the node refuses to give at once."""

    class Limited(Rpc):
        refusals = 0

        def logs(self, addresses: Any, first: int, last: int) -> list[Log]:
            if last - first >= 3:
                self.refusals += 1
                raise TOO_MANY
            return super().logs(addresses, first, last)

    deployment = world.deploy()
    Projection(world.database, world.rpc, deployment, world.finality).sync()
    expected = world.projected()
    assert expected["chain_events"]
    rpc = Limited(world.engine.rpc_url)
    again = Projection(world.database, rpc, deployment, world.finality)
    again.drop()
    again.sync()
    assert world.projected() == expected
    assert 1 <= rpc.refusals <= 5
    rpc.close()
