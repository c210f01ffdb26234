"""DOMAIN 22: a settled error is reversed by entries alone, and an audit of such a history has nothing to say."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import pytest

from ganache import Node
from tests.ledger.audited_market import AuditedMarket

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedMarket]:
    folder = tmp_path_factory.mktemp("reversed")
    with Node(folder / "chain") as engine:
        market = AuditedMarket(engine, folder)
        market.traded()
        market.reverse(300, 300 * 6_000)
        yield market
        market.world.close()


def test_a_settled_trade_and_its_reversal_are_no_divergence(market: AuditedMarket) -> None:
    report, found = market.audited()
    assert [str(one) for one in found] == []
    assert report.skipped == []
    assert (report.waiting, report.days) == (0, 1)
    assert report.told
    assert report.lawful


@pytest.mark.parametrize("table", ["asset_operations", "market_operations"])
def test_a_reversal_that_is_said_to_be_of_another_trade_is_named(market: AuditedMarket, table: str) -> None:
    reversal = "details LIKE '%reverses%'"
    with sqlite3.connect(market.url.removeprefix("sqlite:///"), isolation_level=None) as store:
        (kept,) = store.execute(f"SELECT details FROM {table} WHERE {reversal}").fetchone()
        other = json.dumps(json.loads(kept) | {"reverses": "ab" * 32})
        store.execute(f"UPDATE {table} SET details = ? WHERE {reversal}", (other,))
        try:
            _, found = market.audited()
        finally:
            store.execute(f"UPDATE {table} SET details = ? WHERE {reversal}", (kept,))
    store.close()
    assert [one.place.split()[0] for one in found] == [table]
    assert found[0].place.endswith(", details")
