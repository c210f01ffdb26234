"""Combustion with the carbon measured by a laboratory, batch by batch (DOMAIN 32, 41).

    E = Σ(FC_b × C_b) × OF × 44/12

Both are on the as-received basis: FC_b is what was weighed of a batch, C_b its carbon in tC per unit of the weighing.
The sets of batches must be the same: a laboratory's figure of another batch says nothing about what was burnt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from attestation.accounting.coal_equivalent import fuel_energy
from attestation.accounting.combustion import as_co2
from attestation.accounting.factor_sets import FuelFactor
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.refusals import decimal_at, recomputation_refusal, schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply
from attestation.bodies.report_lines import Analysis, Weighing
from attestation.decimals import decimal_places, exact_sum, format_decimal, parse_decimal

FORMULA = Formula(
    "combustion.measured",
    "Σ(FC × C_ar) × OF × 44 / 12",
    "Guideline for enterprise greenhouse gas accounting and reporting, power generation facilities (2022 revision), "
    "fossil fuel combustion with measured carbon",
)

CARBON_PLACES = 5
"""Places of a measured carbon content (DOMAIN 36)."""
WEIGHING_PLACES = 2
"""Places of a weighing; it is an activity, rounded once (DOMAIN 36)."""

# Pure carbon is 1 tC/t. Dry gases lie below 15 tC/1e4Nm3: 10^4 Nm3 at 20 °C hold 415.7 kmol, so a gas of three carbon
# atoms 15.0 t of carbon.
_MOST_CARBON = {"t": Decimal(1), "1e4Nm3": Decimal(20)}


def check_batches(
    where: str, unit: str, weighings: Sequence[Weighing] | None, laboratory: Sequence[Analysis] | None
) -> None:
    """Refuse weighings and analyses that do not belong together (step 9).

    Raises SchemaRefused: `line.batches` (none, one twice, or not the same set: DOMAIN 41), `line.carbon.range`,
    `line.carbon.places`, `line.quantity.places`, `decimal.grammar`.
    """
    weighed = [weighing.batch for weighing in weighings or ()]
    analysed = [analysis.batch for analysis in laboratory or ()]
    for name, batches in (("weighings", weighed), ("laboratory", analysed)):
        if not batches or len(set(batches)) != len(batches):
            raise schema_refusal(
                "line.batches", where, f"{name}: {', '.join(batches) or 'none'}", "each batch once", "批次缺失或重复"
            )
    if set(weighed) != set(analysed):
        alone = sorted(set(weighed) ^ set(analysed))
        raise schema_refusal(
            "line.batches",
            where,
            ", ".join(alone),
            f"weighings ({', '.join(weighed)}) and laboratory ({', '.join(analysed)}) of the same batches",
            "称重与化验须为同一批次",
        )
    for weighing in weighings or ():
        quantity = decimal_at(weighing.quantity, f"{where}, batch {weighing.batch}")
        if decimal_places(quantity) > WEIGHING_PLACES:
            raise schema_refusal(
                "line.quantity.places",
                f"{where}, batch {weighing.batch}",
                weighing.quantity,
                f"a weighing rounded once to {WEIGHING_PLACES} decimal places",
                f"称重数据须一次修约至{WEIGHING_PLACES}位小数",
            )
    for analysis in laboratory or ():
        _check_carbon(where, unit, analysis)


def _check_carbon(where: str, unit: str, analysis: Analysis) -> None:
    place = f"{where}, batch {analysis.batch}"
    carbon, most = decimal_at(analysis.carbon, place), _MOST_CARBON.get(unit)
    if decimal_places(carbon) > CARBON_PLACES:
        raise schema_refusal(
            "line.carbon.places",
            place,
            analysis.carbon,
            f"carbon content rounded once to {CARBON_PLACES} decimal places",
            f"含碳量须一次修约至{CARBON_PLACES}位小数",
        )
    if most is None or carbon > most:
        expected = "weighings in t or 1e4Nm3" if most is None else f"0 to {most} tC/{unit}, no per cent"
        raise schema_refusal(
            "line.carbon.range", place, f"{analysis.carbon} tC/{unit}", expected, "含碳量超出范围（不得为百分数）"
        )


def carbon_steps(
    symbol: str, unit: str, weighings: Sequence[Weighing], laboratory: Sequence[Analysis], *, flow: str = ""
) -> tuple[tuple[Term, ...], tuple[Step, ...]]:
    """Terms and steps of Σ(FC_b × C_b), of a flow where one is named; the last step is the carbon in tC, `symbol`."""
    contents = {analysis.batch: parse_decimal(analysis.carbon) for analysis in laboratory}
    terms: list[Term] = []
    products: list[Step] = []
    for weighing in weighings:
        quantity, content = parse_decimal(weighing.quantity), contents[weighing.batch]
        batch = f"{flow}/{weighing.batch}" if flow else weighing.batch
        terms.append(Term(f"FC[{batch}]", quantity, unit, f"weighing of batch {weighing.batch}"))
        terms.append(Term(f"C_ar[{batch}]", content, f"tC/{unit}", f"laboratory, batch {weighing.batch}"))
        products.append(multiply(f"carbon[{batch}]", "tC", [quantity, content]))
    return tuple(terms), (*products, add(symbol, "tC", (product.value for product in products)))


def check_weighed(line_id: str, part: str, quantity: Decimal, weighings: Sequence[Weighing]) -> None:
    """Refuse a quantity that is not the sum of its weighings: RecomputationRefused (`line.weighings`)."""
    weighed = exact_sum(parse_decimal(weighing.quantity) for weighing in weighings)
    if quantity != weighed:
        raise recomputation_refusal(
            "line.weighings",
            line=line_id,
            claimed=format_decimal(quantity),
            recomputed=format_decimal(weighed),
            what=f"the quantity{part} is not the sum of its weighings",
            zh="数量与各批次称重之和不符",
        )


def burn_measured(
    line_id: str,
    quantity: Decimal,
    unit: str,
    fuel: FuelFactor,
    *,
    weighings: Sequence[Weighing],
    laboratory: Sequence[Analysis],
) -> RecomputedLine:
    """The line for `quantity` of `fuel`, the sum of its weighings, with the carbon that a laboratory found.

    The oxidised share is the fuel's in the factor set. Raises SchemaRefused (see `check_quantity`, `check_batches`) and
    RecomputationRefused (`line.unit`, `line.weighings`).
    """
    check_quantity(line_id, LineKind.COMBUSTION_MEASURED, quantity, unit)
    check_unit(line_id, fuel.name, unit, fuel.quantity_unit)
    check_batches(f"line {line_id}", unit, weighings, laboratory)
    check_weighed(line_id, "", quantity, weighings)
    terms, steps = carbon_steps("carbon", unit, weighings, laboratory)
    oxidised = multiply("oxidised", "tC", [steps[-1].value, fuel.oxidation])
    line = rounded_line(
        line_id,
        LineKind.COMBUSTION_MEASURED,
        fuel.name,
        FORMULA,
        terms=(*terms, Term("OF", fuel.oxidation, "1", fuel.source, factor=True)),
        steps=(*steps, oxidised, as_co2(oxidised)),
    )
    return dataclasses.replace(line, energy=fuel_energy(fuel, quantity, unit))
