"""Answers about policies: what the park published, what is in force, which reports a version touches."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, Self

from pydantic import Field

from api.models import Answer
from ledger import policy_views


class PublishedPolicy(Answer):
    """A version of a policy."""

    policy: str = Field(description="Its kind.")
    id: str
    version: str
    year: int | None = Field(description="The compliance year that it belongs to; null for factor sets.")
    effective_from: date = Field(description="The first day that the version itself states.")
    serves_from: date = Field(
        description="The first day from which it is applied: that of the version that it corrects, if that is earlier; "
        "else `effective_from`."
    )
    index: int = Field(description="Log position.")
    leaf_hash: str = Field(description="By which decisions cite it.")
    accepted_at: int
    in_force: bool = Field(
        description="On the day asked about: of a year's versions the one that began last; of a factor set's "
        "uncorrected ones too. A version that corrects another one serves from that one's first day."
    )
    corrects: str | None = Field(description="The version that it took the place of.")
    corrected_by: str | None = Field(description="The version that took its place: no report may name it any more.")
    reason: str | None = Field(description="What was wrong with the version that it corrects.")
    document: dict[str, Any]

    @classmethod
    def told(cls, found: policy_views.PublishedPolicy) -> Self:
        """From the log's view."""
        return cls.model_validate({**asdict(found), "leaf_hash": found.leaf_hash.hex()})


class PublishedPolicies(Answer):
    """What the park published, in log order, and what of it is in force `on` a day."""

    on: date
    policies: list[PublishedPolicy]


class TouchedReport(Answer):
    """A report that was judged by a version of a policy."""

    index: int
    statement_id: str
    issuer: str
    year: int
    period_start: int
    period_end: int
    accepted_at: int
    superseded_by: int | None = Field(description="Log position of the report that takes its place.")

    @classmethod
    def told(cls, found: policy_views.TouchedReport) -> Self:
        """From the log's view."""
        return cls(**{**asdict(found), "statement_id": found.statement_id.hex()})


class TouchedReports(Answer):
    """Reports that a version touches, in log order. `next`: ask with `after` set to it for more, if not null."""

    policy: str
    id: str
    version: str
    reports: list[TouchedReport]
    next: int | None
