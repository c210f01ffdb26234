"""Carrying a vintage over into the next year (DOMAIN 6).

    limit = floor(base + multiple * max(0, sold - bought))

At most what is held free is carried: the old vintage is burned, the next one minted, the rest cancelled when the year
is closed. The base is a number of units (national: 10,000) or a share of the own obligation (a park's default: 5 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quota.refusals import refuse
from quota.trace import Step, add, floored, larger, multiply
from quota.units import WHOLE_BPS, check_bps, check_units, exactly

MOST_MULTIPLE = 10


@dataclass(frozen=True, slots=True)
class CarryOverRules:
    """`base_tonnes` plus `base_bps` of the obligation, and `multiple` of what was sold on balance."""

    base_tonnes: int = 0
    base_bps: int = 500
    multiple: Decimal = Decimal("1.5")

    def __post_init__(self) -> None:
        check_units(self.base_tonnes, "base_tonnes")
        check_bps(self.base_bps, "base_bps")
        if not isinstance(self.multiple, Decimal) or exactly(self.multiple, "multiple") > MOST_MULTIPLE:
            raise refuse("carry_over.multiple", self.multiple)


PARK = CarryOverRules()
"""A park's default: 5 % of the own obligation."""

NATIONAL = CarryOverRules(base_tonnes=10_000, base_bps=0)
"""The national default."""


@dataclass(frozen=True, slots=True)
class CarryOver:
    """`limit` units may go over; `carried` do, `cancelled` are left for the close. `trace` leads to the limit."""

    limit: int
    carried: int
    cancelled: int
    trace: tuple[Step, ...]


def carry_over_limit(rules: CarryOverRules, *, obligation: int, sold: int, bought: int) -> tuple[Step, ...]:
    """The steps to the limit, units; `sold` and `bought` are of the vintage that ends. Raises AmountRefused."""
    share = multiply("share", "t", (check_units(obligation, "obligation"), rules.base_bps), (WHOLE_BPS,))
    base = add("base", "t", (rules.base_tonnes, share.value), source="DOMAIN 6")
    balance = add("sold − bought", "t", (check_units(sold, "sold"),), (check_units(bought, "bought"),))
    net = larger("net", "t", 0, balance.value)
    more = multiply("from sales", "t", (rules.multiple, net.value), source="DOMAIN 6")
    total = add("base + from sales", "t", (base.value, more.value))
    return (share, base, balance, net, more, total, floored("limit", "t", total.value))


def carry_over(
    rules: CarryOverRules, *, obligation: int, sold: int, bought: int, held: int, requested: int | None = None
) -> CarryOver:
    """What of `held` free units goes over: as much as is allowed, or what was `requested`.

    Raises CarryOverRefused (`carry_over.limit`) for a request above the limit or above what is held; AmountRefused.
    """
    trace = carry_over_limit(rules, obligation=obligation, sold=sold, bought=bought)
    limit = int(trace[-1].value)
    most = min(limit, check_units(held, "held"))
    carried = most if requested is None else check_units(requested, "requested")
    if carried > most:
        raise refuse(
            "carry_over.limit",
            carried,
            f"at most {most} t: limit {limit} t, held {held} t",
            expected_zh=f"至多 {most} 吨：限额 {limit} 吨，持有 {held} 吨",
        )
    return CarryOver(limit, carried, held - carried, trace)


def check_window(*, at: int, opens: int, closes: int) -> None:
    """That the instant `at` lies in `[opens, closes)`: after the deadline, before the close.

    Raises CarryOverRefused (`carry_over.window`).
    """
    if not opens <= at < closes:
        raise refuse(
            "carry_over.window", at, f"from {opens}, before {closes}", expected_zh=f"自 {opens} 起，{closes} 之前"
        )
