"""Gathers the facts of a quiet market: from the log's own bytes, over HTTP, from the chain, by replay."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx

from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.market.replay import replay_all
from ledger.trust import parse
from tests.faults.client_log import Client
from tests.faults.installation import Installation, tanlu
from tests.faults.market_again import MarketAgain, Matched
from tests.faults.market_audit import MarketFacts, ShownFill, ShownOrder
from tests.faults.market_chain import Balance, MarketChain
from tests.faults.market_entries import MARKET_TYPES, account_of, asset_number, read_entries, separator
from tests.faults.market_holdings import holdings
from tests.faults.signers import PARK
from tests.faults.trader import ASSETS

Ask = Callable[..., dict[str, Any]]
_REPLAY_SECONDS = 300.0
_PAGE = 100


def gather_market(installation: Installation, client: Client, ask: Ask) -> MarketFacts:
    """All facts; ``ask`` answers a path and its parameters as the registrar sees it."""
    with sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True) as connection:
        kinds = ", ".join(f"'{kind}'" for kind in MARKET_TYPES)
        query = f"SELECT idx, accepted_at, entry FROM entries WHERE type IN ({kinds}) ORDER BY idx"
        said = read_entries((index, at, bytes(entry)) for index, at, entry in connection.execute(query))
        logged = frozenset(bytes(one).hex() for (one,) in connection.execute("SELECT statement_id FROM entries"))
    connection.close()
    again = MarketAgain(separator(installation.trust)).feed(said)
    fills = [fill for asset in ASSETS for day in _days(ask, asset) for fill in _fills(ask, asset, day)]
    undone = {one.fill.place for one in fills if one.state == "undone"}
    held = holdings(said, (fill for fill in again.fills if fill.place not in undone), PARK)
    holders = sorted(held)
    numbers = [asset_number(asset) for asset in ASSETS]
    chain = MarketChain(installation.rpc_url, installation.trust)
    replays, replayed = _replays(installation, again)
    return MarketFacts(
        client=client,
        logged=logged,
        orders=again.orders,
        fills=again.fills,
        closes=again.closes,
        wrong=again.wrong,
        held=held,
        shown_orders={name: order for holder in holders for name, order in _orders(ask, holder)},
        shown_fills=fills,
        accounts={holder: _account(ask, holder) for holder in holders},
        chain=chain.read_market((account_of(name) for name in holders), numbers, again.orders, account_of(PARK)),
        asked_at=time.time(),
        replays=replays,
        replayed=replayed,
    )


def _days(ask: Ask, asset: str) -> Iterator[int]:
    yield from (one["day"] for one in _pages(ask, f"/v1/market/{asset}/days", "before", "days"))


def _fills(ask: Ask, asset: str, day: int) -> Iterator[ShownFill]:
    for one in _pages(ask, f"/v1/market/{asset}/trades", "after", "trades", day=day):
        fill = Matched(
            place=(one["asset"], one["day"], one["number"]),
            cause=one["cause"],
            buy=one["buy"],
            sell=one["sell"],
            buyer=one["buyer"],
            seller=one["seller"],
            tonnes=one["tonnes"],
            price_fen=one["price_fen"],
            fee_fen=one["buyer_fee_fen"],
            counted=one["counted"],
        )
        yield ShownFill(fill, one["state"], one["reason"], one["op_id"])


def _orders(ask: Ask, holder: str) -> Iterator[tuple[str, ShownOrder]]:
    for one in _pages(ask, "/v1/market/orders", "before", "orders", account=holder):
        yield one["order"], ShownOrder(one["status"], one["reason"], one["remaining"])


def _pages(ask: Ask, path: str, cursor: str, member: str, **asked: str | int) -> Iterator[dict[str, Any]]:
    """Every row, ``_PAGE`` a request."""
    while True:
        found = ask(path, limit=_PAGE, **asked)
        yield from found[member]
        if found["next"] is None:
            return
        asked[cursor] = found["next"]


def _account(ask: Ask, holder: str) -> Balance:
    found = ask(f"/v1/accounts/{holder}")
    balance = Balance(
        free=found["cash"]["free_fen"],
        trading=found["cash"]["trading_fen"],
        withdrawing=found["cash"]["withdrawing_fen"],
    )
    for one in found["holdings"]:
        asset = asset_number(one["asset"])
        balance.units[asset, "registry"] = one["registry"] + one["frozen"]
        balance.units[asset, "trading"] = one["trading"]
    return balance


def _replays(installation: Installation, again: MarketAgain) -> tuple[list[str], int]:
    """Differences that replays find, and how many days were replayed: all of them over the store, and the last closed
    one of each asset by command, from what the service hands out."""
    trust = parse(installation.trust_file.read_bytes())
    parameters = LogParameters(
        trust.log,
        trust.deployment_id,
        trust.registrar_identifier,
        trust.registrar,
        trust.registry_domain,
        trust.checkpoint_domain,
    )
    database = Database(f"sqlite:///{installation.database}")
    try:
        days = replay_all(database, replace(parameters, exchange_domain=trust.exchange_domain))
    finally:
        database.close()
    found = [f"replay: {one.session.asset}, {one.session.day}: {told}" for one in days for told in one.differences]
    last = dict(sorted(again.closes))
    for asset, day in last.items():
        found += _by_command(installation, asset, day)
    return found, len(days)


def _by_command(installation: Installation, asset: str, day: int) -> list[str]:
    office = installation.home / "administration"
    signed = ("--as", str(office / "registrar.pem"), "--password-file", str(office / "password"))
    done = subprocess.run(
        tanlu("market", "replay", asset, str(day), *signed),
        capture_output=True,
        text=True,
        timeout=_REPLAY_SECONDS,
        check=False,
        env=os.environ | {"TANLU_SERVER": installation.url, "TANLU_TRUST": str(installation.trust_file)},
    )
    if done.returncode == 0:
        return []
    return [f"tanlu market replay {asset} {day} ends with {done.returncode}: {done.stdout[-800:]} {done.stderr[-800:]}"]


def asking(http: httpx.Client, patiently: Callable[..., httpx.Response]) -> Ask:
    """Reads of one signed-in client, each answered; raises RuntimeError for what the service refuses."""

    def ask(path: str, **params: str | int) -> dict[str, Any]:
        answer = patiently(http, path, **params)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())

    return ask
