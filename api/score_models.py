"""Answers about credit scores (DOMAIN 49). Points are basis points."""

from __future__ import annotations

from typing import Any, Self

import msgspec
from pydantic import Field

from api.models import HASH, Answer
from attestation.facts.quotas import ScoreState
from ledger.score_views import FactsView, ScoreView
from quota.scoring import score, score_to_document


class ScoreComment(Answer):
    """What the enterprise said."""

    index: int
    statement_id: str = Field(pattern=HASH)
    accepted_at: int
    text: str


class LoggedScore(Answer):
    """A proposed score and what became of it."""

    index: int = Field(ge=0, description="Log position of the proposal.")
    statement_id: str = Field(pattern=HASH, description="What comments, publication and withdrawal name.")
    accepted_at: int
    state: ScoreState
    published_index: int | None = Field(
        description="Log position of the publication, whose receipt is the certificate."
    )
    withdrawn_index: int | None
    replaced_index: int | None = Field(description="Log position of what took its place.")
    score: dict[str, Any] = Field(description="The signed body (docs/statements.md): inputs, root, points, grade.")
    comments: list[ScoreComment]

    @classmethod
    def of(cls, view: ScoreView) -> Self:
        """From the log's view."""
        return cls(
            index=view.index,
            statement_id=view.statement_id.hex(),
            accepted_at=view.accepted_at,
            state=view.state,
            published_index=view.published_index,
            withdrawn_index=view.withdrawn_index,
            replaced_index=view.replaced_index,
            score=msgspec.to_builtins(view.body),
            comments=[
                ScoreComment(
                    index=said.index,
                    statement_id=said.statement_id.hex(),
                    accepted_at=said.accepted_at,
                    text=said.text,
                )
                for said in view.comments
            ],
        )


class Scores(Answer):
    """Proposed scores, newest first."""

    scores: list[LoggedScore]
    next: int | None = Field(description="Ask with `before` set to it for older ones, if not null.")


class ScoreFacts(Answer):
    """What the ledger's own facts give as of a moment: gathered anew for this answer."""

    size: int = Field(description="Entries below this count.")
    block: int | None = Field(description="The chain up to this block counts; null without contracts of units.")
    document: dict[str, Any] = Field(
        description="Formula, inputs, root, parts, points and grade, as docs/quota.md has them, section 6."
    )
    trace: list[dict[str, Any]] = Field(description="The steps from the parts to the points.")
    parts: list[dict[str, Any]] = Field(description="Each part with the steps from its inputs to its points.")

    @classmethod
    def of(cls, view: FactsView) -> Self:
        """From the log's view."""
        computed = score(view.inputs)
        return cls(
            size=view.moment.size,
            block=view.moment.block,
            document=score_to_document(computed),
            trace=[step.as_dict() for step in computed.trace],
            parts=[{"name": part.name, "trace": [step.as_dict() for step in part.trace]} for part in computed.parts],
        )


class EnterpriseScores(Answer):
    """An enterprise's year: what its facts give, and every score that was proposed, newest first."""

    enterprise: str
    year: int
    facts: ScoreFacts
    scores: list[LoggedScore]
