"""``label``: the carbon efficiency code of an enterprise's year, with everything that it follows from (DOMAIN 48)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import (
    BaseText,
    Count,
    DecimalText,
    IdentifierText,
    NameText,
    Part,
    ReasonText,
    StatementIdText,
    YearNumber,
    integer,
    published,
    whole,
)
from attestation.units import UNITS, VALUE_ADDED_UNIT

BASES = ("registered", "determined", "verified", "reported")
"""Whose figure a label stands on, the strongest first."""
ACTIVITY_UNITS = (*UNITS, VALUE_ADDED_UNIT)
LEVELS = 5
GRADES = ("low", "mid", "high")

FIGURE_PATTERN = r"(0|[1-9][0-9]*)\.[0-9]{4}"

FigureText = Annotated[str, published(pattern=whole(FIGURE_PATTERN))]
"""A figure of four decimals that is computed, not stated."""


class Activity(Part, frozen=True, kw_only=True):
    """What the enterprise's intensity is per: so much of ``product`` in ``unit``, or value added in ``1e4CNY``."""

    product: NameText
    quantity: DecimalText
    unit: Annotated[str, published(enum=list(ACTIVITY_UNITS))]


class Sector(Part, frozen=True, kw_only=True):
    """The sector's intensity in tCO2 per unit of the activity, and where it is published."""

    name: NameText
    intensity: DecimalText
    source: ReasonText


class Label(Part, frozen=True, kw_only=True):
    """Body of ``label``. ``tonnes`` are the case's on ``obligation_base``, by ``basis``: ``registered``,
    ``determined``, ``verified`` or ``reported``; ``report`` is the one they are of, absent for a determination.
    ``intensity``, ``k``, ``value_intensity`` have four decimals; ``level`` is 1 (best) to 5, ``grade`` ``low``,
    ``mid`` or ``high``. ``value_added`` is in 10^4 CNY. ``supersedes`` is the label that this one replaces."""

    enterprise: IdentifierText
    year: YearNumber
    basis: Annotated[str, published(enum=list(BASES))]
    report: StatementIdText | None = None
    obligation_base: BaseText
    tonnes: Count
    activity: Activity
    sector: Sector
    value_added: DecimalText
    intensity: FigureText
    k: FigureText
    level: Annotated[int, integer(1, LEVELS)]
    value_intensity: FigureText
    grade: Annotated[str, published(enum=list(GRADES))]
    supersedes: StatementIdText | None = None
    reason: ReasonText | None = None
