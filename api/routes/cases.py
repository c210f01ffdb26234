"""Cases: who verifies which enterprise's year, where each stands, and its whole history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access.guard import Asked, AskedDep
from api.case_models import Case, CaseFileAnswer, Cases
from api.cursors import CursorQuery, cursor_after, place_in
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.parameters import absent, identifier_in
from api.routes.policies import YearQuery
from attestation.bodies import FIRST_YEAR, LAST_YEAR
from ledger.cases import CASES_SHOWN

router = APIRouter(tags=["cases"])

_LISTING = "cases"
YearPath = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="Compliance year.")]


def _cases(
    service: Service, asked: Asked, *, enterprise: str | None, year: int | None, after: str | None, limit: int
) -> Cases:
    named = None if enterprise is None else identifier_in(enterprise)
    asked.object = "cases" if named is None else f"cases of {named}"
    if named is not None:
        asked.require_reader(named)
    readable = asked.readable_enterprises() if named is None else {named}
    place = None
    if after is not None:
        # A case's place in the listing is its enterprise and its year.
        last, _, last_year = place_in(after, _LISTING)
        place = last, last_year
    now = int(service.access.clock())
    found = service.view.cases.listed(now, enterprises=readable, year=year, after=place, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    following = cursor_after(_LISTING, shown[-1].enterprise, _LISTING, shown[-1].year) if more else None
    return Cases(cases=[Case.of(one) for one in shown], next=following)


def _case(service: Service, asked: Asked, enterprise: str, year: int) -> CaseFileAnswer:
    enterprise = identifier_in(enterprise)
    asked.object = f"case of {enterprise} {year}"
    asked.require_reader(enterprise)
    now = int(service.access.clock())
    found = service.view.cases.case(enterprise, year, now)
    if found is None:
        raise absent("cases.unknown", f"{enterprise} {year}", "case", "案件")
    return CaseFileAnswer.told(found, now)


@router.get("/cases", operation_id="listCases", summary="Cases and where they stand", responses=failures(400, 403, 503))
async def list_cases(
    *,
    service: ServiceDep,
    asked: AskedDep,
    enterprise: Annotated[str | None, Query(max_length=255, description="Only its cases.")] = None,
    year: YearQuery = None,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=CASES_SHOWN, description="At most so many.")] = CASES_SHOWN,
) -> Cases:
    """All for regulator and administration, its own for an enterprise, what is assigned to it for a verifier."""
    return await service.read(_cases, service, asked, enterprise=enterprise, year=year, after=after, limit=limit)


@router.get(
    "/cases/{enterprise:path}/{year}",
    operation_id="getCase",
    summary="The file of a case",
    responses=failures(400, 403, 404, 503),
)
async def get_case(enterprise: str, year: YearPath, service: ServiceDep, asked: AskedDep) -> CaseFileAnswer:
    """State, figures, open non-conformities, deadlines, and every entry in log order with its leaf."""
    return await service.read(_case, service, asked, enterprise, year)
