"""What the service says of credit scores; each is computed again from its inputs before it is returned (DOMAIN 49)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from attestation.bodies import ProposeScore
from quota import QuotaError
from quota.scoring import Score, read_score
from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

SCORES_PAGE = 100


class ScoreComment(msgspec.Struct, frozen=True):
    """What the enterprise said."""

    index: int
    statement_id: str
    accepted_at: int
    text: str


class LoggedScore(msgspec.Struct, frozen=True):
    """A proposed score at log position ``index`` and what became of it. The receipt of the entry at
    ``published_index`` is the certificate."""

    index: int
    statement_id: str
    accepted_at: int
    state: Literal["proposed", "published", "withdrawn", "replaced", "refused"]
    published_index: int | None
    withdrawn_index: int | None
    replaced_index: int | None
    score: dict[str, Any]
    comments: tuple[ScoreComment, ...]

    @property
    def body(self) -> ProposeScore:
        """The signed body."""
        members = {name: value for name, value in self.score.items() if name != "action"}
        return msgspec.convert(members, ProposeScore)


class ScoreFacts(msgspec.Struct, frozen=True):
    """What the ledger's facts give as of ``size`` entries and ``block``: the score's ``document``, and every step."""

    size: int
    block: int | None
    document: dict[str, Any]
    trace: tuple[dict[str, Any], ...]
    parts: tuple[dict[str, Any], ...]

    @property
    def computed(self) -> Score:
        """The score, computed here from the inputs."""
        return read_score(self.document)


class EnterpriseScores(msgspec.Struct, frozen=True):
    """An enterprise's year: its facts, and every score that was proposed, newest first."""

    enterprise: str
    year: int
    facts: ScoreFacts
    scores: tuple[LoggedScore, ...]

    def named(self, statement_id: str | None) -> LoggedScore | None:
        """The score of that statement id; with None the published one that stands, else the proposal that does."""
        if statement_id is not None:
            return next((one for one in self.scores if one.statement_id == statement_id), None)
        for state in ("published", "proposed"):
            for one in self.scores:
                if one.state == state:
                    return one
        return None


class _Page(msgspec.Struct, frozen=True):
    scores: tuple[LoggedScore, ...]
    next: int | None


class ScoreReads:
    """Reads of scores; raises RefusedByService for who may not."""

    _transport: Transport
    _evidence: Path

    def scores(self, enterprise: str, year: int, *, of: str | None = None) -> EnterpriseScores:
        """The enterprise's year, its facts as of now or as of a proposed score (statement id).

        Raises PromiseBroken for a document whose numbers are not what its own inputs give, and for another's.
        """
        path = f"/v1/scores/{quote(enterprise, safe='')}/{year}"
        response = self._transport.request("GET", path, params={} if of is None else {"of": of})
        found = decode(response.content, EnterpriseScores)
        try:
            computed = found.facts.computed
        except QuotaError as refused:
            raise self._broken_score(refused.value, refused.expected, response.text) from refused
        told = (computed.inputs.identifier, computed.inputs.year)
        if told != (enterprise, year):
            raise self._broken_score(f"{told[0]} {told[1]}", f"{enterprise} {year}", response.text)
        return found

    def scores_of_year(self, year: int, *, before: int | None = None) -> tuple[tuple[LoggedScore, ...], int | None]:
        """A page of every score of a year, newest first, and what ``before`` is for the next one."""
        asked: dict[str, str | int] = {"limit": SCORES_PAGE, "year": year}
        params = asked if before is None else asked | {"before": before}
        found = decode(self._transport.request("GET", "/v1/scores", params=params).content, _Page)
        return found.scores, found.next

    def _broken_score(self, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule="answer.score",
            value=value,
            expected=expected,
            message="The service's answer does not fit: answer.score",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
