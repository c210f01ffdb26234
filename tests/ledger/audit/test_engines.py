"""Blocks of each engine: headers that hash as Ethereum's do are recomputed, of others it is said that they are not."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from ganache import EngineName, Node
from ledger.audit import Divergence, NodeEvidence, audit, store_evidence
from ledger.audit.blocks import check_blocks
from ledger.audit.findings import Divergences
from ledger.chain.rpc import Log
from tests.ledger.audited_market import AuditedMarket

pytestmark = [pytest.mark.chain, pytest.mark.node]
ENGINES: list[EngineName] = ["anvil", "ganache"]


@pytest.fixture(scope="module", params=ENGINES)
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedMarket]:
    """A settled trade on each engine."""
    folder = tmp_path_factory.mktemp("engines")
    with Node(folder / "chain", engine=request.param) as engine:
        market = AuditedMarket(engine, folder)
        market.traded()
        yield market
        market.world.close()


class Altered(NodeEvidence):
    """The real node's answers with a header that is another one."""

    altered = 0

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        for header in super().raw_headers(first, last):
            other = {"miner": "0x" + "11" * 20} if int(header["number"], 16) == self.altered else {}
            yield {**header, **other}


class HashedOtherwise(NodeEvidence):
    """An engine that names its blocks by another function, as some permissioned networks do."""

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        for header in super().raw_headers(first, last):
            yield {**header, **{name: "0x" + sha256(header[name].encode()).hexdigest() for name in _HASHES}}


_HASHES = ("hash", "parentHash")


def checked(market: AuditedMarket, node: NodeEvidence) -> tuple[int, list[str], list[Divergence]]:
    found = list[Divergence]()
    blocks, skipped = check_blocks(node, market.world.deploy(), Divergences(found.append), lambda _done, _all: None)
    return blocks, skipped, found


def test_a_market_of_either_engine_is_audited_without_divergence_and_nothing_is_left_out(
    market: AuditedMarket,
) -> None:
    report, found = market.audited()
    assert [str(one) for one in found] == []
    assert report.skipped == []
    assert report.blocks == market.world.rpc.head().number - market.world.deploy().first_block + 1


@pytest.mark.parametrize("place", ["first", "second", "last"])
def test_a_header_of_either_engine_that_is_another_one_is_named(market: AuditedMarket, place: str) -> None:
    first, last = market.world.deploy().first_block, market.world.rpc.head().number
    node = Altered(market.world.rpc, last)
    node.altered = {"first": first, "second": first + 1, "last": last}[place]
    _, skipped, found = checked(market, node)
    assert skipped == []
    assert [(one.place, one.rule) for one in found] == [(f"block {node.altered}", "audit.block_hash")]


def test_headers_hashed_in_another_way_are_said_to_be_and_are_no_divergence(market: AuditedMarket) -> None:
    node = HashedOtherwise(market.world.rpc, market.world.rpc.head().number)
    blocks, skipped, found = checked(market, node)
    assert found == []
    assert skipped == [f"hashes of {blocks} headers: this engine computes them in its own way"]


class Forgetful(NodeEvidence):
    """A node that shows every block as it is, and tells of events what it likes."""

    lie: Callable[[list[Log]], list[Log]]

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        return self.lie(super().logs(addresses, first, last))


def _without_last(logs: list[Log]) -> list[Log]:
    return logs[:-1]


def _last_altered(logs: list[Log]) -> list[Log]:
    return [*logs[:-1], replace(logs[-1], data=logs[-1].data[:-1] + b"\xfe")] if logs else []


@pytest.mark.parametrize("lie", [_without_last, _last_altered])
@pytest.mark.parametrize("reading", ["all", "projected", "anchors"])
def test_a_node_that_tells_other_events_than_its_receipts_have_is_named(
    market: AuditedMarket, lie: Callable[[list[Log]], list[Log]], reading: str
) -> None:
    """In each of its answers, or only where no receipts are asked for."""
    asked: list[str] = []

    def told(logs: list[Log]) -> list[Log]:
        asked.append(here())
        return lie(logs) if reading == "all" or asked[-1] == reading else logs

    def here() -> str:
        names = {frame.name for frame in traceback.extract_stack()}
        return "anchors" if "known_roots" in names else "projected" if "project" in names else "blocks"

    node = Forgetful(market.world.rpc, market.world.rpc.head().number)
    node.lie = told
    found = list[Divergence]()
    with store_evidence(market.url) as log:
        audit(log, market.trust, chain=node, deployment=market.world.deploy(), found=found.append)
    assert set(asked) == {"anchors", "projected", "blocks"}
    rules = {one.rule for one in found}
    assert ("audit.logs" if reading == "all" else "audit.answered_twice") in rules
