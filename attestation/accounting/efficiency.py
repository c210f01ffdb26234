"""The carbon efficiency code 碳效码 (DOMAIN 48).

    K = enterprise intensity / sector intensity = (E / Q) / I      E in tCO2, Q activity, I in tCO2 per unit of Q
    level 1: K <= 0.6    2: K <= 0.8    3: K <= 1.2    4: K <= 2.0    5: above
    grade by E / value added, tCO2 per CNY 10,000: low <= 0.6, mid <= 2.0, high above

Levels and grades are those of the exact quotient, never of a rounded one (GB/T 8170-2008, comparison of the full
value, which holds where a rule says nothing else): 0.60001 prints as 0.6000 and is level 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from attestation.accounting.intensity import INTENSITY_PLACES, Intensity, per_output, per_value_added
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import format_decimal

LEVEL_LIMITS = (Decimal("0.6"), Decimal("0.8"), Decimal("1.2"), Decimal("2.0"))
"""K up to which levels 1 to 4 reach, each limit included; beyond is level 5."""

_LOW, _MID = Decimal("0.6"), Decimal("2.0")


class Grade(StrEnum):
    """The class of an intensity per value added."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class EfficiencyCode:
    """`intensity` per activity and `value_intensity` per CNY 10,000 with their traces; `k` at 4 places half-up; `level`
    1 (best) to 5 and `grade`, both of the exact quotients."""

    intensity: Intensity
    sector_intensity: Decimal
    k: Decimal
    level: int
    value_intensity: Intensity
    grade: Grade

    def as_dict(self) -> dict[str, object]:
        """The trace as JSON-ready members, every number a plain decimal string."""
        return {
            "intensity": self.intensity.as_dict(),
            "sector_intensity": format_decimal(self.sector_intensity),
            "k": format_decimal(self.k),
            "level": self.level,
            "value_intensity": self.value_intensity.as_dict(),
            "grade": self.grade.value,
        }


def efficiency_code(
    emissions: Decimal,
    *,
    activity: Decimal,
    activity_unit: str,
    sector_intensity: Decimal,
    value_added: Decimal,
) -> EfficiencyCode:
    """The code of `emissions` (tCO2) for `activity` (in `activity_unit`) against `sector_intensity` (tCO2 per
    `activity_unit`), with `value_added` in CNY 10,000.

    Raises SchemaRefused: `intensity.output_zero`, `intensity.value_added_zero`, `intensity.sector_zero`,
    `intensity.negative`.
    """
    own = per_output(emissions, "tCO2", activity, activity_unit)
    value_intensity = per_value_added(emissions, "tCO2", value_added)
    if not sector_intensity.is_finite() or sector_intensity <= 0:
        raise schema_refusal(
            "intensity.sector_zero",
            "sector intensity",
            sector_intensity,
            "a sector intensity above 0: nothing is divided by zero",
            "行业强度须大于零",
        )
    k = Fraction(emissions) / Fraction(activity) / Fraction(sector_intensity)
    return EfficiencyCode(
        intensity=own,
        sector_intensity=sector_intensity,
        k=_half_up(k),
        level=efficiency_level(k),
        value_intensity=value_intensity,
        grade=carbon_grade(Fraction(emissions) / Fraction(value_added)),
    )


def efficiency_level(k: Fraction | Decimal) -> int:
    """The level 1 to 5 of an exact K from 0 up. Raises SchemaRefused (`intensity.negative`)."""
    _check(k)
    return 1 + sum(1 for limit in LEVEL_LIMITS if Fraction(limit) < Fraction(k))


def carbon_grade(intensity: Fraction | Decimal) -> Grade:
    """The grade of an exact intensity, tCO2 per CNY 10,000, from 0 up. Raises SchemaRefused (`intensity.negative`)."""
    _check(intensity)
    value = Fraction(intensity)
    return Grade.LOW if value <= Fraction(_LOW) else Grade.MID if value <= Fraction(_MID) else Grade.HIGH


def _check(value: Fraction | Decimal) -> None:
    if (isinstance(value, Decimal) and not value.is_finite()) or value < 0:
        raise schema_refusal("intensity.negative", "efficiency code", value, "a figure from 0 up", "数值不得为负")


def _half_up(value: Fraction) -> Decimal:
    # Through integers: a quotient of 50 digits would be rounded twice.
    scaled, rest = divmod(value.numerator * 10**INTENSITY_PLACES, value.denominator)
    return Decimal(scaled + (2 * rest >= value.denominator)).scaleb(-INTENSITY_PLACES)
