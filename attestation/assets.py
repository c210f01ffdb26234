"""What accounts hold: the park's quota by vintage, CCER, cash; numbers as the contracts have them (DOMAIN 1, 4, 5, 21).

Asset ids are ``uint32`` on chain: quota of vintage Y is ``0x0001_0000 + Y``, CCER ``0x0002_0000``, cash
``0x0003_0000``. Statements write ``quota-2025``, ``ccer`` and ``cash``. Amounts of units are whole tonnes of CO2e, of
cash whole fen. The quota is the park's own instrument. Cash is no unit: it is read where the market moves it, and
nowhere else.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from attestation.refusals import refuse

AssetId = NewType("AssetId", int)

FIRST_VINTAGE, LAST_VINTAGE = 1990, 2200
"""As all years of statements."""
_QUOTA: Final = 0x0001_0000
CCER: Final = AssetId(0x0002_0000)
CCER_TEXT: Final = "ccer"
CASH: Final = AssetId(0x0003_0000)
CASH_TEXT: Final = "cash"
ASSET_PATTERN: Final = r"quota-(1990|199[1-9]|20[0-9]{2}|21[0-9]{2}|2200)|ccer"
MARKET_ASSET_PATTERN: Final = rf"{ASSET_PATTERN}|cash"
"""What a market could be asked for; of these only quota is traded, and only quota and cash are moved."""

_ASSET = re.compile(ASSET_PATTERN)


def quota_of(vintage: int) -> AssetId:
    """The park's quota of a vintage. Raises ValueError outside ``FIRST_VINTAGE`` to ``LAST_VINTAGE``."""
    if not FIRST_VINTAGE <= vintage <= LAST_VINTAGE:
        raise ValueError(f"no vintage {vintage}")
    return AssetId(_QUOTA + vintage)


def vintage_of(asset: int) -> int | None:
    """The vintage of a quota; None for every other asset."""
    vintage = asset - _QUOTA
    return vintage if FIRST_VINTAGE <= vintage <= LAST_VINTAGE else None


def parse_asset(text: str, at: str = "") -> AssetId:
    """The asset of ``quota-2025`` or ``ccer``. Raises SchemaRefused (``asset.form``)."""
    if _ASSET.fullmatch(text) is None:
        raise refuse("asset.form", text, at=at)
    return CCER if text == CCER_TEXT else quota_of(int(text.removeprefix("quota-")))


def parse_market_asset(text: str, at: str = "") -> AssetId:
    """The asset of ``quota-2025``, ``ccer`` or ``cash``. Raises SchemaRefused (``asset.form``)."""
    if text == CASH_TEXT:
        return CASH
    if _ASSET.fullmatch(text) is None:
        raise refuse("asset.form", text, "quota-<vintage>, ccer or cash", at=at)
    return parse_asset(text, at)


def format_asset(asset: int) -> str:
    """``quota-2025``, ``ccer`` or ``cash``. Raises ValueError for what is none of them."""
    if asset == CCER:
        return CCER_TEXT
    if asset == CASH:
        return CASH_TEXT
    vintage = vintage_of(asset)
    if vintage is None:
        raise ValueError(f"no asset 0x{asset:08x}")
    return f"quota-{vintage}"
