"""What must be true after a day's trading: of each account, of all together, of each fill, of the day replayed.

Read over HTTP by the administration, which oversees the market. Balances are the chain's word, as the service read it;
what they should be is computed here from the fills alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.trading_park import FEN_EACH, QUOTA, TONNES_EACH, TradingPark
from tanlu.client.market_answers import Trade
from tanlu.replaying import replay_day

_PARK = "88.608.1/PARK"


def check(park: TradingPark) -> dict[str, Any]:
    """Close the day and look: counts, and under ``broken`` a line for each law that does not hold."""
    trades = list(park.client.market.trades(QUOTA, park.day))
    broken = [*_fills(trades), *_balances(park, trades)]
    begun = time.monotonic()
    park.close()
    closed = time.monotonic()
    index = park.client.market.session(QUOTA, park.day).closed_index
    while index is None or park.client.entry(index).state == "accepted":
        time.sleep(0.2)
    replayed = replay_day(park.client, park.deployment.trust, QUOTA, park.day)
    broken += [f"replay, {one.source}: {one.divergence.what}" for one in replayed.departures]
    if replayed.closed is None:
        broken.append("replay: the day's close is not among the entries")
    states = Counter(trade.state for trade in trades)
    return {
        "fills": len(trades),
        "tonnes": sum(trade.tonnes for trade in trades),
        "states": dict(states),
        "undone": dict(Counter(str(trade.reason) for trade in trades if trade.state == "undone")),
        "entries_replayed": replayed.size,
        "close_s": round(closed - begun, 2),
        "replay_s": round(time.monotonic() - closed, 1),
        "broken": broken,
    }


def _fills(trades: Sequence[Trade]) -> list[str]:
    """Each is settled, or undone with a reason; numbers without a hole (DOMAIN 16, 18)."""
    found = [f"fill {one.number} is {one.state}" for one in trades if one.state == "matched"]
    found += [
        f"fill {one.number} is undone without a reason" for one in trades if one.state == "undone" and not one.reason
    ]
    if [one.number for one in trades] != list(range(len(trades))):
        found.append("the numbers of fills have holes")
    return found


def _balances(park: TradingPark, trades: Sequence[Trade]) -> list[str]:
    """What each account has is what it had, and what its settled fills brought; in all nothing was made or lost (DOMAIN
    18, 20, 21)."""
    tonnes: Counter[str] = Counter({one.identifier: TONNES_EACH for one in park.traders})
    fen: Counter[str] = Counter({one.identifier: FEN_EACH for one in park.traders})
    for one in trades:
        if one.state == "undone":
            continue
        buyer, seller = str(one.buyer), str(one.seller)
        buyer_fee, seller_fee = int(one.buyer_fee_fen or 0), int(one.seller_fee_fen or 0)
        tonnes[buyer] += one.tonnes
        tonnes[seller] -= one.tonnes
        fen[buyer] -= one.value_fen + buyer_fee
        fen[seller] += one.value_fen - seller_fee
        fen[_PARK] += buyer_fee + seller_fee
    found = []
    for identifier in (*(one.identifier for one in park.traders), _PARK):
        holding = park.client.account(identifier).holding(QUOTA)
        cash = park.client.cash.of(identifier)
        has = holding.registry + holding.trading + holding.frozen, cash.free_fen + cash.trading_fen
        wanted = tonnes[identifier], fen[identifier]
        if has != wanted:
            found.append(f"{identifier} has {has[0]} t, {has[1]} fen; its fills make {wanted[0]} t, {wanted[1]} fen")
    deposited = FEN_EACH * len(park.traders)
    if (total := park.client.cash.total().total_fen) != deposited:
        found.append(f"{total} fen in all, {deposited} were paid in")
    asset = park.client.asset(QUOTA)
    held = asset.registry + asset.trading + asset.frozen
    if (asset.issued, held) != (TONNES_EACH * len(park.traders),) * 2:
        found.append(f"{asset.issued} t issued, {held} t held, {TONNES_EACH * len(park.traders)} t carried in")
    return found
