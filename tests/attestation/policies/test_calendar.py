"""The calendar of a compliance year (DOMAIN 11)."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import AttestationError
from attestation.instants import format_instant, parse_instant
from attestation.policies import DAY, Calendar, Deadline, default_calendar, read_calendar
from attestation.policies.calendar import default_document


def document(**changed: object) -> dict[str, object]:
    return {"year": 2025, **copy.deepcopy(default_document()), **changed}


def with_deadlines(**changed: object) -> dict[str, object]:
    found = document()
    found["deadlines"] |= changed  # type: ignore[operator]  # a dict of this test's own
    return found


def refusal(found: object) -> AttestationError:
    with pytest.raises(AttestationError) as caught:
        read_calendar(found)
    assert caught.value.step == 9
    assert caught.value.message_zh
    return caught.value


def test_the_default_year_is_that_of_domain_11() -> None:
    calendar = default_calendar(2025)
    assert {name.value: format_instant(at) for name, at in calendar.deadlines.items()} == {
        # The whole day in China is in time: until midnight there, which is 16:00 in UTC.
        "report": "2026-03-31T16:00:00Z",
        "registration": "2026-06-30T16:00:00Z",
        "allocation": "2026-09-30T16:00:00Z",
        "surrender": "2026-12-31T16:00:00Z",
        "carry_over": "2027-01-31T16:00:00Z",
        "close": "2027-01-31T16:00:00Z",
    }


def test_evidence_of_a_month_is_due_forty_days_after_it() -> None:
    # DOMAIN 11: January's through 12 March, since 28 days of February and 12 of March are forty.
    calendar = default_calendar(2025)
    assert format_instant(calendar.evidence_due(1)) == "2025-03-12T16:00:00Z"
    assert format_instant(calendar.evidence_due(12)) == "2026-02-09T16:00:00Z"


def test_due_dates_are_in_the_order_of_time_and_name_every_month() -> None:
    due = default_calendar(2025).due_dates()
    assert [each.at for each in due] == sorted(each.at for each in due)
    assert [each.month for each in due if each.name == "evidence"] == list(range(1, 13))
    assert {each.name for each in due} == {"evidence", *(name.value for name in Deadline)}


def test_a_term_of_working_days_ends_with_its_last_day() -> None:
    calendar = read_calendar(document(holidays=["2026-05-01", "2026-05-04", "2026-05-05"], workdays=["2026-05-09"]))
    verdict = parse_instant("2026-04-30T09:00:00+08:00")
    # Thursday; Friday to Tuesday are off, Saturday 9 May is worked: 6, 7, 8, 9, 11, 12, 13 May.
    assert format_instant(calendar.after_working_days(verdict, 7)) == "2026-05-13T16:00:00Z"
    assert calendar.after_working_days(verdict, 0) == verdict
    assert calendar.is_working_day(date(2026, 5, 9))


@given(st.integers(1_700_000_000, 1_900_000_000), st.integers(0, 30), st.integers(0, 30))
def test_a_later_start_or_a_longer_term_never_ends_sooner(at: int, count: int, more: int) -> None:
    calendar = default_calendar(2025)
    end = calendar.after_working_days(at, count)
    assert end >= at
    assert calendar.after_working_days(at, count + more) >= end
    assert calendar.after_working_days(at + more * 3600, count) >= end


@given(st.integers(0, 4_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_a_day_of_the_calendar_holds_its_instants(at: int, minutes: int) -> None:
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    calendar = read_calendar(document(offset=f"{sign}{size // 60:02}:{size % 60:02}"))
    start = calendar.start_of(calendar.day_of(at))
    assert start <= at < start + DAY


def test_a_compressed_calendar_counts_short_days_and_names_instants() -> None:
    names = ("report", "registration", "allocation", "surrender", "carry_over", "close")
    instants = {name: f"2026-01-01T00:{place:02}:00Z" for place, name in enumerate(names)}
    found = with_deadlines(**instants, evidence_days=2) | {"day_seconds": 30}
    calendar = read_calendar(found)
    assert calendar.deadline(Deadline.SURRENDER) == parse_instant("2026-01-01T00:03:00Z")
    assert calendar.after_working_days(1_000, 7) == 1_000 + 7 * 30
    assert calendar.evidence_due(12) == calendar.start_of(date(2026, 1, 1)) + 60
    assert refusal(found | {"holidays": ["2026-01-01"]}).rule == "calendar.compressed"


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"year": "2025"}, "policy.document", "2025"),
        ({"year": 1989}, "body.integer", "1989"),
        ({"offset": "8"}, "policy.document", "8"),
        ({"offset": "+15:00"}, "policy.document", "+15:00"),
        ({"holidays": "2025-01-01"}, "policy.document", "2025-01-01"),
        ({"holidays": [20250101]}, "policy.document", "20250101"),
        ({"holidays": ["2025-02-30"]}, "date.format", "2025-02-30"),
        ({"holidays": ["2025-01-02", "2025-01-01"]}, "policy.document", "2025-01-01"),
        ({"holidays": ["2025-01-01", "2025-01-01"]}, "policy.document", "2025-01-01"),
        ({"workdays": ["2025-01-27"]}, "calendar.workday", "2025-01-27"),
        ({"workdays": ["2025-01-26"], "holidays": ["2025-01-26"]}, "calendar.workday", "2025-01-26"),
        ({"day_seconds": 0}, "body.integer", "0"),
        ({"more": 1}, "policy.document", "more"),
    ],
)
def test_other_calendars_are_refused_by_name(changed: dict[str, object], rule: str, value: str) -> None:
    refused = refusal(document(**changed))
    assert refused.rule == rule
    assert value in refused.value


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"report": "03/31"}, "policy.document", "03/31"),
        ({"report": "02-30"}, "policy.document", "02-30"),
        ({"report": "07-01"}, "calendar.order", "registration before report"),
        ({"close": "01-30"}, "calendar.order", "close before carry_over"),
        ({"surrender": "09-30"}, "calendar.order", "surrender before allocation"),
        ({"evidence_days": -1}, "body.integer", "-1"),
        ({"evidence_days": True}, "policy.document", "True"),
        ({"extra": "01-01"}, "policy.document", "extra"),
    ],
)
def test_other_deadlines_are_refused_by_name(changed: dict[str, object], rule: str, value: str) -> None:
    refused = refusal(with_deadlines(**changed))
    assert refused.rule == rule
    assert value in refused.value


@pytest.mark.parametrize("name", ["year", "offset", "holidays", "workdays", "deadlines"])
def test_a_missing_member_is_named(name: str) -> None:
    found = document()
    del found[name]
    assert name in refusal(found).value


def test_a_leap_day_is_a_deadline_only_in_a_leap_year() -> None:
    # Y+1 of 2027 is a leap year, that of 2025 is not.
    found = with_deadlines(report="02-29")
    assert isinstance(read_calendar(found | {"year": 2027}), Calendar)
    assert refusal(found).value == "02-29"


def test_working_days_come_whatever_a_calendar_calls_a_holiday() -> None:
    """Its lists have an end, so that the longest window has one: 400 holidays in a row, and 250 days after them."""
    first = date(2026, 1, 1)
    holidays = [(first + timedelta(days=number)).isoformat() for number in range(400)]
    calendar = read_calendar(document(holidays=holidays))
    begun = parse_instant("2025-12-31T00:00:00Z")
    assert format_instant(calendar.after_working_days(begun, 1)) == "2027-02-05T16:00:00Z"
    assert format_instant(calendar.after_working_days(begun, 250)) == "2028-01-20T16:00:00Z"
    more = refusal(document(holidays=[*holidays, "2027-02-05"]))
    assert (more.rule, more.value) == ("policy.document", "401 items")


@pytest.mark.parametrize("offset", ["+14:59", "-14:59"])
@pytest.mark.parametrize("year", [1990, 2200])
def test_the_first_and_the_last_year_there_are_have_dates(year: int, offset: str) -> None:
    found = document(year=year, offset=offset)
    found["deadlines"] |= {"evidence_days": 366, "close": "9999-12-31T23:59:59Z"}  # type: ignore[operator]  # a dict
    dues = read_calendar(found).due_dates()
    assert len(dues) == 18
    assert format_instant(dues[-1].at) == "9999-12-31T23:59:59Z"
