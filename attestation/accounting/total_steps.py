"""How the totals came about, in the steps of `trace`: from rounded lines to the obligation, energy and intensities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attestation.accounting.coal_equivalent import GJ_PER_TCE, TCE_PLACES, EnergyAmount
from attestation.accounting.greenhouse_gases import Gas
from attestation.accounting.intensity import INTENSITY_PLACES
from attestation.accounting.kinds import KINDS, Share
from attestation.accounting.lines import RecomputedLine
from attestation.accounting.totals import ObligationBase, Totals
from attestation.accounting.trace import Step, add, multiply, rounded, unrounded

_KG_PER_TONNE = Decimal(1000)


def total_steps(lines: Sequence[RecomputedLine], totals: Totals) -> tuple[Step, ...]:
    """The steps to every total that the report has, in the order in which it states them."""
    shares = {share: [line.emissions for line in lines if KINDS[line.kind].share is share] for share in Share}
    steps = [add("scope1", "tCO2", shares[Share.SCOPE1]), add("scope2", "tCO2", shares[Share.SCOPE2])]
    if totals.scope2_market is not None:
        market = (
            line.emissions if line.market is None else line.market
            for line in lines
            if KINDS[line.kind].share is Share.SCOPE2
        )
        steps.append(add("scope2_market", "tCO2", market))
    if totals.biogenic is not None:
        steps.append(add("biogenic", "tCO2", shares[Share.BIOGENIC]))
    if totals.removals is not None:
        steps.append(add("removals", "tCO2", shares[Share.REMOVALS]))
    for gas, _ in totals.by_gas or ():
        parts = (line.emissions for line in lines if KINDS[line.kind].share is Share.SCOPE1 and line.gas is Gas(gas))
        steps.append(add(f"by_gas[{gas}]", "tCO2e", parts))
    if totals.energy_tce is not None:
        steps += _energy(lines)
    if totals.intensities:
        steps.append(add("scope1 + scope2", "tCO2", [totals.scope1, totals.scope2]))
    for per, found in totals.intensities or ():
        symbol = f"{found.amount_unit} per {per}"
        quotient = multiply(unrounded(symbol), found.unit, [found.amount], over=[found.divisor])
        steps += [quotient, rounded(symbol, found.unit, quotient.value, INTENSITY_PLACES)]
    return (*steps, *_obligation(totals))


def _energy(lines: Sequence[RecomputedLine]) -> Iterator[Step]:
    amounts: list[Decimal] = []
    for line in lines:
        if line.energy is None:
            continue
        symbol = f"energy[{line.id}]"
        product = multiply(
            unrounded(symbol), "tce", [line.energy.quantity, line.energy.factor], over=[_divisor(line.energy)]
        )
        yield product
        yield rounded(symbol, "tce", product.value, TCE_PLACES)
        amounts.append(line.energy.tce)
    yield add("energy_tce", "tce", amounts)


def _divisor(amount: EnergyAmount) -> Decimal:
    return _KG_PER_TONNE if amount.factor_unit.startswith("kgce/") else GJ_PER_TCE


def _obligation(totals: Totals) -> Iterator[Step]:
    owed = totals.scope1
    if totals.obligation_base is ObligationBase.DIRECT_AND_ENERGY:
        both = add(unrounded("obligation"), "tCO2", [totals.scope1, totals.scope2])
        yield both
        owed = both.value
    yield rounded("obligation", "t", owed, 0)
