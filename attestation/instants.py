"""Instants as statements write them: RFC 3339 with whole seconds and a numeric offset or ``Z``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from attestation.refusals import refuse

INSTANT_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\+[0-9]{2}:[0-9]{2}|-(?!00:00)[0-9]{2}:[0-9]{2})"
)
DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LATEST = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that RFC 3339 can write."""

_INSTANT = re.compile(INSTANT_PATTERN)
_DATE = re.compile(DATE_PATTERN)
_CHINA = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=16_384)  # the end of one reading is the start of the next
def parse_instant(text: str) -> int:
    """Unix seconds of an instant. Raises SchemaRefused (``instant.format``).

    No leap seconds, no ``-00:00``, nothing before 1970.
    """
    if _INSTANT.fullmatch(text):
        try:
            seconds = (datetime.fromisoformat(text) - _EPOCH) // _SECOND
        except (ValueError, OverflowError):
            seconds = -1
        if 0 <= seconds <= LATEST:
            return seconds
    raise refuse("instant.format", text)


def format_instant(seconds: int) -> str:
    """The instant in UTC with ``Z``: a text that :func:`parse_instant` reads back."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def china_time(seconds: int) -> str:
    """The same by the clock that a market's hours go by, with its offset; :func:`parse_instant` reads it back too."""
    return (_EPOCH + timedelta(seconds=seconds)).astimezone(_CHINA).strftime("%Y-%m-%dT%H:%M:%S+08:00")


def parse_date(text: str) -> date:
    """The calendar date of ``YYYY-MM-DD``. Raises SchemaRefused (``date.format``)."""
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise refuse("date.format", text)


def start_of_day(day: date) -> int:
    """Unix seconds of the day's first instant in China Standard Time (UTC+8, no daylight saving)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=_CHINA).timestamp())


def day_of(seconds: int) -> date:
    """The date in China Standard Time (UTC+8) at that instant: :func:`start_of_day` is its first."""
    return datetime.fromtimestamp(seconds, _CHINA).date()
