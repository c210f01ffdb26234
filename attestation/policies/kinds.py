"""The kinds of policies, and which version of one is in force on a day.

Every rule is a versioned parameter set, effective by compliance year (DOMAIN, first paragraph)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Protocol, TypeVar

from attestation.policies import members
from attestation.policies.calendar import read_calendar
from attestation.policies.coverage_list import read_coverage_list
from attestation.policies.rules import read_rules
from attestation.refusals import refuse

FACTOR_SET = "factor-set"
OBLIGATION_BASE = "obligation-base"
COVERAGE_LIST = "coverage-list"
CALENDAR = "calendar"
RULES = "rules"

BASES = ("direct", "direct+energy")


def read_base(document: object) -> tuple[int, str]:
    """Year and base of an ``obligation-base`` {``year``, ``base``} (DOMAIN 2). Raises SchemaRefused."""
    found = members.read_object(document, ("year", "base"))
    base = members.read_text(found["base"], "base")
    year = members.read_year(found["year"])
    if base not in BASES:
        raise refuse("body.choice", base, ", ".join(BASES), at=f"{members.DOCUMENT}.base")
    return year, base


OF_A_YEAR: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        OBLIGATION_BASE: read_base,
        COVERAGE_LIST: read_coverage_list,
        CALENDAR: read_calendar,
        RULES: read_rules,
    }
)
"""Kinds whose document belongs to one compliance year, each with what reads it (and refuses)."""


FOR_THE_WHOLE_YEAR = frozenset({OBLIGATION_BASE, RULES})
"""Kinds of which one version must serve all of a year's decisions: allocation, score and obligation use the same base,
and nobody is judged by other terms than the rest (DOMAIN 2)."""


def serving_day(policy: str, day: date, decided_from: date | None) -> date:
    """The day whose version of a kind serves on ``day``: of a kind that serves a whole year not one later than the day
    of the year's first decision that stands (``decided_from``; None: there is none). What was dated further ahead
    before anything was decided serves no case that is under way."""
    if policy not in FOR_THE_WHOLE_YEAR or decided_from is None:
        return day
    return min(day, decided_from)


def year_of(policy: str, document: Mapping[str, object]) -> int | None:
    """The compliance year of a policy whose document was judged good; None for a kind that has none."""
    return members.read_year(document["year"]) if policy in OF_A_YEAR else None


class Dated(Protocol):
    """A version of a policy: its first day ``YYYY-MM-DD``, and its position in the log."""

    @property
    def effective_from(self) -> str: ...
    @property
    def entry_index(self) -> int: ...


DatedT = TypeVar("DatedT", bound=Dated)


def in_force(versions: Iterable[DatedT], day: date) -> DatedT | None:
    """The version in force on a day: of those that have begun the one that began last, of several that began on one
    day the one that was logged last. None where none has begun."""
    begun = [each for each in versions if each.effective_from <= day.isoformat()]
    return max(begun, key=lambda each: (each.effective_from, each.entry_index), default=None)
