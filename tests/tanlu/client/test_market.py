"""The market and cash through the SDK: what follows from other numbers is computed again (DOMAIN 12 to 21)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attestation.identifiers import account_id
from tanlu.client import Client
from tanlu.errors import PromiseBroken

from .test_lying_service import Liar

QUOTA, MAKER, OP = "quota-2025", "88.608.5288/A", "3c" * 32
DAY: dict[str, Any] = {
    "asset": QUOTA, "day": 20260105, "status": "open", "mode": "agreement",
    "windows": [{"from": 10, "until": 20}], "block_windows": [], "cut_off": 30, "reference_fen": 6_000,
    "low_fen": 5_400, "high_fen": 6_600, "block_low_fen": 4_200, "block_high_fen": 7_800, "index": 7, "fills": 1,
    "close_fen": None, "volume": None, "value_fen": None, "root": None, "closed_index": None,
}  # fmt: skip
MARKET = {
    "terms": None,
    "holders": 2,
    "cash_halted": False,
    "assets": [{"asset": QUOTA, "reference_fen": 6_000, "day": DAY}],
}
BOOK: dict[str, Any] = {
    "asset": QUOTA, "mode": "licensed", "hash": "51" * 32, "offers": [],
    "levels": [
        {"side": "buy", "price_fen": 6_100, "tonnes": 5, "orders": 2},
        {"side": "buy", "price_fen": 6_000, "tonnes": 5, "orders": 1},
        {"side": "sell", "price_fen": 6_200, "tonnes": 5, "orders": 1},
        {"side": "sell", "price_fen": 6_300, "tonnes": 5, "orders": 1},
    ],
}  # fmt: skip
TRADE: dict[str, Any] = {
    "asset": QUOTA, "day": 20260105, "number": 0, "cause": 9, "kind": "listed", "tonnes": 700, "price_fen": 6_250,
    "value_fen": 4_375_000, "counted": True, "state": "matched", "reason": None, "made_at": 1, "op_id": None,
    "buyer": None, "seller": None, "buy": None, "sell": None, "buyer_fee_fen": None, "seller_fee_fen": None,
}  # fmt: skip
CANDLE = {
    "day": 20260105, "open_fen": 6_250, "high_fen": 6_250, "low_fen": 6_200, "last_fen": 6_200, "volume": 1_175,
    "value_fen": 7_320_000, "trades": 2,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "order": "0a" * 32, "index": 8, "account": MAKER, "asset": QUOTA, "day": 20260105, "side": "sell",
    "kind": "listed", "tonnes": 700, "remaining": 0, "price_fen": 6_250, "minimum_fill": 0, "counterparty": None,
    "accepts": None, "auction": None, "deadline": 30, "epoch": 0, "status": "filled", "reason": "filled",
    "ended_index": 9,
}  # fmt: skip
AUCTION: dict[str, Any] = {
    "op_id": OP, "index": 3, "asset": QUOTA, "day": 20260105, "lot_tonnes": 500, "floor_fen": 6_000, "seller": MAKER,
    "order": "0b" * 32, "commit_until": 1, "reveal_until": 2, "forfeit_bps": 0, "document_hash": "0c" * 32,
    "commitments": 3, "revealed": 3, "price_fen": 6_050, "unsold": 0, "cleared_index": None,
    "lapsed": [], "awards": [{"order": "0d" * 32, "tonnes": 233}, {"order": "0e" * 32, "tonnes": 267}],
}  # fmt: skip
SESSION = {
    "asset": QUOTA, "day": 20260105, "first": 1, "last": 9, "fills": 1, "book": "51" * 32, "volume": 700,
    "value_fen": 4_375_000, "close_fen": 6_250, "groups": 2, "stands": False, "root": "52" * 32, "closed_index": None,
}  # fmt: skip
TRADER: dict[str, Any] = {
    "identifier": MAKER,
    "as_of": None,
    "epoch": 2,
    "holdings": [
        {"asset": QUOTA, "trading": 100, "locked": 20, "in_orders": 30, "unsettled": 5, "leaving": 4, "arriving": 9,
         "movable": 70, "sellable": 50},
    ],
}  # fmt: skip
CASH: dict[str, Any] = {
    "identifier": MAKER, "account": account_id(MAKER).hex(), "as_of": None, "free_fen": 5, "trading_fen": 100,
    "withdrawing_fen": 0, "in_orders_fen": 30, "unsettled_fen": 5, "locked_fen": 6, "leaving_fen": 4,
    "arriving_fen": 9, "usable_fen": 64, "withdrawable_fen": 5, "bank_account": None,
}  # fmt: skip


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.fixture
def asking(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, patience=5, evidence=tmp_path / "evidence") as made:
        yield made


def says(liar: Liar, answer: object) -> None:
    liar.script = lambda *_: (200, json.dumps(answer).encode())


def day(**changed: object) -> dict[str, Any]:
    return MARKET | {"assets": [{"asset": QUOTA, "reference_fen": 6_000, "day": DAY | changed}]}


def levels(*order: int) -> dict[str, Any]:
    return BOOK | {"levels": [BOOK["levels"][at] for at in order]}


Ask = Callable[[Client], object]
TRADES: Ask = lambda client: list(client.market.trades(QUOTA, 20260105))  # noqa: E731 - a row of the table below
FITS: list[tuple[Ask, dict[str, Any]]] = [
    (lambda client: client.market.show(), MARKET),
    (lambda client: client.market.book(QUOTA), BOOK),
    (lambda client: list(client.market.days(QUOTA)), {"asset": QUOTA, "days": [DAY], "next": None}),
    (TRADES, {"trades": [TRADE], "next": None}),
    (lambda client: client.market.candles(QUOTA), {"asset": QUOTA, "candles": [CANDLE]}),
    (lambda client: client.market.session(QUOTA, 20260105), SESSION),
    (lambda client: client.market.order("0a" * 32), ORDER),
    (lambda client: list(client.market.orders()), {"orders": [ORDER], "next": None}),
    (lambda client: client.market.auction(OP), AUCTION),
    (lambda client: client.market.auctions(), {"auctions": [AUCTION]}),
    (lambda client: client.market.trader(MAKER), TRADER),
    (lambda client: client.cash.of(MAKER), CASH),
]


def test_answers_that_fit_are_returned(liar: Liar, asking: Client) -> None:
    for ask, answer in FITS:
        says(liar, answer)
        ask(asking)
    says(liar, MARKET)
    shown = asking.market.show()
    assert shown.asset(QUOTA).day is not None
    assert shown.asset("quota-2026").reference_fen is None
    says(liar, TRADER)
    trader = asking.market.trader(MAKER)
    assert (trader.holding(QUOTA).sellable, trader.holding("quota-2026").sellable) == (50, 0)


@pytest.mark.parametrize(
    ("at", "lie"),
    [
        # DOMAIN 15: a band lies around its reference.
        (0, day(low_fen=6_001)),
        (0, day(block_high_fen=5_999)),
        (0, day(asset="quota-2026")),
        (1, BOOK | {"asset": "quota-2026"}),
        # Best price first, each once, and a tonne in each order.
        (1, levels(1, 0, 2)),
        (1, levels(0, 3, 2)),
        (1, levels(0, 0)),
        (1, BOOK | {"levels": [BOOK["levels"][0] | {"orders": 6}]}),
        (2, {"asset": QUOTA, "days": [DAY], "next": 20260104}),
        (3, {"trades": [TRADE | {"value_fen": 4_375_001}], "next": None}),
        (3, {"trades": [TRADE | {"day": 20260106}], "next": None}),
        (3, {"trades": [], "next": 4}),
        (4, {"asset": QUOTA, "candles": [CANDLE | {"low_fen": 6_201}]}),
        (4, {"asset": QUOTA, "candles": [CANDLE | {"value_fen": 8_000_000}]}),
        (5, SESSION | {"day": 20260106}),
        (6, ORDER | {"remaining": 701}),
        (6, ORDER | {"order": "0b" * 32}),
        # DOMAIN 14: awards and what is unsold are the lot, at the floor or above.
        (8, AUCTION | {"unsold": 1}),
        (8, AUCTION | {"price_fen": 5_999}),
        (9, {"auctions": [AUCTION | {"awards": [], "unsold": 500}]}),
        (10, TRADER | {"identifier": "88.608.5288/B"}),
        (10, TRADER | {"holdings": [TRADER["holdings"][0] | {"sellable": 51}]}),
        (11, CASH | {"usable_fen": 65}),
        (11, CASH | {"account": "00" * 32}),
    ],
)
def test_answers_that_contradict_themselves_are_kept_and_refused(
    liar: Liar, asking: Client, at: int, lie: dict[str, Any]
) -> None:
    says(liar, lie)
    with pytest.raises(PromiseBroken) as broken:
        FITS[at][0](asking)
    assert broken.value.rule == "answer.market"
    assert broken.value.evidence is not None


def test_pages_follow_one_another(liar: Liar, asking: Client) -> None:
    asked: list[dict[str, list[str]]] = []

    def script(path: str, _: bytes) -> tuple[int, bytes]:
        query = parse_qs(urlsplit(path).query)
        asked.append(query)
        number = 1 if "after" in query else 0
        page = {"trades": [TRADE | {"number": number}], "next": None if number else 0}
        return 200, json.dumps(page).encode()

    liar.script = script
    found = list(asking.market.trades(QUOTA, 20260105, page=1))
    assert [one.number for one in found] == [0, 1]
    assert asked == [{"day": ["20260105"], "limit": ["1"]}, {"day": ["20260105"], "limit": ["1"], "after": ["0"]}]
