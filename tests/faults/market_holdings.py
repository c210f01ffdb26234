"""What every account must hold by the entries of the log, and by the fills that took effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.faults.market_again import Matched
from tests.faults.market_chain import Balance
from tests.faults.market_entries import CASH, Said, asset_number


def holdings(entries: Iterable[Said], fills: Iterable[Matched], fee_account: str) -> dict[str, Balance]:
    """What every account must hold, by identifier: what entries brought, moved and paid out, and these fills."""
    held: dict[str, Balance] = defaultdict(Balance)
    withdrawn: dict[str, tuple[str, int]] = {}
    for said in entries:
        body = said.body
        match said.type, said.action:
            case "holding", "carry-in":
                held[body["account"]].units[asset_number(body["asset"]), "registry"] += body["tonnes"]
            case "cash", "deposit":
                held[body["account"]].free += body["fen"]
            case "cash", "payout":
                account, fen = withdrawn[body["withdrawal"]]
                held[account].withdrawing -= fen
                held[account].free += 0 if body["paid"] else fen
            case "order", "withdraw":
                withdrawn[body["op_id"]] = (said.issuer, body["fen"])
                held[said.issuer].free -= body["fen"]
                held[said.issuer].withdrawing += body["fen"]
            case "order", "move":
                _move(held[said.issuer], body)
    for fill in fills:
        asset, value = asset_number(fill.place[0]), fill.tonnes * fill.price_fen
        buyer, seller = held[fill.buyer], held[fill.seller]
        buyer.units[asset, "trading"] += fill.tonnes
        seller.units[asset, "trading"] -= fill.tonnes
        buyer.trading -= value + fill.fee_fen
        seller.trading += value - fill.fee_fen
        held[fee_account].free += 2 * fill.fee_fen
    return dict(held)


def _move(held: Balance, body: Mapping[str, Any]) -> None:
    amount = body["amount"] if body["inward"] else -body["amount"]
    if body["asset"] == CASH:
        held.free -= amount
        held.trading += amount
    else:
        held.units[asset_number(body["asset"]), "registry"] -= amount
        held.units[asset_number(body["asset"]), "trading"] += amount
