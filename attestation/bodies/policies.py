"""``policy``: parameters that the park publishes."""

from __future__ import annotations

from typing import Annotated, Any

from attestation.bodies.texts import DateText, NameText, Part, published


class Policy(Part, frozen=True, kw_only=True):
    """Body of ``policy``: a parameter set. ``policy`` is ``factor-set`` (``document`` is the factor set) or
    ``obligation-base`` (``document`` is ``{"year", "base"}``); ``effective_from`` is a date ``YYYY-MM-DD``."""

    policy: Annotated[str, published(enum=["factor-set", "obligation-base"])]
    id: NameText
    version: NameText
    effective_from: DateText
    document: dict[str, Any]
