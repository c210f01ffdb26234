"""Assets: what became of every unit (law 3)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.account_models import Asset, Assets, AssetSupply
from api.block_models import AsOf
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.parameters import BlockQuery
from attestation.assets import ASSET_PATTERN, parse_asset

router = APIRouter(tags=["assets"])

AssetPath = Annotated[str, Path(pattern=f"^({ASSET_PATTERN})$", description="`quota-2025`, or `ccer`.")]


def _assets(service: Service, block: int | None) -> Assets:
    at, found = service.view.accounts.assets(block=block)
    return Assets(as_of=AsOf.of(at), assets=[AssetSupply.of(one) for one in found])


def _asset(service: Service, asset: str, block: int | None) -> Asset:
    return Asset.told(*service.view.accounts.asset(parse_asset(asset), block=block))


@router.get("/assets", operation_id="listAssets", summary="What became of every unit", responses=failures(404, 503))
async def list_assets(*, service: ServiceDep, block: BlockQuery = None) -> Assets:
    """Of each asset that was ever issued: issued = held by all accounts + surrendered + cancelled."""
    return await service.read(_assets, service, block)


@router.get(
    "/assets/{asset}", operation_id="getAsset", summary="What became of an asset's units", responses=failures(404, 503)
)
async def get_asset(*, asset: AssetPath, service: ServiceDep, block: BlockQuery = None) -> Asset:
    """One asset; all 0 for one that was never issued."""
    return await service.read(_asset, service, asset, block)
