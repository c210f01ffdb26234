"""Mass balance of carbon: what comes in less what leaves in products (DOMAIN 34).

    E = (Σ in × C_in − Σ out × C_out) × 44/12

Each flow's carbon is a factor of the set, or measured by batch: then weighings and laboratory are of the same batches
(DOMAIN 41), and the flow's carbon is Σ(weighing × content).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attestation.accounting.combustion import as_co2
from attestation.accounting.factor_sets import CARBON_UNITS, EnergyFactor, FactorSet
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.measured_carbon import carbon_steps, check_batches, check_weighed
from attestation.accounting.refusals import decimal_at, recomputation_refusal, schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply
from attestation.bodies.report_lines import Flow
from attestation.decimals import format_decimal, parse_decimal

FORMULA = Formula(
    "mass-balance.carbon",
    "(Σ in × C_in − Σ out × C_out) × 44 / 12",
    "2006 IPCC Guidelines, vol. 3, ch. 4, equation 4.9 (carbon mass balance, tier 2)",
)

DIRECTIONS = ("in", "out")


def check_flows(line_id: str, flows: Sequence[Flow]) -> None:
    """Refuse flows that are not well formed (step 9).

    Raises SchemaRefused: `line.flows` (none comes in, two of one id, an unknown direction), `line.flow.carbon` (not
    exactly one of factor and measurement), and what `check_quantity` and `check_batches` raise.
    """
    where = f"line {line_id}"
    if not any(flow.direction == "in" for flow in flows):
        raise schema_refusal("line.flows", where, "no flow in", "at least one flow in", "物料平衡没有输入")
    seen: set[str] = set()
    for flow in flows:
        place = f"{where}, flow {flow.id}"
        if flow.id in seen:
            raise schema_refusal("line.flows", where, flow.id, "flow ids that differ", "物料编号重复")
        seen.add(flow.id)
        if flow.direction not in DIRECTIONS:
            raise schema_refusal("line.flows", place, flow.direction, "in or out", "物料方向须为 in 或 out")
        check_quantity(f"{line_id}, flow {flow.id}", LineKind.MASS_BALANCE, decimal_at(flow.quantity, place), flow.unit)
        measured = flow.weighings is not None or flow.laboratory is not None
        if measured == (flow.factor is not None):
            raise schema_refusal(
                "line.flow.carbon",
                place,
                f"factor {flow.factor}, {'with' if measured else 'without'} batches",
                "either a factor or weighings with laboratory results",
                "含碳量须取自因子或批次实测，二者择一",
            )
        if measured:
            check_batches(place, flow.unit, flow.weighings, flow.laboratory)


def balance_carbon(line_id: str, flows: Sequence[Flow], factor_set: FactorSet) -> RecomputedLine:
    """The line of a mass balance.

    Raises what `check_flows` raises, and RecomputationRefused: `line.factor.unknown`, `line.unit`, `line.weighings`,
    `line.mass_balance.negative` (more carbon leaves than came in).
    """
    check_flows(line_id, flows)
    terms: list[Term] = []
    steps: list[Step] = []
    carbon: dict[str, list[Decimal]] = {direction: [] for direction in DIRECTIONS}
    for flow in flows:
        flow_terms, flow_steps = _flow_carbon(line_id, flow, factor_set)
        terms += flow_terms
        steps += flow_steps
        carbon[flow.direction].append(flow_steps[-1].value)
    net = add("carbon", "tC", carbon["in"], carbon["out"])
    if net.value < 0:
        raise recomputation_refusal(
            "line.mass_balance.negative",
            line=line_id,
            claimed=f"{format_decimal(net.value)} tC",
            recomputed="a balance from 0 up",
            what="more carbon leaves than came in",
            zh="输出的碳多于输入的碳",
        )
    return rounded_line(
        line_id,
        LineKind.MASS_BALANCE,
        LineKind.MASS_BALANCE.value,
        FORMULA,
        terms=terms,
        steps=(*steps, net, as_co2(net)),
    )


def _flow_carbon(line_id: str, flow: Flow, factor_set: FactorSet) -> tuple[Sequence[Term], Sequence[Step]]:
    quantity, symbol = parse_decimal(flow.quantity), f"carbon_{flow.direction}[{flow.id}]"
    if flow.factor is None:
        weighings, laboratory = flow.weighings or (), flow.laboratory or ()
        check_weighed(line_id, f" of flow {flow.id}", quantity, weighings)
        return carbon_steps(symbol, flow.unit, weighings, laboratory, flow=flow.id)
    content = _content(line_id, flow.factor, factor_set)
    check_unit(line_id, flow.factor, flow.unit, CARBON_UNITS[content.unit])
    terms = (
        Term(f"{flow.direction}[{flow.id}]", quantity, flow.unit, "activity"),
        Term(f"C_{flow.direction}[{flow.id}]", content.factor, content.unit, content.source, factor=True),
    )
    return terms, (multiply(symbol, "tC", [quantity, content.factor]),)


def _content(line_id: str, name: str, factor_set: FactorSet) -> EnergyFactor:
    content = factor_set.carbon.get(name)
    if content is None:
        raise recomputation_refusal(
            "line.factor.unknown",
            line=line_id,
            claimed=name,
            recomputed="one of " + ", ".join(factor_set.carbon) if factor_set.carbon else "none of this kind",
            what="the factor set has no carbon content of that name",
            zh="排放因子集中没有该名称",
        )
    return content
