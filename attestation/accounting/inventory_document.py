"""The document of an organisation's inventory of one year (DOMAIN 46). Members not named here are refused:

v, type ("inventory"), organisation (identifier), year, gwp ("ar5" or "ar6"),
boundary  {approach ("control" or "equity"), description},
base_year {year, total, unit ("tCO2e"), threshold_percent, changes? [{cause, difference, reason}]},
sources   [{id, scope, gas, mass, unit ("t" or "kg"), counts [identifier or identifier#stream], above? [same],
            share_percent?, activity_uncertainty?, factor_uncertainty?}],
steps     {each of the ten steps: the document that shows it}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from attestation.accounting import document_members as members
from attestation.accounting.base_year import BaseYear, BaseYearChange, Recalculation, comparison, recalculation
from attestation.accounting.counted import path_of
from attestation.accounting.greenhouse_gases import Edition
from attestation.accounting.inventory import (
    STEPS,
    UNIT,
    Approach,
    Inventory,
    InventorySource,
    check_steps,
    inventory,
)
from attestation.accounting.lines import EMISSIONS_PLACES
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.trace import Step, multiply
from attestation.decimals import decimal_places, format_decimal
from attestation.identifiers import Identifier

TYPE = "inventory"

_KG_PER_TONNE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class YearlyInventory:
    """An organisation's inventory of a year beside its base year. `documents` shows each of the ten steps;
    `comparison` leads from this year's total to its change against the base year as recalculated."""

    organisation: Identifier
    year: int
    boundary: str
    inventory: Inventory
    base: Recalculation
    comparison: tuple[Step, ...]
    documents: Mapping[str, str]

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members, every number a plain decimal string."""
        return {
            "organisation": self.organisation,
            "year": self.year,
            "boundary": self.boundary,
            **self.inventory.as_dict(),
            "base_year": {
                "year": self.base.before.year,
                "total": format_decimal(self.base.before.total),
                "threshold_percent": format_decimal(self.base.before.threshold_percent),
                "changes": [change.as_dict() for change in self.base.changes],
                "restated": self.base.restated,
                "compared_with": format_decimal(self.base.after.total),
                "unit": UNIT,
                "steps": [step.as_dict() for step in (*self.base.steps, *self.comparison)],
            },
            "documents": dict(self.documents),
        }


def yearly_inventory(document: object) -> YearlyInventory:
    """The inventory that the document's sources make.

    Raises SchemaRefused at the member's path: the rules `document.*`, `decimal.grammar`, `inventory.uncounted` (a
    source that names nothing that it is made from), `inventory.base_year` (a base year after the inventory's, or the
    same with another total or with changes), `emissions.places`, and those of `inventory`, `recalculation` and
    `check_steps`.
    """
    required = ("v", "type", "organisation", "year", "gwp", "boundary", "base_year", "sources", "steps")
    found = members.read_object(document, "", required=required)
    members.read_head(found, TYPE)
    organisation = members.read_identifier(found["organisation"], "organisation")
    year = members.read_integer(found["year"], "year", members.YEARS)
    boundary = members.read_object(found["boundary"], "boundary", required=("approach", "description"))
    description = members.read_text(boundary["description"], "boundary.description")
    approach = members.read_choice(boundary["approach"], "boundary.approach", Approach)
    made = inventory(
        [_source(source, at, approach) for at, source in enumerate(members.read_list(found["sources"], "sources"))],
        approach=approach,
        edition=members.read_choice(found["gwp"], "gwp", Edition),
    )
    base = recalculation(*_base(found["base_year"]))
    _check_base_year(year, made.total, base)
    return YearlyInventory(
        organisation=organisation,
        year=year,
        boundary=description,
        inventory=made,
        base=base,
        comparison=comparison(made.total, base.after),
        documents=_documents(found["steps"]),
    )


def _source(value: object, at: int, approach: Approach) -> InventorySource:
    where = f"sources[{at}]"
    required: tuple[str, ...] = (
        *("id", "scope", "gas", "mass", "unit", "counts"),
        # Left out they would say that nothing is uncertain, and of a share that all is owned.
        *("activity_uncertainty", "factor_uncertainty"),
    )
    optional: tuple[str, ...] = ("above",)
    if approach is Approach.EQUITY:
        required = (*required, "share_percent")
    else:
        optional = (*optional, "share_percent")
    found = members.read_object(value, where, required=required, optional=optional)
    name = members.read_text(found["id"], f"{where}.id", members.MAX_ID)
    mass = members.read_number(found["mass"], f"{where}.mass")
    steps: tuple[Step, ...] = ()
    if members.read_unit(found["unit"], f"{where}.unit", ("t", "kg")) == "kg":
        step = multiply("m", "t", [mass], over=[_KG_PER_TONNE], exact=True)
        mass, steps = step.value, (step,)
    counts = members.read_counted(found["counts"], f"{where}.counts")
    if not counts:
        raise schema_refusal(
            "inventory.uncounted",
            path_of(at, name, "counts"),
            "counts nothing",
            "the meters, streams or documents that it is made from",
            "未写明所依据的计量器具、数据流或单据",
        )
    return InventorySource(
        id=name,
        scope=members.read_integer(found["scope"], f"{where}.scope", range(1, 4)),
        gas=members.read_text(found["gas"], f"{where}.gas"),
        mass_t=mass,
        share_percent=members.read_number(found.get("share_percent", "100"), f"{where}.share_percent"),
        activity_uncertainty=members.read_number(found["activity_uncertainty"], f"{where}.activity_uncertainty"),
        factor_uncertainty=members.read_number(found["factor_uncertainty"], f"{where}.factor_uncertainty"),
        counts=counts,
        above=members.read_counted(found.get("above", []), f"{where}.above"),
        steps=steps,
    )


def _base(value: object) -> tuple[BaseYear, tuple[BaseYearChange, ...]]:
    where = "base_year"
    found = members.read_object(
        value, where, required=("year", "total", "unit", "threshold_percent"), optional=("changes",)
    )
    members.read_unit(found["unit"], f"{where}.unit", (UNIT,))
    base = BaseYear(
        year=members.read_integer(found["year"], f"{where}.year", members.YEARS),
        total=_tonnes(found["total"], f"{where}.total"),
        threshold_percent=members.read_number(found["threshold_percent"], f"{where}.threshold_percent"),
    )
    changes = members.read_list(found.get("changes", []), f"{where}.changes")
    return base, tuple(_change(change, f"{where}.changes[{at}]") for at, change in enumerate(changes))


def _change(value: object, where: str) -> BaseYearChange:
    found = members.read_object(value, where, required=("cause", "difference", "reason"))
    return BaseYearChange(
        cause=members.read_text(found["cause"], f"{where}.cause"),
        difference=_tonnes(found["difference"], f"{where}.difference"),
        reason=members.read_text(found["reason"], f"{where}.reason"),
    )


def _tonnes(value: object, where: str) -> Decimal:
    number = members.read_number(value, where)
    if decimal_places(number) != EMISSIONS_PLACES:
        raise schema_refusal(
            "emissions.places", where, value, f"tCO2e with {EMISSIONS_PLACES} decimal places", "排放量须保留两位小数"
        )
    return number


def _documents(value: object) -> Mapping[str, str]:
    found = members.read_object(value, "steps", required=(), optional=STEPS)
    texts = {name: members.read_text(text, f"steps.{name}") for name, text in found.items()}
    check_steps(texts)
    return MappingProxyType({step: texts[step] for step in STEPS})


def _check_base_year(year: int, total: Decimal, base: Recalculation) -> None:
    if base.before.year > year:
        raise schema_refusal(
            "inventory.base_year", "base_year.year", base.before.year, f"{year} or earlier", "基准年晚于盘查年度"
        )
    if base.before.year < year:
        return
    if base.changes:
        raise schema_refusal(
            "inventory.base_year",
            "base_year.changes",
            f"{len(base.changes)} changes",
            "none: the base year is this year itself",
            "基准年即本盘查年度，不存在变更",
        )
    if base.before.total != total:
        raise schema_refusal(
            "inventory.base_year",
            "base_year.total",
            base.before.total,
            f"{format_decimal(total)}: the base year is this year itself",
            "基准年即本盘查年度，排放量须与本清单一致",
        )
