"""From an activity to a line of a report without its emissions: converted, rounded once (DOMAIN 36)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attestation.accounting.activities import Activity, Material, Produced, Weighed
from attestation.accounting.cems import mass_of
from attestation.accounting.evidence import activity_from_citations, activity_from_sums
from attestation.accounting.factor_sets import CARBON_UNITS, FactorSet
from attestation.accounting.kinds import ACTIVITY_PLACES, KINDS, LineKind
from attestation.accounting.outputs import output_places
from attestation.accounting.refusals import recomputation_refusal, schema_refusal
from attestation.bodies.report_lines import Citation, Flow, ReportLine, Weighing
from attestation.bodies.reports import Output
from attestation.decimals import exact_sum, format_decimal, parse_decimal, round_half_up
from attestation.units import convert

_NO_EMISSIONS = "0.00"


def draft_line(activity: Activity, factor_set: FactorSet) -> ReportLine:
    """The line of an activity, with emissions of 0.00 yet.

    Raises SchemaRefused `activity.quantity` where neither or half of quantity and unit is given without what else would
    give it, `line.quantity.negative`, `unit.unknown`, `unit.dimension` for gas in tonnes and the like; and
    RecomputationRefused `line.fuel.unknown`, `line.factor.unknown`.
    """
    named = KINDS[activity.kind].named
    evidence = tuple(cited.citation() for cited in activity.evidence)
    if activity.kind is LineKind.MASS_BALANCE:
        flows = tuple(_flow(activity.id, material, evidence, factor_set) for material in activity.flows)
        return ReportLine(
            id=activity.id, kind=activity.kind.value, flows=flows, emissions=_NO_EMISSIONS, evidence=evidence
        )
    unit = _unit_of(activity, factor_set)
    weighings = tuple(_weighing(activity.id, unit, weighed, evidence) for weighed in activity.weighings)
    return ReportLine(
        id=activity.id,
        kind=activity.kind.value,
        quantity=format_decimal(_quantity(activity, unit, evidence, weighings)),
        unit=unit,
        fuel=activity.name if named == "fuel" else None,
        factor=activity.name if named == "factor" else None,
        weighings=weighings or None,
        laboratory=activity.laboratory or None,
        blocks=activity.blocks or None,
        own=_own(activity, evidence),
        certificates=activity.certificates or None,
        emissions=_NO_EMISSIONS,
        evidence=evidence,
    )


def draft_output(produced: Produced) -> Output:
    """The output as a report states it; raises as `draft_line`."""
    evidence = tuple(cited.citation() for cited in produced.evidence)
    places, where = output_places(produced.unit), f"output {produced.product}"
    if produced.quantity is not None:
        quantity = round_half_up(_from_zero(where, produced.quantity), places)
    elif evidence:
        quantity = activity_from_citations(evidence, produced.unit, places, lowers=True)
    else:
        raise _no_quantity(where, "no quantity, no evidence")
    return Output(
        product=produced.product, quantity=format_decimal(quantity), unit=produced.unit, evidence=evidence or None
    )


def _unit_of(activity: Activity, factor_set: FactorSet) -> str:
    if activity.kind is LineKind.ELECTRICITY:
        return "MWh"
    if activity.kind is LineKind.HEAT:
        return "GJ"
    if KINDS[activity.kind].named != "fuel":
        return "t"
    fuels = factor_set.biomass if activity.kind is LineKind.BIOGENIC else factor_set.fuels
    fuel = fuels.get(activity.name)
    if fuel is None:
        raise recomputation_refusal(
            "line.fuel.unknown",
            line=activity.id,
            claimed=activity.name,
            recomputed="one of " + ", ".join(fuels) if fuels else "none of this kind",
            what="the factor set has no fuel of that name",
            zh="排放因子集中没有该燃料",
        )
    return fuel.quantity_unit


def _quantity(activity: Activity, unit: str, evidence: Sequence[Citation], weighings: Sequence[Weighing]) -> Decimal:
    where = f"line {activity.id}"
    if activity.quantity is not None and activity.unit is not None:
        negative = "line.removal.negative" if activity.kind is LineKind.REMOVAL else "line.quantity.negative"
        _from_zero(where, activity.quantity, negative)
        return activity_from_sums([(activity.quantity, activity.unit)], unit, activity.kind)
    if activity.quantity is None and activity.unit is None:
        if weighings:
            return exact_sum(parse_decimal(weighing.quantity) for weighing in weighings)
        if activity.blocks:
            return mass_of(activity.blocks)
        own = [citation for citation in evidence if citation.part is None]
        if own:
            places, lowers = ACTIVITY_PLACES[activity.kind], activity.kind is LineKind.REMOVAL
            return activity_from_citations(own, unit, places, lowers=lowers)
    raise _no_quantity(where, f"quantity {activity.quantity}, unit {activity.unit}, {len(activity.evidence)} citations")


def _own(activity: Activity, evidence: Sequence[Citation]) -> str | None:
    places = ACTIVITY_PLACES[LineKind.ELECTRICITY]
    if activity.own is not None:
        return format_decimal(round_half_up(_from_zero(f"line {activity.id}, own", activity.own), places))
    cited = [citation for citation in evidence if citation.part == "own"]
    if activity.kind is not LineKind.ELECTRICITY or not cited:
        return None
    return format_decimal(activity_from_citations(cited, "MWh", places, lowers=True))


def _weighing(
    line_id: str, unit: str, weighed: Weighed, evidence: Sequence[Citation], *, lowers: bool = False
) -> Weighing:
    where = f"line {line_id}, batch {weighed.batch}"
    places = ACTIVITY_PLACES[LineKind.COMBUSTION_MEASURED]
    cited = [citation for citation in evidence if citation.part == weighed.batch]
    if weighed.quantity is not None:
        quantity = round_half_up(_from_zero(where, weighed.quantity), places)
    elif cited:
        quantity = activity_from_citations(cited, unit, places, lowers=lowers)
    else:
        raise _no_quantity(where, "no weighing, no evidence")
    return Weighing(batch=weighed.batch, quantity=format_decimal(quantity))


def _flow(line_id: str, material: Material, evidence: Sequence[Citation], factor_set: FactorSet) -> Flow:
    where = f"line {line_id}, flow {material.id}"
    unit = _flow_unit(line_id, material, factor_set)
    weighings = tuple(_weighing(line_id, unit, weighed, ()) for weighed in material.weighings)
    cited = [citation for citation in evidence if citation.part == material.id]
    places = ACTIVITY_PLACES[LineKind.MASS_BALANCE]
    if material.quantity is not None and material.unit is not None:
        quantity = round_half_up(convert(_from_zero(where, material.quantity), material.unit, unit), places)
    elif weighings:
        quantity = exact_sum(parse_decimal(weighing.quantity) for weighing in weighings)
    elif cited:
        quantity = activity_from_citations(cited, unit, places, lowers=material.direction == "out")
    else:
        raise _no_quantity(where, f"quantity {material.quantity}, unit {material.unit}, no evidence")
    return Flow(
        id=material.id,
        direction=material.direction,
        quantity=format_decimal(quantity),
        unit=unit,
        factor=material.factor,
        weighings=weighings or None,
        laboratory=material.laboratory or None,
    )


def _flow_unit(line_id: str, material: Material, factor_set: FactorSet) -> str:
    if material.factor is None:
        return material.unit or "t"
    content = factor_set.carbon.get(material.factor)
    if content is None:
        raise recomputation_refusal(
            "line.factor.unknown",
            line=line_id,
            claimed=material.factor,
            recomputed="one of " + ", ".join(factor_set.carbon) if factor_set.carbon else "none of this kind",
            what="the factor set has no carbon content of that name",
            zh="排放因子集中没有该名称",
        )
    return CARBON_UNITS[content.unit]


def _from_zero(where: str, quantity: Decimal, rule: str = "line.quantity.negative") -> Decimal:
    if not quantity.is_finite() or quantity < 0:
        raise schema_refusal(rule, where, quantity, "a quantity from 0 up", "数量不得为负")
    return quantity


def _no_quantity(where: str, given: str) -> Exception:
    return schema_refusal(
        "activity.quantity",
        where,
        given,
        "quantity and unit together, or evidence that gives them",
        "须同时给出数量与单位，或给出可汇总的读数",
    )
