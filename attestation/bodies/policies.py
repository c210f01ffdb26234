"""``policy``: parameters that the park publishes."""

from __future__ import annotations

from typing import Annotated, Any

from attestation.bodies.texts import DateText, NameText, Part, ReasonText, published


class Corrects(Part, frozen=True, kw_only=True):
    """The earlier version of the same factor set that was wrong, and what was wrong with it."""

    version: NameText
    reason: ReasonText


class Policy(Part, frozen=True, kw_only=True):
    """Body of ``policy``: a parameter set. ``policy`` is ``factor-set`` (``document`` is the factor set), or one of the
    kinds that belong to a compliance year: ``obligation-base`` (``{"year", "base"}``), ``coverage-list``, ``calendar``,
    ``rules``. ``effective_from`` is a date
    ``YYYY-MM-DD``; ``corrects``, in factor sets only, names a version that this one takes the place of."""

    policy: Annotated[str, published(enum=["factor-set", "obligation-base", "coverage-list", "calendar", "rules"])]
    id: NameText
    version: NameText
    effective_from: DateText
    document: dict[str, Any]
    corrects: Corrects | None = None
