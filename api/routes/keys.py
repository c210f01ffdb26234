"""Keys by their thumbprints: what became of one, and what a compromised one puts in doubt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.identity_models import Flagged, FlaggedEntries, KeyLife
from api.problems import Refused
from api.routes.parameters import absent

router = APIRouter(tags=["keys"])

ThumbprintPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", description="RFC 7638 thumbprint, base64url.")]


@router.get(
    "/keys/{thumbprint}",
    operation_id="getKey",
    summary="What became of a key",
    responses=failures(404, 503),
)
async def get_key(thumbprint: ThumbprintPath, service: ServiceDep) -> KeyLife:
    """Whose it is, the log positions between which it signs, and the recoveries proposed for it: the notice of those
    that a veto can still stop."""
    return await service.read(_life, service, thumbprint)


def _life(service: Service, thumbprint: str) -> KeyLife:
    key = service.view.key(thumbprint)
    if key is None:
        raise _unknown(thumbprint)
    return KeyLife.told(key, service.view.recoveries(thumbprint), service.view.parameters.recovery_delay)


def _unknown(thumbprint: str) -> Refused:
    return absent("keys.unknown", thumbprint, "key", "密钥")


@router.get(
    "/keys/{thumbprint}/flagged",
    operation_id="getFlagged",
    summary="What a compromised key puts in doubt",
    responses=failures(401, 403, 404, 503),
)
async def get_flagged(
    thumbprint: ThumbprintPath,
    service: ServiceDep,
    asked: AskedDep,
    after: Annotated[int, Query(ge=-1, le=2**53 - 1, description="Only entries above this log position.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many entries.")] = 100,
) -> FlaggedEntries:
    """Its entries from the declared position on, those of keys that it brought, and reports that cite such readings."""
    return await service.read(_flagged, service, asked, thumbprint, after, limit)


def _flagged(service: Service, asked: Asked, thumbprint: str, after: int, limit: int) -> FlaggedEntries:
    key = service.view.key(thumbprint)
    asked.object = f"flagged by {thumbprint}"
    asked.require_reader(None if key is None else key.identifier)
    if key is None:
        raise _unknown(thumbprint)
    found = service.view.flagged(thumbprint, after=after, limit=limit)
    return FlaggedEntries(
        thumbprint=thumbprint,
        identifier=key.identifier,
        compromised_since=key.compromised_since,
        entries=[Flagged.model_validate(one, from_attributes=True) for one in found],
        next=found[-1].index if len(found) == limit else None,
    )
