"""Credit scores as the log holds them, and what its facts give (DOMAIN 49)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.bodies import ProposeScore
from attestation.bodies.scores import CommentScore
from attestation.facts.quotas import ScoreState
from ledger.context import LogParameters
from ledger.db.account_queries import AccountRepository
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.quota_models import ScoreRow
from ledger.db.quotas import QuotaRepository
from ledger.effects.scores import proposal_of, score_of
from ledger.scores import Moment, is_reached, moment_now, score_inputs
from quota.scoring import ScoreInputs

SCORES_SHOWN = 100
"""A page holds at most this many."""


@dataclass(frozen=True, slots=True)
class CommentView:
    """What the enterprise said to a score: its log position, statement id (32 bytes), acceptance (unix seconds)."""

    index: int
    statement_id: bytes
    accepted_at: int
    text: str


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A proposed score and what became of it: ``state`` is ``proposed``, ``published``, ``withdrawn``, ``replaced``."""

    index: int
    statement_id: bytes
    accepted_at: int
    state: ScoreState
    published_index: int | None
    withdrawn_index: int | None
    replaced_index: int | None
    body: ProposeScore
    comments: tuple[CommentView, ...]


@dataclass(frozen=True, slots=True)
class FactsView:
    """The facts of an enterprise's year as of a moment."""

    moment: Moment
    inputs: ScoreInputs


class ScoreReader:
    """Read access to the scores of one log; each answer is one snapshot of the store."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def page(
        self, *, enterprise: str | None = None, year: int | None, before: int | None, limit: int
    ) -> list[ScoreView]:
        """Proposed scores, newest first, at most ``limit`` below the log position ``before``."""
        with self._database.read() as session:
            rows = QuotaRepository(session).scores(enterprise=enterprise, year=year, before=before, limit=limit)
            return [_view(session, row) for row in rows]

    def of_year(self, enterprise: str, year: int) -> list[ScoreView]:
        """Every score that was proposed for an enterprise's year, newest first."""
        with self._database.read() as session:
            return [_view(session, row) for row in reversed(QuotaRepository(session).scores_of(enterprise, year))]

    def knows(self, enterprise: str) -> bool:
        """Whether that is an enrolled enterprise or park."""
        with self._database.read() as session:
            return AccountRepository(session).holder(enterprise) is not None

    def facts(self, enterprise: str, year: int, moment: Moment | None = None) -> FactsView | None:
        """The facts as of a moment, or as of now; None for a moment that the ledger has not reached, and for an empty
        log. Raises ``ReadingAltered``."""
        with self._database.read() as session:
            now = moment_now(session, self._parameters)
            asked = now if moment is None else moment
            if not is_reached(asked, now):
                return None
            return FactsView(asked, score_inputs(session, self._parameters, enterprise, year, asked))


def _view(session: Session, row: ScoreRow) -> ScoreView:
    entries = EntryRepository(session)
    entry = entries.require(row.entry_index)
    return ScoreView(
        index=row.entry_index,
        statement_id=row.statement_id,
        accepted_at=row.proposed_at,
        state=QuotaRepository(session).states(row.enterprise, row.year)[row.entry_index],
        published_index=row.published_index,
        withdrawn_index=row.withdrawn_index,
        replaced_index=row.replaced_index,
        body=proposal_of(entry.entry),
        comments=tuple(
            CommentView(said.entry_index, said.statement_id, said.accepted_at, _text(logged.entry))
            for said, logged in QuotaRepository(session).comments(row.entry_index)
        ),
    )


def _text(entry: bytes) -> str:
    body = score_of(entry)
    if not isinstance(body, CommentScore):
        raise LookupError("the entry is no comment")
    return body.text
