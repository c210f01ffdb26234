"""``policy``: parameters that the park publishes."""

from __future__ import annotations

from typing import Annotated, Any

from attestation.bodies.texts import DateText, NameText, Part, published


class Policy(Part, frozen=True, kw_only=True):
    """Body of ``policy``: a parameter set. ``policy`` is ``factor-set`` (``document`` is the factor set),
    ``obligation-base`` (``document`` is ``{"year", "base"}``) or ``assignment`` (``document`` is ``{"verifier",
    "enterprise", "from", "to"}``); ``effective_from`` is a date ``YYYY-MM-DD``."""

    policy: Annotated[str, published(enum=["factor-set", "obligation-base", "assignment"])]
    id: NameText
    version: NameText
    effective_from: DateText
    document: dict[str, Any]
