from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import MarketRefused
from quota.market import BLOCK_HOURS, LISTED_HOURS, SHANGHAI, Hours, Windows, check_day, day_of

MONDAY = 20251103


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


@pytest.mark.parametrize(
    ("clock", "listed", "block"),
    [
        ("09:29:59", False, False),
        ("09:30:00", True, False),
        ("11:29:59", True, False),
        ("11:30:00", False, False),
        ("12:59:59", False, False),
        ("13:00:00", True, True),
        ("14:59:59", True, True),
        ("15:00:00", False, False),
    ],
)
def test_listed_and_block_hours_domain_13(clock: str, listed: bool, block: bool) -> None:
    for day in ("2025-11-03", "2025-11-07"):
        for hours, open_ in ((LISTED_HOURS, listed), (BLOCK_HOURS, block)):
            if open_:
                hours.check(at(f"{day}T{clock}"))
            else:
                with pytest.raises(MarketRefused) as refusal:
                    hours.check(at(f"{day}T{clock}"))
                assert refusal.value.rule == "market.closed"
                assert refusal.value.value == f"{day}T{clock}+08:00"


@pytest.mark.parametrize("day", ["2025-11-08", "2025-11-09"])
def test_nothing_trades_at_the_weekend_domain_13(day: str) -> None:
    with pytest.raises(MarketRefused) as refusal:
        LISTED_HOURS.check(at(f"{day}T10:00:00"))
    assert refusal.value.expected == "no window"


def test_the_day_is_the_one_in_shanghai() -> None:
    assert day_of(at("2025-11-03T00:00:00")) == MONDAY
    assert day_of(at("2025-11-03T00:00:00") - 1) == 20251102
    assert check_day(MONDAY) == date(2025, 11, 3)


@given(st.integers(0, 4_000_000_000))
def test_a_day_lasts_from_midnight_to_midnight_in_utc_plus_8(instant: int) -> None:
    midnight = instant - (instant + 8 * 3_600) % 86_400
    day = check_day(day_of(instant))
    assert day_of(max(0, midnight)) == day_of(midnight + 86_399) == day_of(instant)
    assert check_day(day_of(midnight + 86_400)) == day + timedelta(days=1)
    assert SHANGHAI.utcoffset(None) == timedelta(hours=8)


def test_a_days_windows_are_instants() -> None:
    assert LISTED_HOURS.on(MONDAY) == Windows(
        (
            (at("2025-11-03T09:30:00"), at("2025-11-03T11:30:00")),
            (at("2025-11-03T13:00:00"), at("2025-11-03T15:00:00")),
        )
    )


def test_posted_windows_end_before_their_last_second() -> None:
    posted = Windows(((100, 200), (300, 400)))
    for instant in (100, 199, 300, 399):
        posted.check(instant)
    for instant in (0, 99, 200, 299, 400):
        with pytest.raises(MarketRefused):
            posted.check(instant)


@pytest.mark.parametrize(
    "windows",
    [((200, 100),), ((100, 100),), ((100, 200), (200, 300)), ((300, 400), (100, 200)), ((-1, 5),), ((0.5, 2),)],
)
def test_windows_that_are_none_are_refused(windows: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(MarketRefused) as refusal:
        Windows(windows)
    assert refusal.value.rule == "market.hours"


@pytest.mark.parametrize(
    "windows",
    [
        ((7, 0, 1),),
        ((0, 60, 60),),
        ((0, 0, 1_441),),
        ((1, 0, 5), (0, 0, 5)),
        ((0, 10, 20), (0, 15, 30)),
        ((0, 0, 1.5),),
    ],
)
def test_hours_that_are_none_are_refused(windows: tuple[tuple[int, int, int], ...]) -> None:
    with pytest.raises(MarketRefused) as refusal:
        Hours(windows)
    assert refusal.value.rule == "market.hours"


@pytest.mark.parametrize("day", [20250229, 20251301, 251103, "20251103", 20251103.0, 0])
def test_a_day_that_is_none_is_refused(day: object) -> None:
    with pytest.raises(MarketRefused) as refusal:
        check_day(day)
    assert refusal.value.rule == "market.day"


@pytest.mark.parametrize("instant", [-1, 10**12, 1.5, None])
def test_an_instant_that_is_none_is_refused(instant: object) -> None:
    with pytest.raises(MarketRefused) as refusal:
        day_of(instant)  # type: ignore[arg-type]  # what is refused here
    assert refusal.value.rule == "market.day"
