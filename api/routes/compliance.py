"""Obligations: terms and price of a year, and how enterprises stand in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.compliance_models import ComplianceYear, Obligation
from api.cursors import CursorQuery, cursor_after, place_in
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.cases import YearPath
from api.routes.parameters import absent, identifier_in
from ledger.compliance_views import POSITIONS_SHOWN

router = APIRouter(tags=["compliance"])

_LISTING = "compliance"


def _year(service: Service, asked: Asked, year: int, *, after: str | None, limit: int) -> ComplianceYear:
    asked.object = f"compliance of {year}"
    place = None if after is None else place_in(after, _LISTING)[0]
    # One more than asked for says whether there is another page.
    found = service.view.compliance.year(year, after=place, limit=limit + 1)
    told = ComplianceYear.of(year, found, None)
    shown, more = told.positions[:limit], told.positions[limit:]
    following = cursor_after(_LISTING, shown[-1].enterprise, _LISTING) if more else None
    return told.model_copy(update={"positions": shown, "next": following})


def _obligation(service: Service, asked: Asked, enterprise: str, year: int) -> Obligation:
    enterprise = identifier_in(enterprise)
    asked.object = f"obligation of {enterprise} {year}"
    asked.require_holder(enterprise)
    found = service.view.compliance.obligation(enterprise, year)
    if found is None:
        raise absent("accounts.unknown", enterprise, "account", "账户")
    return Obligation.of(found)


@router.get(
    "/compliance/{year}",
    operation_id="getComplianceYear",
    summary="A compliance year and how enterprises stand in it",
    responses=failures(400, 403, 503),
)
async def get_compliance_year(
    *,
    year: YearPath,
    service: ServiceDep,
    asked: AskedDep,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=POSITIONS_SHOWN, description="At most so many.")] = POSITIONS_SHOWN,
) -> ComplianceYear:
    """Terms, price, and the position of everybody with emissions registered for the year."""
    return await service.read(_year, service, asked, year, after=after, limit=limit)


@router.get(
    "/compliance/{year}/{enterprise:path}",
    operation_id="getObligation",
    summary="How an enterprise stands in a compliance year",
    responses=failures(400, 403, 404, 503),
)
async def get_obligation(year: YearPath, enterprise: str, service: ServiceDep, asked: AskedDep) -> Obligation:
    """What is owed, what met it, what is due until when, what a shortfall would be charged, and what is on its way."""
    return await service.read(_obligation, service, asked, enterprise, year)
