"""Deadlines: what is due when, of the years and of cases, and what was done in time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.deadline_models import DueDate, DueDates
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.parameters import identifier_in
from api.routes.policies import YearQuery
from ledger.deadlines import label_of

router = APIRouter(tags=["policies"])


@router.get("/deadlines", operation_id="listDeadlines", summary="What is due when", responses=failures(400, 403, 503))
async def list_deadlines(
    *,
    service: ServiceDep,
    asked: AskedDep,
    year: YearQuery = None,
    enterprise: Annotated[str | None, Query(max_length=255, description="Only its cases, beside the years'.")] = None,
) -> DueDates:
    """Of `year`, or of every year that has anything in the log. Without `enterprise`: of all cases for regulator and
    administration, of its own for everybody else."""
    return await service.read(_deadlines, service, asked, year, enterprise)


def _deadlines(service: Service, asked: Asked, year: int | None, enterprise: str | None) -> DueDates:
    asked.object = "deadlines"
    named = None if enterprise is None else identifier_in(enterprise)
    if named is not None:
        asked.object = f"deadlines of {named}"
        asked.require_reader(named)
    elif asked.caller is not None and asked.role not in OVERSEERS:
        named = asked.caller.body
    now, reader = int(service.access.clock()), service.view.deadlines
    found: list[DueDate] = []
    for each in reader.years() if year is None else [year]:
        reminded = reader.reminded(each)
        found += [
            DueDate.told(due, now, reminded.get((due.enterprise, label_of(due), due.at), []))
            for due in reader.of_year(each, now).dues
            if due.enterprise is None or named is None or due.enterprise == named
        ]
    return DueDates(now=now, deadlines=found)
