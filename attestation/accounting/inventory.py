"""An organisation's greenhouse gas inventory (DOMAIN 46; park guide's ten steps, ISO 14064-1:2018).

A source emits some mass of one of the seven gases in one scope. Under *control* everything that the organisation
controls counts whole; under *equity share* each source counts by the share that it owns (ISO 14064-1:2018, 5.1).
Uncertainties are combined as in `uncertainty`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attestation.accounting.counted import Claim, Counted, check_counted_once, path_of
from attestation.accounting.factor_sets import GlobalWarmingPotential
from attestation.accounting.gases import FORMULA
from attestation.accounting.greenhouse_gases import SOURCES, Edition, Gas, gas_of, potential
from attestation.accounting.lines import EMISSIONS_PLACES, MASS_LIMIT_T
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply, rounded, unrounded
from attestation.accounting.uncertainty import MAX_UNCERTAINTY, SOURCE, combined_steps, source_steps
from attestation.decimals import format_decimal, round_half_up
from attestation.errors import SchemaRefused

UNIT = "tCO2e"

STEPS = (
    "feasibility",
    "boundary",
    "base_year",
    "source_identification",
    "quantification",
    "inventory",
    "data_quality",
    "report",
    "internal_verification",
    "external_verification",
)
"""The park guide's ten steps, in their order; management review belongs to the ninth."""


class Approach(StrEnum):
    """How the organisation's boundary is drawn."""

    CONTROL = "control"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class InventorySource:
    """`mass_t` tonnes of `gas` (by its own name) in `scope`; `share_percent` is what the organisation owns of it.

    The uncertainties are half the 95 % interval, in per cent of activity and factor. `counts` is what the mass is made
    from and `above` what lies behind that, `steps` what led to it, as from kilograms.
    """

    id: str
    scope: int
    gas: str
    mass_t: Decimal
    share_percent: Decimal = Decimal(100)
    activity_uncertainty: Decimal = Decimal(0)
    factor_uncertainty: Decimal = Decimal(0)
    counts: tuple[Counted, ...] = ()
    above: tuple[Counted, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """A source's tCO2e that counts, at 2 places, and its combined uncertainty in per cent, unrounded.

    `terms` and `steps` lead to both; `square` is the square of their product.
    """

    source: InventorySource
    emissions: Decimal
    uncertainty: Decimal
    terms: tuple[Term, ...]
    steps: tuple[Step, ...]
    square: Decimal

    def as_dict(self) -> dict[str, object]:
        """The line as JSON-ready members, every number a plain decimal string."""
        above = {"above": [str(counted) for counted in self.source.above]} if self.source.above else {}
        return {
            "id": self.source.id,
            "scope": self.source.scope,
            "gas": self.source.gas,
            "formula": FORMULA.id,
            "expression": " × ".join(term.symbol for term in self.terms),
            "source": FORMULA.source,
            "counts": [str(counted) for counted in self.source.counts],
            **above,
            "terms": [term.as_dict() for term in self.terms],
            "steps": [step.as_dict() for step in self.steps],
            "emissions": format_decimal(self.emissions),
            "unit": UNIT,
        }


@dataclass(frozen=True, slots=True)
class Inventory:
    """Totals in tCO2e at 2 places by scope and by gas, `total` of all, and the total's uncertainty in per cent.

    `by_cell` is by scope and gas, where there is a source; `steps` lead from the lines to every total.
    """

    approach: Approach
    edition: Edition
    lines: tuple[InventoryLine, ...]
    by_scope: Mapping[int, Decimal]
    by_gas: Mapping[Gas, Decimal]
    by_cell: Mapping[tuple[int, Gas], Decimal]
    total: Decimal
    uncertainty: Decimal
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, object]:
        """The inventory as JSON-ready members, every number a plain decimal string."""
        return {
            "use": "inventory and comparison, never an obligation (ISO 14064-1)",
            "use_zh": "仅用于盘查与比较，绝不作为清缴依据（ISO 14064-1）",
            "approach": self.approach.value,
            "gwp": self.edition.value,
            "gwp_source": SOURCES[self.edition],
            "scopes": {f"scope{scope}": format_decimal(value) for scope, value in self.by_scope.items()},
            "gases": {gas.value: format_decimal(value) for gas, value in self.by_gas.items()},
            "cells": {
                gas.value: {
                    f"scope{scope}": format_decimal(value)
                    for (scope, other), value in self.by_cell.items()
                    if other is gas
                }
                for gas in Gas
            },
            "total": format_decimal(self.total),
            "unit": UNIT,
            "uncertainty_percent": format_decimal(self.uncertainty),
            "uncertainty_source": SOURCE,
            "lines": [line.as_dict() for line in self.lines],
            "steps": [step.as_dict() for step in self.steps],
        }


def inventory(sources: Sequence[InventorySource], *, approach: Approach, edition: Edition) -> Inventory:
    """Quantify the sources, with one edition of GWP throughout.

    Raises SchemaRefused: `inventory.empty`, `inventory.duplicate`, `inventory.scope`, `inventory.share` (outside 0 to
    100 %, or other than 100 % under control), `inventory.uncertainty`, `inventory.absurd` (more than a report's line
    may claim of a mass), `inventory.counted_twice` (the same gas of one meter, stream or document in two sources of
    scopes 1 and 2, or in two of scope 3), `inventory.submeter`, and `gas.unknown`, `gas.potential`, `gas.negative`.
    """
    if not sources:
        raise schema_refusal("inventory.empty", "sources", "no sources", "at least one source", "清单没有任何排放源")
    seen: set[str] = set()
    for at, source in enumerate(sources):
        if source.id in seen:
            raise schema_refusal(
                "inventory.duplicate", path_of(at, source.id, "id"), source.id, "ids that differ", "排放源编号重复"
            )
        seen.add(source.id)
    lines = tuple(_line(at, source, approach, edition) for at, source in enumerate(sources))
    _check_counted_once(sources)
    return _added_up(lines, approach, edition)


def _added_up(lines: tuple[InventoryLine, ...], approach: Approach, edition: Edition) -> Inventory:
    keys = [(line.source.scope, gas_of(line.source.gas)) for line in lines]
    cells = {
        (scope, gas): _total(
            f"scope{scope}[{gas}]",
            [line.emissions for line, key in zip(lines, keys, strict=True) if key == (scope, gas)],
        )
        for scope in (1, 2, 3)
        for gas in Gas
        if (scope, gas) in keys
    }
    gases = {
        gas: _total(f"gas[{gas}]", [step.value for (_, other), step in cells.items() if other is gas]) for gas in Gas
    }
    scopes = {
        scope: _total(f"scope{scope}", [step.value for (other, _), step in cells.items() if other == scope])
        for scope in (1, 2, 3)
    }
    total = _total("total", [step.value for step in scopes.values()])
    uncertain = combined_steps([line.square for line in lines], total.value)
    return Inventory(
        approach=approach,
        edition=edition,
        lines=lines,
        by_scope=MappingProxyType({scope: step.value for scope, step in scopes.items()}),
        by_gas=MappingProxyType({gas: step.value for gas, step in gases.items()}),
        by_cell=MappingProxyType({key: step.value for key, step in cells.items()}),
        total=total.value,
        uncertainty=uncertain[-1].value,
        steps=(*cells.values(), *gases.values(), *scopes.values(), total, *uncertain),
    )


def check_steps(done: Mapping[str, str]) -> None:
    """Refuse an inventory that says of a step nothing, or too much. `done`: step → the document that shows it.

    Raises SchemaRefused (`inventory.step`), naming the first step that is missing, empty or none of the ten.
    """
    for step in (*STEPS, *done):
        if step not in STEPS or not done.get(step, "").strip():
            raise schema_refusal(
                "inventory.step",
                f"steps.{step}",
                done.get(step, "missing"),
                "the ten steps, each with its document",
                "盘查步骤缺失或未附文件",
            )


def _line(at: int, source: InventorySource, approach: Approach, edition: Edition) -> InventoryLine:
    gwp = _checked(at, source, approach, edition)
    terms = [
        Term("m", source.mass_t, "t", "activity"),
        Term("GWP", gwp.value, "tCO2e/t", gwp.source, factor=True),
    ]
    factors, over = [source.mass_t, gwp.value], []
    if approach is Approach.EQUITY:
        terms.append(Term("share", source.share_percent, "%", "equity share"))
        factors, over = [*factors, source.share_percent], [Decimal(100)]
    exact = multiply(unrounded("E"), UNIT, factors, over=over)
    emissions = rounded("E", UNIT, exact.value, EMISSIONS_PLACES)
    steps = [*source.steps, exact, emissions]
    uncertain = source_steps(emissions.value, source.activity_uncertainty, source.factor_uncertainty)
    (uncertainty,) = (step.value for step in uncertain if step.symbol == "u")
    return InventoryLine(source, emissions.value, uncertainty, tuple(terms), (*steps, *uncertain), uncertain[-1].value)


def _checked(at: int, source: InventorySource, approach: Approach, edition: Edition) -> GlobalWarmingPotential:
    def where(member: str) -> str:
        return path_of(at, source.id, member)

    if source.scope not in {1, 2, 3}:
        raise schema_refusal("inventory.scope", where("scope"), source.scope, "1, 2 or 3", "范围须为 1、2 或 3")
    if not source.mass_t.is_finite() or source.mass_t < 0:
        raise schema_refusal("gas.negative", where("mass"), source.mass_t, "a mass from 0 up", "质量不得为负")
    if source.mass_t > MASS_LIMIT_T:
        raise schema_refusal(
            "inventory.absurd", where("mass"), f"{source.mass_t} t", f"at most {MASS_LIMIT_T} t", "数值超出合理上限"
        )
    share = source.share_percent
    if not share.is_finite() or not 0 < share <= 100 or (approach is Approach.CONTROL and share != 100):
        expected = (
            "100 %: what is controlled counts whole" if approach is Approach.CONTROL else "above 0, at most 100 %"
        )
        raise schema_refusal("inventory.share", where("share_percent"), share, expected, "股权比例与边界方法不符")
    for member in ("activity_uncertainty", "factor_uncertainty"):
        value = getattr(source, member)
        if not value.is_finite() or not 0 <= value <= MAX_UNCERTAINTY:
            raise schema_refusal(
                "inventory.uncertainty",
                where(member),
                value,
                f"per cent from 0 to {MAX_UNCERTAINTY}",
                f"不确定度须在 0 至 {MAX_UNCERTAINTY} 之间",
            )
    try:
        return potential(source.gas, edition)
    except SchemaRefused as error:
        raise schema_refusal(error.rule, where("gas"), source.gas, error.expected, _GAS_ZH[error.rule]) from error


_GAS_ZH = {
    "gas.unknown": "不是七种温室气体之一，或未写明具体气体名称",
    "gas.potential": "全球变暖潜势表中没有该气体",
}


def _check_counted_once(sources: Sequence[InventorySource]) -> None:
    # One meter gives several gases; what an organisation emits and what others emit for it are two things.
    groups: dict[tuple[str, bool], list[Claim]] = {}
    for at, source in enumerate(sources):
        claim = Claim(at, source.id, source.counts, source.above)
        groups.setdefault((source.gas, source.scope == 3), []).append(claim)
    for claims in groups.values():
        check_counted_once(claims, twice="inventory.counted_twice", behind="inventory.submeter")


def _total(symbol: str, values: Iterable[Decimal]) -> Step:
    step = add(symbol, UNIT, values)
    # Exact already: every line has two places.
    return replace(step, value=round_half_up(step.value, EMISSIONS_PLACES))
