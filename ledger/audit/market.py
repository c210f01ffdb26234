"""Every trading day as its entries give it, against its close, the fills that were matched and the chain's trades."""

from __future__ import annotations

from ledger.audit.findings import Area, Divergences
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.market.replay import replay_all


def replay_days(scratch: Database, parameters: LogParameters, divergences: Divergences) -> int:
    """Replay every day over the scratch store, which has entries, fills and the chain's trades. Returns how many."""
    if parameters.exchange_domain is None:
        return 0
    days = replay_all(scratch, parameters)
    for day in days:
        place = f"asset {day.session.asset:#x}, day {day.session.day}"
        for one in day.differences:
            divergences.add(
                Area.MARKET,
                f"{place}, {one.divergence.what}",
                f"audit.market.{one.source}",
                one.divergence.recorded,
                one.divergence.computed,
                **({} if one.divergence.cause is None else {"entry": one.divergence.cause}),
            )
    return len(days)
