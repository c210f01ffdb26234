"""Cash: an account's money, and the sum of all (DOMAIN 21)."""

from __future__ import annotations

from fastapi import APIRouter

from api.access.guard import Asked, AskedDep
from api.cash_models import Cash, CashTotal
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.parameters import absent, identifier_in
from ledger.market.cash import CashReader

router = APIRouter(tags=["market"])


def _reader(service: Service) -> CashReader:
    return CashReader(service.access.database, service.access.clock)


def _cash(service: Service, asked: Asked, identifier: str) -> Cash:
    identifier = identifier_in(identifier)
    asked.object = f"cash of {identifier}"
    asked.require_holder(identifier)
    found = _reader(service).cash(identifier)
    if found is None:
        raise absent("accounts.unknown", identifier, "account", "账户")
    return Cash.of(found)


def _total(service: Service, asked: Asked) -> CashTotal:
    asked.object = "cash"
    return CashTotal.of(_reader(service).total())


@router.get("/cash", operation_id="getCashTotal", summary="All cash of the ledger", responses=failures(403, 503))
async def get_cash_total(service: ServiceDep, asked: AskedDep) -> CashTotal:
    """What the bank must hold, as of the last block that was read."""
    return await service.read(_total, service, asked)


@router.get(
    "/cash/{identifier:path}",
    operation_id="getCash",
    summary="The money of an account",
    responses=failures(400, 403, 404, 503),
)
async def get_cash(identifier: str, service: ServiceDep, asked: AskedDep) -> Cash:
    """Free, in trading, on its way to the bank; and what of the trading money is spoken for."""
    return await service.read(_cash, service, asked, identifier)
