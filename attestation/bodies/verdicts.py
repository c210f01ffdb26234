"""``verification``: a verifier's verdict on a report (DOMAIN 44, 45)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.report_lines import ReportLine
from attestation.bodies.reports import Totals
from attestation.bodies.texts import NameText, Part, ReasonText, StatementIdText, published
from attestation.bodies.words import WordsText

CONCLUSIONS = ("approved", "corrected", "rejected")
RESOLUTIONS = ("corrected", "explained", "conservative")
BASES = ("evidence", "conservative")


class Adjustment(Part, frozen=True, kw_only=True):
    """What the verifier changes: the report line of that id becomes ``replacement``, or is left out without one; an id
    that the report does not have adds a line. ``basis``: ``evidence``, or a ``conservative`` estimate."""

    line: NameText
    replacement: ReportLine | None = None
    reason: ReasonText
    basis: Annotated[str, published(enum=list(BASES))]


class Resolution(Part, frozen=True, kw_only=True):
    """What became of a nonconformity: item ``item`` of the ``finding`` statement of that id."""

    finding: StatementIdText
    item: NameText
    resolution: Annotated[str, published(enum=list(RESOLUTIONS))]


class Verification(Part, frozen=True, kw_only=True):
    """Body of ``verification`` (DOMAIN 45). ``report`` is the standing revision, ``initial_report`` the first report of
    the case. ``verified`` are the totals of the report with the adjustments applied; absent where it is rejected."""

    report: StatementIdText
    initial_report: StatementIdText
    boundary: WordsText
    guideline: NameText
    conclusion: Annotated[str, published(enum=list(CONCLUSIONS))]
    adjustments: tuple[Adjustment, ...]
    verified: Totals | None = None
    nonconformities: tuple[Resolution, ...]
    uncovered: WordsText
