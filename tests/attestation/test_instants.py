from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import SchemaRefused
from attestation.instants import LATEST, format_instant, parse_date, parse_instant


@given(st.integers(0, LATEST))
def test_formatted_instants_read_back(seconds: int) -> None:
    assert parse_instant(format_instant(seconds)) == seconds


@given(st.integers(86_400, LATEST - 86_400), st.integers(-23 * 60, 23 * 60).filter(bool))
def test_numeric_offsets_name_the_same_second(seconds: int, minutes: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    text = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    assert parse_instant(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-01T00:00:00",
        "2023-01-01T00:00:00.5Z",
        "2023-01-01 00:00:00Z",
        "2023-01-01t00:00:00z",
        "2023-01-01T00:00Z",
        "2023-02-29T00:00:00Z",
        "2023-01-01T24:00:00Z",
        "2023-01-01T00:00:60Z",
        "2023-01-01T00:00:00-00:00",
        "2023-01-01T00:00:00+24:00",
        "2023-01-01T00:00:00Z\n",
        "２023-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00Z",
        "",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(SchemaRefused) as caught:
        parse_instant(text)
    assert caught.value.rule == "instant.format"


@pytest.mark.parametrize("text", ["2023-1-1", "2023-02-30", "20230101", "2023-01-01Z", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(SchemaRefused) as caught:
        parse_date(text)
    assert caught.value.rule == "date.format"


def test_dates_are_read() -> None:
    assert parse_date("2024-02-29").isoformat() == "2024-02-29"
