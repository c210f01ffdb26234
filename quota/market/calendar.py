"""When orders may come in (DOMAIN 13): weekly hours in China's time, or the windows that a day's opening posts.

Instants are Unix seconds; a window is [from, until): its end is the first second that is too late. A day is YYYYMMDD of
Asia/Shanghai, which is UTC+8 all year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from quota.market.bounds import both
from quota.refusals import refuse

SHANGHAI = timezone(timedelta(hours=8))
"""No summer time since 1991; an offset needs no table of time zones."""
_MINUTES = 24 * 60
_TOO_LATE = 32_503_651_200
"""The first second of the year 3000 in Shanghai."""
_WORKDAYS = range(5)


def day_of(instant: int) -> int:
    """The day in Shanghai that an instant falls on. Raises MarketRefused (`market.day`)."""
    if type(instant) is not int or not 0 <= instant < _TOO_LATE:
        raise refuse(
            "market.day", instant, **both("an instant in Unix seconds, before the year 3000", "3000 年以前的 Unix 秒")
        )
    moment = datetime.fromtimestamp(instant, UTC).astimezone(SHANGHAI)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def check_day(day: object) -> date:
    """The date of a day written YYYYMMDD. Raises MarketRefused (`market.day`)."""
    if type(day) is not int or not 19_000_101 <= day <= 29_991_231:
        raise refuse("market.day", day)
    try:
        return date(day // 10_000, day // 100 % 100, day % 100)
    except ValueError:
        raise refuse("market.day", day) from None


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows [from, until) of instants, in order and apart. Raises MarketRefused (`market.hours`)."""

    windows: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        before = -1
        for start, end in self.windows:
            if type(start) is not int or type(end) is not int or not before < start < end < _TOO_LATE:
                raise refuse(
                    "market.hours", f"{start} to {end}", **both(f"a window after {before}", f"晚于 {before} 的时段")
                )
            before = end

    def check(self, instant: int) -> None:
        """Raises MarketRefused: `market.closed` for an instant in none of the windows, `market.day` for none at all."""
        day_of(instant)
        if not any(start <= instant < end for start, end in self.windows):
            shown = ", ".join(f"{_shown(start)} to {_shown(end)}" for start, end in self.windows) or "no window"
            raise refuse("market.closed", _shown(instant), shown)


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours: (weekday, from, until), Monday 0, minutes of the day in Shanghai.

    Raises MarketRefused (`market.hours`) for what is no such window, or not in order and apart.
    """

    windows: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        before = (-1, 0)
        for weekday, start, end in self.windows:
            numbers = all(type(part) is int for part in (weekday, start, end))
            if not numbers or not 0 <= weekday < 7 or not 0 <= start < end <= _MINUTES or (weekday, start) < before:
                raise refuse("market.hours", f"{weekday} {start} to {end}")
            before = (weekday, end)

    def on(self, day: int) -> Windows:
        """The windows of one day. Raises MarketRefused (`market.day`)."""
        midnight = datetime.combine(check_day(day), time(), SHANGHAI)
        start = int(midnight.timestamp())
        return Windows(
            tuple((start + 60 * a, start + 60 * b) for weekday, a, b in self.windows if weekday == midnight.weekday())
        )

    def check(self, instant: int) -> None:
        """Raises MarketRefused (`market.closed`) for an instant outside of the hours."""
        self.on(day_of(instant)).check(instant)


def _workdays(*windows: tuple[int, int]) -> Hours:
    return Hours(tuple((weekday, start, end) for weekday in _WORKDAYS for start, end in windows))


LISTED_HOURS = _workdays((9 * 60 + 30, 11 * 60 + 30), (13 * 60, 15 * 60))
"""09:30 to 11:30 and 13:00 to 15:00, Monday to Friday (DOMAIN 13)."""
BLOCK_HOURS = _workdays((13 * 60, 15 * 60))
"""13:00 to 15:00, Monday to Friday (DOMAIN 13)."""


def _shown(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone(SHANGHAI).isoformat()
