"""What the audit makes of the market's entries is what was signed, and what a person computes (STORY 6)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec
import pytest

from attestation.bodies import PlaceOrder
from attestation.market_operations import order_hash as product_hash
from attestation.typed_data import Domain
from tests.faults.market_again import Close, MarketAgain
from tests.faults.market_chain import Balance
from tests.faults.market_entries import Said, asset_number, order_hash, read_entries, separator
from tests.faults.market_holdings import holdings

A, B, C, D, PARK = (f"88.608.5288/{letter}" for letter in "ABCDP")
ASSET, DAY = "quota-2025", 20010102
NUMBER = asset_number(ASSET)
TRUST = {
    "chain_id": 1337,
    "deployment_id": "0x" + 64 * "7",
    "contracts": {"exchange": "0x" + 40 * "6"},
}
DOMAIN = separator(TRUST)
LATE = "2099-01-01T00:00:00Z"


class Life:
    """Entries as a log would take them, one a second."""

    def __init__(self, mode: str) -> None:
        self.said: list[Said] = []
        terms = {"band_bps": 1_000, "block_band_bps": 3_000, "block_threshold": 40, "fee_bps": 10, "mode": mode}
        self.market("terms", **terms, minimum_volume=1, minimum_groups=1)
        self.market("reference", asset=ASSET, price_fen=6_000)
        self.market("open", asset=ASSET, day=DAY)

    def say(self, issuer: str, type_: str, action: str, **body: Any) -> int:
        index = len(self.said)
        self.said.append(Said(index, 1_000 + index, f"id {index}", issuer, type_, {"action": action, **body}))
        return index

    def market(self, action: str, **body: Any) -> int:
        return self.say(PARK, "market", action, **body)

    def place(self, maker: str, side: str, tonnes: int, price_fen: int, **members: Any) -> str:
        given = {"asset": ASSET, "side": side, "tonnes": tonnes, "price_fen": price_fen, "kind": "listed"}
        rest = {"minimum_fill": 0, "fee_limit_bps": 10, "deadline": LATE, "epoch": 0, "salt": f"{len(self.said):064x}"}
        self.say(maker, "order", "place", **given | rest | members)
        return order_hash(self.said[-1].body, maker, DOMAIN)

    def close(self, **figures: int) -> None:
        said = {"fills": 0, "volume": 0, "value_fen": 0, "close_fen": 6_000, "groups": 0}
        self.market("close", asset=ASSET, day=DAY, **said | figures)

    def again(self) -> MarketAgain:
        return MarketAgain(DOMAIN).feed(self.said)


@pytest.mark.parametrize("named", [None, B])
@pytest.mark.parametrize(("side", "kind"), [("buy", "listed"), ("sell", "auction")])
def test_an_order_s_hash_is_that_of_the_exchange(side: str, kind: str, named: str | None) -> None:
    body = PlaceOrder(
        asset=ASSET,
        side=side,
        tonnes=700,
        price_fen=6_250,
        kind=kind,
        counterparty=named,
        minimum_fill=3,
        fee_limit_bps=7,
        deadline="2026-11-21T20:45:53Z",
        epoch=2,
        salt="ab" * 32,
        signature="0x" + 128 * "0",
    )
    contract = bytes.fromhex(TRUST["contracts"]["exchange"][2:])  # type: ignore[index]
    domain = Domain(1337, contract, bytes.fromhex(64 * "7"))
    plain = json.loads(msgspec.json.encode(body))
    assert order_hash(plain, A, DOMAIN) == product_hash(body, A, domain).hex()


def test_entries_are_read_from_their_bytes_alone() -> None:
    payload = "eyJib2R5Ijp7ImFjdGlvbiI6ImNhbmNlbCJ9LCJpc3MiOiI4OC42MDguNTI4OC9BIiwidHlwZSI6Im9yZGVyIn0"
    (said,) = read_entries([(3, 17, f"header.{payload}.signature".encode())])
    assert (said.index, said.at, said.issuer, said.type, said.action) == (3, 17, A, "order", "cancel")


def test_the_day_of_the_story_closes_at_62_30() -> None:
    life = Life("agreement")
    first, second = life.place(B, "sell", 900, 6_250), life.place(D, "sell", 475, 6_200)
    for maker, offer, tonnes, price in ((A, first, 700, 6_250), (C, second, 475, 6_200)):
        seller = B if offer == first else D
        life.place(maker, "buy", tonnes, price, counterparty=seller, accepts=offer)
    life.close(fills=2, volume=1_175, value_fen=7_320_000, close_fen=6_230, groups=4)
    again = life.again()
    expected = Close(2, 1_175, 7_320_000, 6_230, 4)
    assert again.closes == {(ASSET, DAY): (expected, expected)}
    assert (again.orders[first].end, again.orders[first].left) == ("day", 200)
    assert again.orders[second].end == "filled"
    assert again.wrong == []


def test_a_central_book_fills_at_the_resting_price_and_orders_end_by_what_ended_them() -> None:
    life = Life("licensed")
    best = life.place(A, "sell", 10, 5_990)
    short = life.place(B, "sell", 10, 6_000, deadline="1970-01-01T00:16:46Z")
    kept = life.place(B, "sell", 7, 6_010)
    buy = life.place(C, "buy", 12, 6_020)
    life.say(C, "order", "cancel-all", epoch=1)
    life.say(B, "order", "cancel", order=kept)
    again = life.again()
    assert [(fill.sell, fill.tonnes, fill.price_fen) for fill in again.fills] == [(best, 10, 5_990), (kept, 2, 6_010)]
    ends = {name: (order.end, order.left) for name, order in again.orders.items()}
    assert ends == {best: ("filled", 0), short: ("deadline", 10), kept: ("cancelled", 5), buy: ("filled", 0)}
    assert again.fills[0].fee_fen == 60


def test_a_lot_goes_at_the_lowest_accepted_price_and_who_did_not_reveal_gets_nothing() -> None:
    life = Life("agreement")
    lot = life.place(A, "sell", 20, 6_000, kind="auction")
    life.market("auction", op_id="aa", asset=ASSET, order=lot, floor_fen=6_000)
    sealed = [(B, 15, 6_030), (C, 15, 6_010), (D, 9, 6_040)]
    for number, (maker, tonnes, price) in enumerate(sealed):
        hidden = Life("agreement")
        name = hidden.place(maker, "buy", tonnes, price, kind="auction", salt=f"{number:064x}")
        life.say(maker, "order", "commit", auction="aa", commitment=name, maximum_fen=200_000)
    for number, (maker, tonnes, price) in enumerate(sealed[:2]):
        life.place(maker, "buy", tonnes, price, kind="auction", salt=f"{number:064x}", auction="aa")
    life.market("clear", auction="aa")
    again = life.again()
    assert [(fill.buyer, fill.tonnes, fill.price_fen, fill.counted) for fill in again.fills] == [
        (B, 15, 6_010, False),
        (C, 5, 6_010, False),
    ]
    assert [order.end for order in again.orders.values()] == ["filled", "filled", "outbid"]


@pytest.mark.parametrize("twice", [True, False], ids=["the same order again", "outside of the band"])
def test_what_no_market_could_accept_is_told(twice: bool) -> None:
    life = Life("licensed")
    life.place(A, "sell", 10, 6_000 if twice else 6_601)
    if twice:
        life.say(A, "order", "place", **{name: told for name, told in life.said[-1].body.items() if name != "action"})
    assert len(life.again().wrong) == 1


def test_holdings_are_what_came_moved_was_paid_out_and_traded() -> None:
    life = Life("agreement")
    life.say(PARK, "holding", "carry-in", account=B, asset=ASSET, tonnes=100)
    for account in (A, B):
        life.say(PARK, "cash", "deposit", account=account, fen=1_000_000)
        life.say(account, "order", "move", asset="cash", amount=900_000, inward=True)
    life.say(B, "order", "move", asset=ASSET, amount=50, inward=True)
    offer = life.place(B, "sell", 10, 6_000)
    life.place(A, "buy", 10, 6_000, counterparty=B, accepts=offer)
    life.say(B, "order", "move", asset=ASSET, amount=5, inward=False)
    for name, paid in (("w1", True), ("w2", False), ("w3", None)):
        life.say(A, "order", "withdraw", op_id=name, fen=1_000)
        if paid is not None:
            life.say(PARK, "cash", "payout", withdrawal=name, paid=paid)
    held = holdings(life.said, life.again().fills, PARK)
    assert held[A] == Balance(_units(0, 10), 98_000, 900_000 - 60_060, 1_000)
    assert held[B] == Balance(_units(55, 35), 100_000, 900_000 + 59_940)
    assert held[PARK].free == 120


def _units(registry: int, trading: int) -> Counter[tuple[int, str]]:
    return Counter({(NUMBER, "registry"): registry, (NUMBER, "trading"): trading})
