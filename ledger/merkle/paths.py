"""Tile paths of C2SP tlog-tiles: ``<level>/<index>[.p/<width>]``, the index in groups of three digits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ledger.errors import Malformed
from ledger.merkle.hashing import MAX_SIZE
from ledger.merkle.tiles import TILE_HEIGHT, TILE_WIDTH

_PATH = re.compile(r"(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
_MAX_LEVEL: Final = 63
_MAX_INDEX: Final = MAX_SIZE >> TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class TilePath:
    """Level 0 to 63, index within the level, width 1 to 256 (256: the full tile, without ``.p/``)."""

    level: int
    index: int
    width: int


def format_tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """``0/x001/x234/067`` for tile 1234067 of level 0; ``….p/<width>`` if partial. Raises ``Malformed``."""
    if not (0 <= level <= _MAX_LEVEL and 0 <= index <= _MAX_INDEX and 1 <= width <= TILE_WIDTH):
        raise _malformed(f"level {level}, index {index}, width {width}")
    digits = f"{index:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"{level}/{name}{suffix}"


def parse_tile_path(text: str) -> TilePath:
    """The inverse of ``format_tile_path``; only its own spelling passes. Raises ``Malformed``."""
    match = _PATH.fullmatch(text)
    if match is None:
        raise _malformed(text)
    level, groups, partial = match.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    width = int(partial) if partial else TILE_WIDTH
    path = TilePath(int(level), index, width)
    if (partial and width >= TILE_WIDTH) or format_tile_path(path.level, path.index, width) != text:
        raise _malformed(text)
    return path


def _malformed(value: str) -> Malformed:
    return Malformed(
        "This is no tile path.",
        rule="merkle.tile-path",
        value=value,
        expected="<level>/<xNNN/…/NNN>[.p/<1 to 255>] (C2SP tlog-tiles)",
        message_zh="不是瓦片路径。",
    )
