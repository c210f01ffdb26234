"""Tile paths have one spelling (C2SP tlog-tiles)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.merkle import TilePath, format_tile_path, parse_tile_path


def test_the_published_example() -> None:
    assert format_tile_path(0, 1234067) == "0/x001/x234/067"
    assert parse_tile_path("0/x001/x234/067") == TilePath(0, 1234067, 256)


@given(st.integers(0, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_paths_round_trip(level: int, index: int, width: int) -> None:
    assert parse_tile_path(format_tile_path(level, index, width)) == TilePath(level, index, width)


@given(st.text(alphabet="0123456789x/.p-", max_size=24))
def test_only_the_own_spelling_parses(text: str) -> None:
    try:
        path = parse_tile_path(text)
    except Malformed:
        return
    assert format_tile_path(path.level, path.index, path.width) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "0/", "0/0", "0/00", "0/0000", "0/x000/001", "0/001/234", "00/001", "64/000", "-1/000", "0/000.p/0",
        "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p", "0/000/", "/0/000", "0/٠٠١", "0/000\n", "0/x1/000",
        "0/x999/x999/x999/x999/x999/x999/999",
    ],
)  # fmt: skip
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"merkle\.tile-path"):
        parse_tile_path(text)


@pytest.mark.parametrize(("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 2**55, 1), (0, 0, 0)])
def test_numbers_without_a_path_are_refused(level: int, index: int, width: int) -> None:
    with pytest.raises(Malformed):
        format_tile_path(level, index, width)
