"""The close of a trading day (DOMAIN 15): the volume-weighted price of its listed trades, half-up to the fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from quota.market.orders import Fill
from quota.units import check_fen, check_units, half_up


@dataclass(frozen=True, slots=True)
class Close:
    """A day's close in fen per tonne, from `volume` tonnes for `value_fen` among `groups` parties.

    `stands`: there was too little of it, so that the previous close stands and is `price_fen`.
    """

    price_fen: int
    volume: int
    value_fen: int
    groups: int
    stands: bool


def close(
    fills: Iterable[Fill],
    groups: Mapping[bytes, str],
    minimum_volume: int,
    minimum_groups: int,
    reference: int,
) -> Close:
    """The close of a day's fills; only the counted ones are part of it (no block, bilateral, auction, same group).

    `groups` says by order id for whom a trade counts: the group, or the account of one that has none
    (`Order.party`). Below `minimum_volume` tonnes, `minimum_groups` parties, or without any trade, `reference` stands.
    Raises AmountRefused; KeyError for an order that `groups` does not have.
    """
    counted = [fill for fill in fills if fill.counted]
    volume = check_units(sum(fill.tonnes for fill in counted), "volume")
    value = check_fen(sum(fill.value_fen for fill in counted), "value")
    parties = len({groups[name] for fill in counted for name in (fill.buy, fill.sell)})
    check_units(minimum_volume, "minimum volume")
    check_units(minimum_groups, "minimum groups")
    if not volume or volume < minimum_volume or parties < minimum_groups:
        return Close(check_fen(reference, "reference"), volume, value, parties, stands=True)
    return Close(half_up(Fraction(value, volume)), volume, value, parties, stands=False)
