"""Operations: what became of what an entry asked of the contracts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.models import HASH
from api.operation_models import Operation
from api.routes.parameters import absent
from attestation.identifiers import account_id

router = APIRouter(tags=["operations"])

OpIdPath = Annotated[str, Path(pattern=HASH, description="Operation id, as it was signed.")]


def _operation(service: Service, asked: Asked, op_id: str) -> Operation:
    asked.object = f"operation {op_id}"
    found = service.view.operations.operation(bytes.fromhex(op_id))
    if found is None:
        asked.require_holder()
        raise absent("operations.unknown", op_id, "operation", "操作")
    if found.accounts is not None:
        body = None if asked.caller is None else asked.caller.body
        mine = body is not None and account_id(body) in found.accounts
        asked.require_holder(*([body] if body is not None and mine else found.holders))
    elif found.entry is not None:
        # What concerns keys and figures is for whoever may read the entry.
        asked.require_reader(found.entry.issuer, found.entry.type, found.entry.about)
    else:
        asked.require_reader(None)
    return Operation.of(found)


@router.get(
    "/operations/{op_id}",
    operation_id="getOperation",
    summary="What became of an operation",
    responses=failures(403, 404, 503),
)
async def get_operation(op_id: OpIdPath, service: ServiceDep, asked: AskedDep) -> Operation:
    """Its entry, state, reason, transaction and block. A refused one stays: its entry is in the log, nothing moved."""
    return await service.read(_operation, service, asked, op_id)
