"""Policies: what the park published, what is in force on a day, and which reports a version touches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.policy_models import PublishedPolicies, PublishedPolicy, TouchedReport, TouchedReports
from api.routes.parameters import absent
from attestation.bodies import FIRST_YEAR, LAST_YEAR, NAME_LIMIT
from attestation.instants import day_of

router = APIRouter(tags=["policies"])

KindText = Literal["factor-set", "obligation-base", "coverage-list", "calendar", "rules"]
NamePath = Annotated[str, Path(min_length=1, max_length=NAME_LIMIT)]
YearQuery = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Compliance year.")]


@router.get("/policies", operation_id="listPolicies", summary="What the park published", responses=failures(503))
async def list_policies(
    *,
    service: ServiceDep,
    policy: Annotated[KindText | None, Query(description="Only this kind.")] = None,
    year: YearQuery = None,
    on: Annotated[date | None, Query(description="In force on this day; without it today in China.")] = None,
    in_force: Annotated[bool, Query(description="Only what is in force on that day.")] = False,
) -> PublishedPolicies:
    """Every version in log order. A year without a calendar or rules of its own has the defaults (docs/policies.md)."""
    return await service.read(_published, service, policy, year, on, in_force)


def _published(
    service: Service, policy: str | None, year: int | None, on: date | None, in_force: bool
) -> PublishedPolicies:
    day = on or day_of(int(service.access.clock()))
    found = service.view.policies.published(day, policy=policy, year=year)
    shown = [PublishedPolicy.told(each) for each in found if each.in_force or not in_force]
    return PublishedPolicies(on=day, policies=shown)


AfterQuery = Annotated[int, Query(ge=-1, le=2**53 - 1, description="Only reports above this log position.")]


@router.get(
    "/policies/{policy}/{policy_id:path}/{version}/reports",
    operation_id="getTouchedReports",
    summary="Reports that a version of a policy touches",
    responses=failures(404, 503),
)
async def get_touched_reports(
    *,
    policy: KindText,
    policy_id: NamePath,
    version: NamePath,
    service: ServiceDep,
    asked: AskedDep,
    after: AfterQuery = -1,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many reports.")] = 100,
) -> TouchedReports:
    """Those that name the factor set, or that were accepted while the version was in force for their year."""
    return await service.read(_touched, service, asked, (policy, policy_id, version), after=after, limit=limit)


def _touched(service: Service, asked: Asked, named: tuple[str, str, str], *, after: int, limit: int) -> TouchedReports:
    policy, policy_id, version = named
    name = f"{policy} {policy_id} {version}"
    asked.object = f"reports by {name}"
    found = service.view.policies.reports(policy, policy_id, version, after=after, limit=limit)
    if found is None:
        raise absent("policies.unknown", name, "policy", "政策")
    return TouchedReports(
        policy=policy,
        id=policy_id,
        version=version,
        reports=[TouchedReport.told(each) for each in found],
        next=found[-1].index if len(found) == limit else None,
    )
