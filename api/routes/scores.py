"""Credit scores."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.models import HASH
from api.routes.cases import YearPath
from api.routes.labels import BeforeQuery, YearQuery
from api.routes.parameters import absent, identifier_in
from api.score_models import EnterpriseScores, LoggedScore, ScoreFacts, Scores
from ledger.score_views import SCORES_SHOWN
from ledger.scores import Moment

router = APIRouter(tags=["scores"])

OfQuery = Annotated[
    str | None,
    Query(pattern=HASH, description="Statement id of a proposed score: the facts as of its moment, not as of now."),
]


def _page(service: Service, asked: Asked, *, year: int | None, before: int | None, limit: int) -> Scores:
    asked.object = "scores"
    # One more than asked for says whether there is another page.
    found = service.view.scores.page(year=year, before=before, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return Scores(scores=[LoggedScore.of(view) for view in shown], next=shown[-1].index if more else None)


def _of_year(service: Service, asked: Asked, enterprise: str, year: int, *, of: str | None) -> EnterpriseScores:
    enterprise = identifier_in(enterprise)
    asked.object = f"scores of {enterprise} {year}"
    asked.require_holder(enterprise)
    scores = service.view.scores
    if not scores.knows(enterprise):
        raise absent("accounts.unknown", enterprise, "account", "账户")
    found, moment = scores.of_year(enterprise, year), None
    if of is not None:
        proposed = next((view.body.as_of for view in found if view.statement_id.hex() == of), None)
        if proposed is None:
            raise absent("scores.unknown", of, "score", "信用评价")
        moment = Moment(proposed.size, proposed.block)
    facts = scores.facts(enterprise, year, moment)
    if facts is None:
        raise absent("scores.moment", of or "now", "score", "信用评价")
    return EnterpriseScores(
        enterprise=enterprise,
        year=year,
        facts=ScoreFacts.of(facts),
        scores=[LoggedScore.of(view) for view in found],
    )


@router.get(
    "/scores",
    operation_id="listScores",
    summary="Proposed and published credit scores",
    responses=failures(400, 403, 503),
)
async def list_scores(
    *,
    service: ServiceDep,
    asked: AskedDep,
    year: YearQuery = None,
    before: BeforeQuery = None,
    limit: Annotated[int, Query(ge=1, le=SCORES_SHOWN, description="At most so many.")] = SCORES_SHOWN,
) -> Scores:
    """Newest first, with comments and what became of each."""
    return await service.read(_page, service, asked, year=year, before=before, limit=limit)


@router.get(
    "/scores/{enterprise:path}/{year}",
    operation_id="getScores",
    summary="The credit score of an enterprise's year",
    responses=failures(400, 403, 404, 503),
)
async def get_scores(
    *, enterprise: str, year: YearPath, service: ServiceDep, asked: AskedDep, of: OfQuery = None
) -> EnterpriseScores:
    """What the ledger's own facts give, gathered anew, with every step; and every score that was proposed."""
    return await service.read(_of_year, service, asked, enterprise, year, of=of)
