"""The charge for a shortfall (DOMAIN 7): `shortfall * price * k`, half-up to the fen.

The price is the volume-weighted close of the month before the deadline, in whole fen per tonne. A park levies this as a
contractual charge under its accession agreement; it is no fine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quota.refusals import refuse
from quota.trace import Step, multiply, rounded
from quota.units import check_fen, check_units, exactly, half_up

DEFAULT_MULTIPLE = Decimal(5)
LEAST_MULTIPLE, MOST_MULTIPLE = 5, 10


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge in fen, with its steps."""

    fen: int
    trace: tuple[Step, ...]


def month_price(value_fen: int, volume_tonnes: int) -> int:
    """The volume-weighted price of a month's listed trades, fen per tonne, half-up.

    Raises ChargeRefused (`charge.volume`) for a month without a trade, AmountRefused.
    """
    value = exactly(check_fen(value_fen, "value"), "value")
    if not check_units(volume_tonnes, "volume"):
        raise refuse("charge.volume", volume_tonnes)
    return half_up(value / volume_tonnes)


def shortfall_charge(shortfall: int, *, price_fen: int, multiple: Decimal = DEFAULT_MULTIPLE) -> Charge:
    """The charge for `shortfall` tonnes at `price_fen` per tonne, `multiple` (k) from 5 to 10.

    Raises ChargeRefused: `charge.price`, `charge.multiple`. Raises AmountRefused, also for a charge beyond `MAX_FEN`.
    """
    if not check_fen(price_fen, "price"):
        raise refuse("charge.price", price_fen)
    if not isinstance(multiple, Decimal) or not LEAST_MULTIPLE <= exactly(multiple, "multiple") <= MOST_MULTIPLE:
        raise refuse("charge.multiple", multiple)
    product = multiply("product", "fen", (check_units(shortfall, "shortfall"), price_fen, multiple), source="DOMAIN 7")
    charge = rounded("charge", "fen", product.value, 0, source="DOMAIN 7: half-up to the fen")
    return Charge(check_fen(int(charge.value), "charge"), (product, charge))


def next_allocation_deduction(shortfall: int, *, deducts: bool = False) -> int:
    """Units that the next allocation owes for a shortfall: as many where the parameter is on (DOMAIN 7), else none."""
    return check_units(shortfall, "shortfall") if deducts else 0
