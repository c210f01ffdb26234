from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.assets import (
    CASH,
    CCER,
    FIRST_VINTAGE,
    LAST_VINTAGE,
    format_asset,
    parse_asset,
    parse_market_asset,
    quota_of,
    vintage_of,
)
from attestation.errors import SchemaRefused


@given(st.integers(FIRST_VINTAGE, LAST_VINTAGE))
def test_a_vintage_is_one_asset_and_back(year: int) -> None:
    """DOMAIN 5: quota of each vintage is an asset of its own."""
    asset = quota_of(year)
    assert asset == 0x0001_0000 + year
    assert vintage_of(asset) == year
    assert parse_asset(format_asset(asset)) == asset
    assert format_asset(asset) == f"quota-{year}"


def test_offsets_are_an_asset_without_a_vintage_of() -> None:
    """DOMAIN 4."""
    assert parse_asset("ccer") == CCER == 0x0002_0000
    assert format_asset(CCER) == "ccer"
    assert vintage_of(CCER) is None


def test_cash_is_no_unit_and_is_read_where_the_market_moves_it() -> None:
    """DOMAIN 21: nothing that is asked of units takes cash; the market moves it beside them."""
    assert parse_market_asset("cash") == CASH == 0x0003_0000
    assert format_asset(CASH) == "cash"
    assert vintage_of(CASH) is None
    for text in ("quota-2025", "ccer"):
        assert parse_market_asset(text) == parse_asset(text)
    with pytest.raises(SchemaRefused) as refusal:
        parse_market_asset("CNY", "body.asset")
    assert (refusal.value.rule, refusal.value.step) == ("asset.form", 9)
    assert "cash" in refusal.value.expected


@pytest.mark.parametrize(
    "text",
    ["", "quota", "quota-", "quota-1989", "quota-2201", "quota-02025", "quota-2025\n", "CCER", "cea-2025", "cash"],
)
def test_what_is_no_asset_is_refused(text: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        parse_asset(text, "body.asset")
    assert (refusal.value.rule, refusal.value.step) == ("asset.form", 9)


@pytest.mark.parametrize("number", [-1, 0, 0x0001_0000 + 1989, 0x0001_0000 + 2201, 0x0004_0000])
def test_a_number_that_is_no_asset_has_no_text(number: int) -> None:
    assert vintage_of(number) is None
    with pytest.raises(ValueError, match="no asset"):
        format_asset(number)


@pytest.mark.parametrize("year", [1989, 2201])
def test_no_quota_has_a_year_that_statements_do_not_have(year: int) -> None:
    with pytest.raises(ValueError, match="no vintage"):
        quota_of(year)
