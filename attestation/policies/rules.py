"""The rules of a compliance year: terms of the workflow and thresholds of findings, each with its default.

Document (JSON): ``year`` and any of the members of :class:`Rules`; what is left out has its default. Days are whole
numbers, multiples and shares decimal strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from attestation.policies import members

_MOST_DAYS = 250
_MOST_REMINDERS = 8
SUBSTITUTIONS = ("maximum", "mean")
"""How a block without a valid measurement is filled: with the largest, or with the mean, of the valid blocks."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in a year. Days are working days by the year's calendar unless said otherwise."""

    year: int
    site_days: int = 2
    """For the site checklist (DOMAIN 44)."""
    findings_days: int = 2
    """For the non-conformities (DOMAIN 44)."""
    correction_days: int = 5
    """For the enterprise to correct what was found (DOMAIN 44)."""
    objection_days: int = 7
    """For an objection, from the verdict (DOMAIN 44); registration comes after."""
    decision_days: int = 10
    """For the decision on an objection (DOMAIN 44)."""
    admission_required: bool = False
    """Whether enrolments of enterprises and verifiers need an approved admission and its code (DOMAIN 47)."""
    plan_required: bool = False
    """Whether a report must name the monitoring plan in force (DOMAIN 42)."""
    jump_multiple: Decimal = Decimal(10)
    """A reading above so many medians of its stream is a finding (DOMAIN 43; the multiple is the project's own)."""
    cems_completeness: Decimal = Decimal("0.75")
    """Least share of a period's hours with valid measurements (DOMAIN 34; HJ 75-2017: 75 % a quarter)."""
    cems_substitution: str = "maximum"
    """One of ``SUBSTITUTIONS`` (DOMAIN 34)."""
    reminder_days: tuple[int, ...] = (30, 7, 1)
    """Days, by the calendar, ahead of a deadline on which a reminder goes out (DOMAIN 47)."""


def read_rules(document: object) -> Rules:
    """The rules of a policy's document. Raises SchemaRefused (``policy.document``, ``body.integer``)."""
    found = members.read_object(document, ("year",), tuple(_READERS))
    given = {name: _READERS[name](value, name) for name, value in found.items() if name != "year"}
    return Rules(members.read_year(found["year"]), **given)  # type: ignore[arg-type]  # each by its own reader


def _days(value: object, at: str) -> int:
    return members.read_integer(value, 0, _MOST_DAYS, at)


def _multiple(value: object, at: str) -> Decimal:
    return members.read_decimal(value, Decimal(1), Decimal(1_000_000), 3, at)


def _share(value: object, at: str) -> Decimal:
    return members.read_decimal(value, Decimal(0), Decimal(1), 4, at)


def _substitution(value: object, at: str) -> str:
    if value not in SUBSTITUTIONS:
        raise members.document_refusal(value, " or ".join(SUBSTITUTIONS), at)
    return str(value)


def _reminders(value: object, at: str) -> tuple[int, ...]:
    days = [
        members.read_integer(item, 1, 366, f"{at}[{place}]")
        for place, item in enumerate(members.read_list(value, _MOST_REMINDERS, at))
    ]
    if days != sorted(set(days), reverse=True):
        raise members.document_refusal(value, "numbers of days, descending, each once", at)
    return tuple(days)


_READERS: Mapping[str, Callable[[object, str], object]] = MappingProxyType(
    {
        "site_days": _days,
        "findings_days": _days,
        "correction_days": _days,
        "objection_days": _days,
        "decision_days": _days,
        "admission_required": members.read_flag,
        "plan_required": members.read_flag,
        "jump_multiple": _multiple,
        "cems_completeness": _share,
        "cems_substitution": _substitution,
        "reminder_days": _reminders,
    }
)
