"""Notices: which powers were exercised over an account, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.access.refusals import not_yours
from api.deps import Service, ServiceDep
from api.describe import failures
from api.notice_models import Notice, Notices
from api.routes.parameters import absent, identifier_in
from ledger.merkle import MAX_SIZE
from ledger.notices import NOTICES_SHOWN

router = APIRouter(tags=["accounts"])


def _notices(service: Service, asked: Asked, account: str | None, *, after: int, limit: int) -> Notices:
    asked.object = "notices"
    named = None if account is None else identifier_in(account)
    if named is None and asked.role not in OVERSEERS:
        if asked.caller is None:
            raise not_yours()
        named = asked.caller.body
    if named is not None:
        asked.object = f"notices of {named}"
        asked.require_holder(named)
    # One more than asked for says whether there is another page.
    found = service.view.notices.page(named, after=after, limit=limit + 1)
    if found is None:
        raise absent("accounts.unknown", named or "", "account", "账户")
    shown, more = found[:limit], found[limit:]
    return Notices(
        account=named, notices=[Notice.of(one) for one in shown], next=shown[-1].index if shown and more else None
    )


@router.get(
    "/notices",
    operation_id="listNotices",
    summary="Powers that were exercised over an account",
    responses=failures(400, 403, 404, 503),
)
async def list_notices(
    *,
    service: ServiceDep,
    asked: AskedDep,
    account: Annotated[str | None, Query(max_length=255, description="To whom, by identifier.")] = None,
    after: Annotated[int, Query(ge=-1, le=MAX_SIZE, description="Above this log position.")] = -1,
    limit: Annotated[int, Query(ge=1, le=NOTICES_SHOWN, description="At most so many.")] = NOTICES_SHOWN,
) -> Notices:
    """Freezes, releases, suspensions, transfers without a trade, reversals, cancellations by order, halts of the market
    and prices set by order: what was done, the reason and the document's hash, who approved it, and how to object.
    Without `account`: to everybody for regulator and administration, its own for everybody else."""
    return await service.read(_notices, service, asked, account, after=after, limit=limit)
