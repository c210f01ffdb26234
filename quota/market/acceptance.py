"""Whether an order may take the posted order that it names (DOMAIN 12, 13): no operator matches these.

Listed orders in agreement mode, block and bilateral orders in both modes.
"""

from __future__ import annotations

from quota.market.bounds import at_least, at_most
from quota.market.orders import Order, OrderKind
from quota.refusals import refuse


def check_acceptance(order: Order, offer: Order, remaining: int) -> None:
    """The steps, in this order, each of which raises MarketRefused:

    1. one kind (`market.accepts`), the other side (`market.accepts`), exactly the offer's price (`market.accepts`)
    2. two accounts (`market.self`)
    3. whoever is named as counterparty is it; one of the two names the other, in a bilateral trade both do
       (`market.counterparty`)
    4. at most the tonnes that remain (`market.accepts`), at least the offer's minimum fill (`market.minimum`)
    """
    for at, found, wanted in (
        ("kind", order.kind.name, offer.kind.name),
        ("side", order.side.name, "SELL" if offer.side.name == "BUY" else "BUY"),
        ("price_fen", order.price_fen, offer.price_fen),
    ):
        if found != wanted:
            raise refuse("market.accepts", found, wanted, at=f"{order.name} {at}")
    if order.account == offer.account:
        raise refuse("market.self", order.account, at=order.name)
    _check_counterparties(order, offer)
    if order.tonnes > remaining:
        raise refuse("market.accepts", order.tonnes, **at_most(remaining, "t"), at=f"{order.name} tonnes")
    if order.tonnes < offer.least(remaining):
        raise refuse("market.minimum", order.tonnes, **at_least(offer.least(remaining), "t"), at=order.name)


def _check_counterparties(order: Order, offer: Order) -> None:
    for one, other in ((order, offer), (offer, order)):
        if one.counterparty not in (None, other.account):
            raise refuse("market.counterparty", other.account, one.counterparty, at=one.name)
    both = order.kind is OrderKind.BILATERAL
    if (order.counterparty is None and offer.counterparty is None) or (
        both and (order.counterparty is None or offer.counterparty is None)
    ):
        nobody = order if order.counterparty is None else offer
        raise refuse("market.counterparty", "nobody", (offer if nobody is order else order).account, at=nobody.name)
