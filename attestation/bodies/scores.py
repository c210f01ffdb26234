"""``score``: an enterprise's credit score, from its proposal to its publication (DOMAIN 49). One struct per ``action``.

Inputs are as docs/quota.md has them, with what is not known left out.
"""

from __future__ import annotations

from typing import Annotated, Any

from attestation.bodies.assets import Action
from attestation.bodies.texts import (
    MAX_SEQ,
    Count,
    IdentifierText,
    InstantText,
    NameText,
    Part,
    ReasonText,
    StatementIdText,
    YearNumber,
    integer,
    published,
)
from attestation.bodies.words import DigestText, WordsText

MOST_POINTS = 10_000
SCORE_GRADES = ("A+", "A", "B", "C", "D", "unrated")


class ScoreAsOf(Part, frozen=True, kw_only=True):
    """What a score knew: the entries below ``size``, and the chain up to ``block`` (absent without contracts)."""

    size: Annotated[int, integer(1, MAX_SEQ)]
    block: Count | None = None


class ScoreAction(Action, frozen=True, kw_only=True):
    """What every body of ``score`` is."""


class ProposeScore(ScoreAction, frozen=True, kw_only=True, tag="propose"):
    """A score that its enterprise may comment on until ``comments_until``. ``input_root`` is the SHA-256 of formula and
    inputs; ``points_bps`` is absent where the grade is ``unrated``."""

    enterprise: IdentifierText
    year: YearNumber
    formula: NameText
    as_of: ScoreAsOf
    inputs: dict[str, Any]
    input_root: DigestText
    points_bps: Annotated[int, integer(0, MOST_POINTS)] | None = None
    grade: Annotated[str, published(enum=list(SCORE_GRADES))]
    comments_until: InstantText


class CommentScore(ScoreAction, frozen=True, kw_only=True, tag="comment"):
    """What the enterprise says to a proposed score (statement id)."""

    score: StatementIdText
    text: WordsText


class PublishScore(ScoreAction, frozen=True, kw_only=True, tag="publish"):
    """The proposed score is published as it was proposed. This entry's receipt is the certificate."""

    score: StatementIdText


class WithdrawScore(ScoreAction, frozen=True, kw_only=True, tag="withdraw"):
    """The proposal that stands, or where none does the published score, is withdrawn."""

    score: StatementIdText
    reason: ReasonText


Score = ProposeScore | CommentScore | PublishScore | WithdrawScore
"""Body of ``score``: one of the actions."""
