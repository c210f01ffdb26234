"""Accounts: one statement each, as of any block."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.account_models import Account, Accounts, AccountSummary
from api.cursors import CursorQuery, cursor_after, place_in
from api.deps import Service, ServiceDep
from api.describe import failures
from api.movement_models import Movements
from api.problems import Refused
from api.routes.parameters import AtQuery, BlockQuery, absent, identifier_in, instant_in
from ledger.accounts import ACCOUNTS_SHOWN
from ledger.merkle import MAX_SIZE
from ledger.movement_views import FIRST, MOVEMENTS_SHOWN, Place

router = APIRouter(tags=["accounts"])

_LISTING = "accounts"
_DIGITS = 16
"""Fewer has every number of a place on a chain."""


def _accounts(service: Service, asked: Asked, *, after: str | None, limit: int) -> Accounts:
    asked.object = "accounts"
    place = None if after is None else place_in(after, _LISTING)[0]
    # One more than asked for says whether there is another page.
    found = service.view.accounts.accounts(after=place, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    following = cursor_after(_LISTING, shown[-1].identifier, _LISTING) if more else None
    return Accounts(accounts=[AccountSummary.of(one) for one in shown], next=following)


def _account(service: Service, asked: Asked, identifier: str, block: int | None, at: str | None) -> Account:
    identifier = identifier_in(identifier)
    asked.object = f"account of {identifier}"
    asked.require_holder(identifier)
    found = service.view.accounts.account(identifier, block=block, at=instant_in(at, block))
    if found is None:
        raise absent("accounts.unknown", identifier, "account", "账户")
    return Account.told(found)


def _movements(
    service: Service,
    asked: Asked,
    identifier: str,
    *,
    from_block: int,
    block: int | None,
    after: str | None,
    limit: int,
) -> Movements:
    identifier = identifier_in(identifier)
    asked.object = f"movements of {identifier}"
    asked.require_holder(identifier)
    place: Place = FIRST if after is None else _place_of(place_in(after, identifier)[1], after)
    # One more than asked for says whether there is another page.
    found = service.view.movements.page(identifier, from_block=from_block, block=block, after=place, limit=limit + 1)
    if found is None:
        raise absent("accounts.unknown", identifier, "account", "账户")
    shown, more = found.movements[:limit], found.movements[limit:]
    following = cursor_after(identifier, identifier, ".".join(map(str, shown[-1].place))) if more else None
    return Movements.told(replace(found, movements=shown), following)


def _place_of(stream: str, cursor: str) -> Place:
    numbers = stream.split(".")
    if len(numbers) != len(FIRST) or not all(number.isdecimal() and len(number) < _DIGITS for number in numbers):
        raise Refused(
            422,
            "page.cursor",
            cursor[:200],
            "`next` of a page of movements",
            ("This is no cursor of a listing of movements.", "这不是变动列表的分页标记。"),
            parameter="query.after",
        )
    block, place, part = map(int, numbers)
    return block, place, part


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


# Before the account itself, whose path takes whatever follows.
@router.get(
    "/accounts/{identifier:path}/movements",
    operation_id="listMovements",
    summary="What moved in an account",
    responses=failures(400, 403, 404, 503),
)
async def list_movements(
    *,
    identifier: str,
    service: ServiceDep,
    asked: AskedDep,
    from_block: Annotated[int, Query(ge=0, le=MAX_SIZE, description="From this block on.")] = 0,
    block: BlockQuery = None,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=MOVEMENTS_SHOWN, description="At most so many.")] = MOVEMENTS_SHOWN,
) -> Movements:
    """Of each asset what the account held before, every movement in the order of the chain, and what it held after."""
    return await service.read(
        _movements, service, asked, identifier, from_block=from_block, block=block, after=after, limit=limit
    )


@router.get(
    "/accounts/{identifier:path}",
    operation_id="getAccount",
    summary="The statement of an account",
    responses=failures(400, 403, 404, 422, 503),
)
async def get_account(
    *, identifier: str, service: ServiceDep, asked: AskedDep, block: BlockQuery = None, at: AtQuery = None
) -> Account:
    """Quota by vintage and CCER: free, in the market, frozen; cash; what is owed; each year's obligation, what met it,
    and its score; as of a block that was read, by default the last one, or of an instant."""
    return await service.read(_account, service, asked, identifier, block, at)
