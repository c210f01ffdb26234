"""Carbon efficiency codes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.label_models import Labels, LoggedLabel
from api.routes.parameters import absent, identifier_in
from attestation.bodies import FIRST_YEAR, LAST_YEAR
from ledger.labels import LABELS_SHOWN, labels_of
from ledger.merkle import MAX_SIZE

router = APIRouter(tags=["labels"])

YearQuery = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Compliance year.")]
BeforeQuery = Annotated[int | None, Query(ge=0, le=MAX_SIZE, description="`next` of the page before.")]


def _labels(
    service: Service, asked: Asked, identifier: str, *, year: int | None, before: int | None, limit: int
) -> Labels:
    identifier = identifier_in(identifier)
    asked.object = f"labels of {identifier}"
    asked.require_reader(identifier)
    if asked.owner_body is None:
        # A misspelt identifier must not look like one that has no label.
        raise absent("identifiers.unknown", identifier, "identifier", "标识")
    # One more than asked for says whether there is another page.
    found = labels_of(service.access.database, identifier, year=year, before=before, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return Labels(
        identifier=identifier,
        labels=[LoggedLabel.of(view) for view in shown],
        next=shown[-1].index if more else None,
    )


@router.get(
    "/labels/{identifier:path}",
    operation_id="getLabels",
    summary="Carbon efficiency codes of an enterprise",
    responses=failures(400, 404, 503),
)
async def get_labels(
    *,
    identifier: str,
    service: ServiceDep,
    asked: AskedDep,
    year: YearQuery = None,
    before: BeforeQuery = None,
    limit: Annotated[int, Query(ge=1, le=LABELS_SHOWN, description="At most so many.")] = LABELS_SHOWN,
) -> Labels:
    """Newest first, replaced ones too; the one whose `superseded_by` is null stands."""
    return await service.read(_labels, service, asked, identifier, year=year, before=before, limit=limit)
