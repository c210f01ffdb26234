"""Accounts: one statement each, as of any block."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.account_models import Account, Accounts, AccountSummary
from api.cursors import CursorQuery, cursor_after, place_in
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.parameters import BlockQuery, absent, identifier_in
from ledger.accounts import ACCOUNTS_SHOWN

router = APIRouter(tags=["accounts"])

_LISTING = "accounts"


def _accounts(service: Service, asked: Asked, *, after: str | None, limit: int) -> Accounts:
    asked.object = "accounts"
    place = None if after is None else place_in(after, _LISTING)[0]
    # One more than asked for says whether there is another page.
    found = service.view.accounts.accounts(after=place, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    following = cursor_after(_LISTING, shown[-1].identifier, _LISTING) if more else None
    return Accounts(accounts=[AccountSummary.of(one) for one in shown], next=following)


def _account(service: Service, asked: Asked, identifier: str, block: int | None) -> Account:
    identifier = identifier_in(identifier)
    asked.object = f"account of {identifier}"
    asked.require_holder(identifier)
    found = service.view.accounts.account(identifier, block=block)
    if found is None:
        raise absent("accounts.unknown", identifier, "account", "账户")
    return Account.told(found)


@router.get("/accounts", operation_id="listAccounts", summary="Accounts", responses=failures(400, 403, 503))
async def list_accounts(
    *,
    service: ServiceDep,
    asked: AskedDep,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=ACCOUNTS_SHOWN, description="At most so many.")] = ACCOUNTS_SHOWN,
) -> Accounts:
    """Of every enrolled park and enterprise, by identifier: what it holds and owes, and whether it is suspended."""
    return await service.read(_accounts, service, asked, after=after, limit=limit)


@router.get(
    "/accounts/{identifier:path}",
    operation_id="getAccount",
    summary="The statement of an account",
    responses=failures(400, 403, 404, 503),
)
async def get_account(*, identifier: str, service: ServiceDep, asked: AskedDep, block: BlockQuery = None) -> Account:
    """Quota by vintage and CCER: free, in the market, frozen; cash; what is owed; each year's obligation, what met it,
    and its score; as of a block that was read, by default the last one."""
    return await service.read(_account, service, asked, identifier, block)
