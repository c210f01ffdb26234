"""From the figures of a case to the body of a ``label``: everything else follows (DOMAIN 48)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.efficiency import EfficiencyCode, efficiency_code
from attestation.bodies import Activity, Label, Sector
from attestation.decimals import format_decimal, parse_decimal


@dataclass(frozen=True, slots=True)
class LabelInputs:
    """What a label is computed from: tonnes of a case and on whose word, activity, sector, value added (CNY 10,000)."""

    enterprise: str
    year: int
    basis: str
    report: str | None
    obligation_base: str
    tonnes: int
    activity: Activity
    sector: Sector
    value_added: str
    supersedes: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltLabel:
    """`body` is the label's; `code` the trace of how K, level and grade came about."""

    body: Label
    code: EfficiencyCode


def build_label(inputs: LabelInputs) -> BuiltLabel:
    """The label of these inputs. Raises SchemaRefused: ``decimal.grammar`` and what ``efficiency_code`` raises, a
    divisor of zero above all."""
    code = efficiency_code(
        Decimal(inputs.tonnes),
        activity=parse_decimal(inputs.activity.quantity),
        activity_unit=inputs.activity.unit,
        sector_intensity=parse_decimal(inputs.sector.intensity),
        value_added=parse_decimal(inputs.value_added),
    )
    body = Label(
        enterprise=inputs.enterprise,
        year=inputs.year,
        basis=inputs.basis,
        report=inputs.report,
        obligation_base=inputs.obligation_base,
        tonnes=inputs.tonnes,
        activity=inputs.activity,
        sector=inputs.sector,
        value_added=inputs.value_added,
        intensity=format_decimal(code.intensity.value),
        k=format_decimal(code.k),
        level=code.level,
        value_intensity=format_decimal(code.value_intensity.value),
        grade=code.grade.value,
        supersedes=inputs.supersedes,
        reason=inputs.reason,
    )
    return BuiltLabel(body, code)
