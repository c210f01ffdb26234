"""Units ahead of the final allocation, and the settling of both (DOMAIN 31, 多退少补)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from quota.allocation.apportion import apportion
from quota.allocation.inputs import AllocationRules
from quota.identifiers import check_identifier
from quota.trace import Step, multiply
from quota.units import check_units


@dataclass(frozen=True, slots=True)
class PreShare:
    """Units allocated ahead to one enterprise, with the steps that lead to them."""

    identifier: str
    tonnes: int
    trace: tuple[Step, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreAllocation:
    """Shares ahead by the bytes of their identifiers; `free` is their sum, never over cap − reserve."""

    rules: AllocationRules
    shares: tuple[PreShare, ...]
    free: int

    def table(self) -> tuple[tuple[str, int], ...]:
        """(identifier, tonnes) by the bytes of the identifiers."""
        return tuple((share.identifier, share.tonnes) for share in self.shares)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What settles a pre-allocation: `additions` to issue, or `returns` to take back, and what is `owed` beyond, since
    it is no longer held free. At least one side is zero."""

    additions: int
    returns: int
    owed: int


def pre_allocate(rules: AllocationRules, last_year_emissions: Mapping[str, int]) -> PreAllocation:
    """`rules.pre_share` of last year's registered emissions (t) of each enterprise, floored; scaled like a final run
    where they sum to more than cap − reserve. Raises AllocationRefused, AmountRefused."""
    steps: dict[str, Step] = {}
    exact: dict[str, Fraction] = {}
    for identifier in sorted(last_year_emissions, key=str.encode):
        emitted = check_units(last_year_emissions[identifier], check_identifier(identifier))
        step = multiply("ahead", "tCO2e", (emitted, rules.pre_share), source="DOMAIN 31")
        steps[identifier], exact[identifier] = step, step.value
    portions = apportion(exact, rules.cap, rules.reserve)
    shares = tuple(
        PreShare(identifier, portions[identifier].units, (step, *portions[identifier].trace))
        for identifier, step in steps.items()
    )
    return PreAllocation(rules, shares, sum(share.tonnes for share in shares))


def reconcile(pre: int, final: int, held: int) -> Reconciliation:
    """Settle `pre` units against `final` ones, with `held` units of the vintage still held free.

    Raises AmountRefused.
    """
    check_units(pre, "pre")
    check_units(final, "final")
    check_units(held, "held")
    too_many = max(0, pre - final)
    returned = min(too_many, held)
    return Reconciliation(additions=max(0, final - pre), returns=returned, owed=too_many - returned)


def reconcile_tables(
    pre: Mapping[str, int], final: Mapping[str, int], held: Mapping[str, int]
) -> tuple[tuple[str, Reconciliation], ...]:
    """`reconcile` for everybody who stands in either table, by the bytes of the identifiers.

    Who is missing from one has 0 there: a new entrant is added to, who left gives back.
    """
    names = sorted({*pre, *final}, key=str.encode)
    return tuple((name, reconcile(pre.get(name, 0), final.get(name, 0), held.get(name, 0))) for name in names)
