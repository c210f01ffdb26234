"""When the comment time of a score ends (DOMAIN 11, 49)."""

from __future__ import annotations

from attestation.instants import format_instant, parse_instant
from attestation.policies import default_calendar, read_calendar
from attestation.policies.calendar import default_document
from tanlu.scoring import comments_until


def test_ten_working_days_end_with_the_tenth() -> None:
    """From a Monday, weekends left out: the Monday two weeks later, whole."""
    now = parse_instant("2024-03-04T09:00:00+08:00")
    assert format_instant(comments_until(default_calendar(2023), now, on_chain=True)) == "2024-03-18T16:00:00Z"


def test_a_signature_just_before_midnight_leaves_the_whole_time() -> None:
    now = parse_instant("2024-03-04T23:59:30+08:00")
    assert format_instant(comments_until(default_calendar(2023), now, on_chain=True)) == "2024-03-19T16:00:00Z"


def test_days_of_a_compressed_calendar_are_as_short_here_and_too_short_for_the_contract() -> None:
    """It takes no proposal whose comments end within ten days: in a rehearsal too nobody is heard for seconds only."""
    calendar = read_calendar({"year": 2023, **default_document(), "day_seconds": 2})
    assert comments_until(calendar, 1_000_000, on_chain=False) == 1_000_000 + 10 * 2 + 2
    assert comments_until(calendar, 1_000_000, on_chain=True) == 1_000_000 + 11 * 86_400
