"""``plan``: how an enterprise measures and reports (DOMAIN 42)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import DateText, DecimalText, IdentifierText, NameText, Part, StreamText, published
from attestation.bodies.words import WordsText


class Facility(Part, frozen=True, kw_only=True):
    """A plant or installation inside the boundary."""

    id: NameText
    name: NameText


class PlanParameter(Part, frozen=True, kw_only=True):
    """One measured or determined parameter: from where, by which meter or stream, how often, and what fills a gap.

    ``unit`` is a name, since parameters such as a calorific value have units that no reading has. ``accuracy_percent``
    is the meter's rated accuracy in per cent, above 0 and at most 100.
    """

    id: NameText
    facility: NameText
    source: NameText
    meter: IdentifierText | None = None
    stream: StreamText | None = None
    unit: NameText
    accuracy_percent: DecimalText | None = None
    frequency: NameText
    gap_rule: WordsText
    department: NameText


class Plan(Part, frozen=True, kw_only=True):
    """Body of ``plan``: a version of an enterprise's monitoring plan. ``quality`` describes the internal quality
    assurance; ``effective_from`` is a date ``YYYY-MM-DD``."""

    version: NameText
    effective_from: DateText
    boundary: WordsText
    facilities: Annotated[tuple[Facility, ...], published(minItems=1)]
    parameters: Annotated[tuple[PlanParameter, ...], published(minItems=1)]
    quality: WordsText
