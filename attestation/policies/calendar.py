"""The calendar of a compliance year: its deadlines, and which days are working days (DOMAIN 11).

Document (JSON; members not named here are refused):

    year         the compliance year Y
    offset       the zone's distance from UTC, "+08:00"
    holidays     dates on which nobody works, ascending, each once
    workdays     make-up days: Saturdays and Sundays on which people do, ascending, each once
    deadlines    {evidence_days, report, registration, allocation, surrender, carry_over, close}
    day_seconds? a compressed calendar: what counts as a day, for rehearsals; no holidays or workdays then

``evidence_days`` are calendar days after the end of a month. A deadline is ``MM-DD``, the whole day included
(``report`` to ``surrender`` in Y+1, ``carry_over`` and ``close`` in Y+2), or an instant. In time is what the log
accepted *before* the instant that this module gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from attestation.instants import INSTANT_PATTERN, parse_instant
from attestation.policies import members
from attestation.policies.working_days import add_working_days, is_weekend, is_working_day
from attestation.refusals import refuse

DAY = 86_400
MOST_DATES = 400
"""Holidays, or make-up days, of one calendar."""

_EPOCH = date(1970, 1, 1)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(INSTANT_PATTERN)


class Deadline(StrEnum):
    """The dates of a year, in their order."""

    REPORT = "report"
    REGISTRATION = "registration"
    ALLOCATION = "allocation"
    SURRENDER = "surrender"
    CARRY_OVER = "carry_over"
    CLOSE = "close"


_YEARS_LATER: Mapping[Deadline, int] = MappingProxyType(
    {name: 2 if name in {Deadline.CARRY_OVER, Deadline.CLOSE} else 1 for name in Deadline}
)
_DEFAULTS: Mapping[Deadline, str] = MappingProxyType(
    {
        Deadline.REPORT: "03-31",
        Deadline.REGISTRATION: "06-30",
        Deadline.ALLOCATION: "09-30",
        Deadline.SURRENDER: "12-31",
        Deadline.CARRY_OVER: "01-31",
        Deadline.CLOSE: "01-31",
    }
)
_EVIDENCE_DAYS = 40
_OFFSET_DEFAULT = "+08:00"
_MEMBERS = ("year", "offset", "holidays", "workdays", "deadlines")


@dataclass(frozen=True, slots=True)
class DueDate:
    """What is due before ``at`` (unix seconds): ``name`` of a deadline, or ``evidence`` of a ``month`` (1 to 12)."""

    name: str
    at: int
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year's calendar. ``offset`` in seconds east of UTC; ``deadlines`` in unix seconds: in time is what came before;
    ``day_seconds`` is 86,400 unless the calendar is compressed."""

    year: int
    offset: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    evidence_days: int
    deadlines: Mapping[Deadline, int]
    day_seconds: int = DAY

    def deadline(self, name: Deadline) -> int:
        """The instant before which ``name`` is due (unix seconds)."""
        return self.deadlines[name]

    def day_of(self, instant: int) -> date:
        """The date in the calendar's zone at that instant (unix seconds)."""
        return _EPOCH + timedelta(days=(instant + self.offset) // DAY)

    def start_of(self, day: date) -> int:
        """The first instant of a date in the calendar's zone (unix seconds)."""
        return (day - _EPOCH).days * DAY - self.offset

    def is_working_day(self, day: date) -> bool:
        """Whether work is done that day."""
        return is_working_day(day, self.holidays, self.workdays)

    def after_working_days(self, instant: int, count: int) -> int:
        """The end of the ``count``-th working day after the day of ``instant`` (unix seconds); ``instant`` itself for a
        count of 0. What is due within ``count`` working days is in time before it.

        In a compressed calendar every day works, and a day is ``day_seconds`` long.
        """
        if count == 0 or self.day_seconds != DAY:
            return instant + count * self.day_seconds
        last = add_working_days(self.day_of(instant), count, self.holidays, self.workdays)
        return self.start_of(last + timedelta(days=1))

    def evidence_due(self, month: int) -> int:
        """Before when the evidence of a month (1 to 12) of the year is due (unix seconds)."""
        following = date(self.year + month // 12, month % 12 + 1, 1)
        return self.start_of(following) + self.evidence_days * self.day_seconds

    def due_dates(self) -> tuple[DueDate, ...]:
        """Everything that is due in the year, in the order of time."""
        found = [DueDate("evidence", self.evidence_due(month), month) for month in range(1, 13)]
        found += [DueDate(name.value, at) for name, at in self.deadlines.items()]
        return tuple(sorted(found, key=lambda due: due.at))


def default_calendar(year: int) -> Calendar:
    """The calendar of a year for which none was published: DOMAIN 11, China Standard Time, weekends only."""
    return read_calendar({"year": year, **default_document()})


def default_document() -> dict[str, object]:
    """The members of the default calendar beside ``year``, as a document holds them."""
    deadlines: dict[str, object] = {"evidence_days": _EVIDENCE_DAYS}
    deadlines |= {name.value: text for name, text in _DEFAULTS.items()}
    return {"offset": _OFFSET_DEFAULT, "holidays": [], "workdays": [], "deadlines": deadlines}


def read_calendar(document: object) -> Calendar:
    """The calendar of a policy's document. Raises SchemaRefused (``policy.document``, ``date.format``,
    ``instant.format``, ``calendar.workday``, ``calendar.order``, ``calendar.compressed``)."""
    found = members.read_object(document, _MEMBERS, ("day_seconds",))
    year = members.read_year(found["year"])
    offset = _read_offset(found["offset"])
    holidays = members.read_dates(found["holidays"], MOST_DATES, "holidays")
    workdays = members.read_dates(found["workdays"], MOST_DATES, "workdays")
    day_seconds = members.read_integer(found.get("day_seconds", DAY), 1, DAY, "day_seconds")
    _check_days(holidays, workdays, day_seconds)
    names = ("evidence_days", *(name.value for name in Deadline))
    given = members.read_object(found["deadlines"], names, at="deadlines")
    evidence_days = members.read_integer(given["evidence_days"], 0, 366, "deadlines.evidence_days")
    deadlines = {name: _read_deadline(given[name.value], name, year, offset) for name in Deadline}
    _check_order(deadlines)
    return Calendar(year, offset, holidays, workdays, evidence_days, MappingProxyType(deadlines), day_seconds)


def _read_offset(value: object) -> int:
    matched = _OFFSET.fullmatch(members.read_text(value, "offset"))
    if matched is None or int(matched[2]) > 14 or int(matched[3]) > 59:
        raise members.document_refusal(value, "+08:00 or another distance from UTC of at most 14 hours", "offset")
    seconds = int(matched[2]) * 3600 + int(matched[3]) * 60
    return -seconds if matched[1] == "-" else seconds


def _check_days(holidays: frozenset[date], workdays: frozenset[date], day_seconds: int) -> None:
    if day_seconds != DAY and (holidays or workdays):
        named = f"day_seconds {day_seconds} with {min(holidays | workdays).isoformat()}"
        raise refuse("calendar.compressed", named, at=members.DOCUMENT)
    for day in sorted(workdays):
        if not is_weekend(day) or day in holidays:
            raise refuse("calendar.workday", day.isoformat(), at=f"{members.DOCUMENT}.workdays")


def _read_deadline(value: object, name: Deadline, year: int, offset: int) -> int:
    text, at = members.read_text(value, f"deadlines.{name.value}"), f"deadlines.{name.value}"
    if _INSTANT.fullmatch(text):
        return parse_instant(text)
    expected = f"MM-DD of {year + _YEARS_LATER[name]}, or an instant"
    if not _MONTH_DAY.fullmatch(text):
        raise members.document_refusal(value, expected, at)
    try:
        day = date.fromisoformat(f"{year + _YEARS_LATER[name]:04}-{text}")
    except ValueError:
        raise members.document_refusal(value, expected, at) from None
    # The whole day is in time.
    return ((day - _EPOCH).days + 1) * DAY - offset


def _check_order(deadlines: Mapping[Deadline, int]) -> None:
    for earlier, later in pairwise(Deadline):
        # What is carried over may close on the day on which the window does.
        tied = later is Deadline.CLOSE and deadlines[earlier] == deadlines[later]
        if deadlines[earlier] >= deadlines[later] and not tied:
            raise refuse("calendar.order", f"{later.value} before {earlier.value}", at=f"{members.DOCUMENT}.deadlines")
