"""Who takes an offer takes that offer: its maker, its price, its asset, what is left of it (DOMAIN 12)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace


@pytest.fixture
def trading(market):
    market.opened()
    return market


@pytest.fixture
def offer(trading) -> bytes:
    """100 t for sale by the tile works, at least 20 at once."""
    return trading.say(trading.sell(100, 6_200, minimum_fill=20), trading.tiles)


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"price_fen": 6_201}, "price_fen"),
        ({"price_fen": 6_199}, "price_fen"),
        ({"side": "sell"}, "side"),
        ({"counterparty": "88.608.5293/food"}, "counterparty"),
        ({"kind": "bilateral"}, "kind"),
        ({"tonnes": 101}, "tonnes"),
        ({"tonnes": 19}, "tonnes"),
    ],
)
def test_anything_else_than_what_is_offered_is_refused(
    trading, offer, world, changed: dict[str, object], member: str
) -> None:
    with world.refused("order.accepts", 11) as caught:
        trading.say(replace(trading.accepting(offer), **changed))
    assert f"body.{member}" in caught.value.message


def test_parts_are_taken_until_nothing_is_left(trading, offer, world) -> None:
    """A minimum fill binds, save of the rest."""
    trading.say(trading.accepting(offer, 30))
    trading.say(trading.accepting(offer, 60), trading.food)
    assert trading.log.order(offer).remaining == 10
    with world.refused("order.accepts", 11, "11 t"):
        trading.say(trading.accepting(offer, 11))
    trading.say(trading.accepting(offer, 10))
    gone = trading.accepting(offer, 10)
    with world.refused("order.accepts", 11, "filled"):
        trading.say(gone)


def test_what_is_over_is_not_taken(trading, offer, world, marketwork) -> None:
    taking = trading.accepting(offer)
    trading.say(trading.cancel(offer), trading.tiles)
    with world.refused("order.accepts", 11, "cancelled"):
        trading.say(taking)
    with world.refused("order.accepts", 11, "ab" * 32):
        trading.say(replace(taking, accepts="ab" * 32))
    short = trading.sell(deadline=marketwork.format_instant(trading.log.now + 60))
    brief = trading.say(short, trading.tiles)
    trading.log.now += 60
    with world.refused("order.accepts", 11, "past its deadline"):
        trading.say(trading.accepting(brief))


def test_an_offer_to_somebody_is_for_nobody_else(trading, world) -> None:
    named = trading.say(trading.sell(counterparty=trading.food), trading.tiles)
    with world.refused("order.accepts", 11, trading.steel):
        trading.say(trading.accepting(named))
    trading.say(trading.accepting(named), trading.food)


def test_an_offer_of_another_asset_is_another_offer(trading, offer, world) -> None:
    trading.administer(trading.approved(trading.price(asset="quota-2022")))
    trading.administer(trading.day(asset="quota-2022"))
    with world.refused("order.accepts", 11, "quota-2022"):
        trading.say(trading.accepting(offer, asset="quota-2022"))


def test_a_central_book_knows_no_acceptance(market, world) -> None:
    """DOMAIN 12: licensed mode matches; blocks and bilateral trades keep their counterparty."""
    market.opened(mode="licensed", lock_days=1)
    resting = market.say(market.sell(), market.tiles)
    for body in (market.accepting(resting), market.buy(counterparty=market.tiles)):
        with world.refused("market.mode", 11):
            market.say(body)
    market.say(market.buy())
    block = market.say(market.sell(1_000, kind="block", counterparty=market.steel), market.tiles)
    market.say(market.accepting(block))
    assert market.log.order(block).status == "filled"


def test_two_agree_on_any_price_at_any_hour(trading, world, marketwork) -> None:
    """DOMAIN 15, 16: no band; the latest day's rules."""
    trading.log.now += 10 * marketwork.HOUR
    named = {"kind": "bilateral", "counterparty": trading.steel}
    both = trading.say(trading.sell(10, 1, **named), trading.tiles)
    trading.say(trading.accepting(both))
    assert trading.log.order(both).status == "filled"
    with world.refused("market.closed", 11):
        trading.say(trading.sell(10, 6_000))
