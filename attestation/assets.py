"""What accounts hold: the park's quota by vintage, and CCER; numbers as the contracts have them (DOMAIN 1, 4, 5).

Asset ids are ``uint32`` on chain: quota of vintage Y is ``0x0001_0000 + Y``, CCER ``0x0002_0000``. Statements write
``quota-2025`` and ``ccer``. Amounts are whole tonnes of CO2e. The quota is the park's own instrument.
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
ASSET_PATTERN: Final = r"quota-(1990|199[1-9]|20[0-9]{2}|21[0-9]{2}|2200)|ccer"

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


def format_asset(asset: int) -> str:
    """``quota-2025`` or ``ccer``. Raises ValueError for what is neither."""
    if asset == CCER:
        return CCER_TEXT
    vintage = vintage_of(asset)
    if vintage is None:
        raise ValueError(f"no asset 0x{asset:08x}")
    return f"quota-{vintage}"
