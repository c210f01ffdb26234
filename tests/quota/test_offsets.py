from __future__ import annotations

from datetime import date

import pytest

from quota import CcerEntry, OffsetRefused, OffsetRules, SerialRange, check_disjoint, check_eligible
from quota.offsets import years_later
from tests.quota.offset_entries import TODAY, entry


def rule_of(**changes: object) -> str:
    with pytest.raises(OffsetRefused) as refusal:
        check_eligible(entry(**changes), on=TODAY)
    assert refusal.value.message_zh
    return refusal.value.rule


def test_an_entry_by_the_national_rules_is_eligible_domain_4() -> None:
    check_eligible(entry(), on=TODAY)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quota_managed": True}, "offset.quota_managed"),
        ({"project_start": date(2012, 11, 8)}, "offset.project_start"),
        ({"monitored_from": date(2020, 9, 22)}, "offset.reductions"),
        (
            {"monitored_from": date(2020, 10, 1), "claimed_on": date(2025, 10, 2), "registered_on": date(2026, 1, 5)},
            "offset.claim",
        ),
        (
            {"monitored_to": date(2023, 6, 30), "claimed_on": date(2023, 9, 1), "registered_on": date(2024, 1, 21)},
            "offset.registry",
        ),
        ({"cancelled_on": date(2026, 9, 2)}, "offset.order"),
    ],
)
def test_what_is_not_eligible_is_refused_by_its_rule_domain_4(changes: dict[str, object], rule: str) -> None:
    assert rule_of(**changes) == rule


def test_the_first_day_that_counts_is_the_one_after_domain_4() -> None:
    check_eligible(entry(project_start=date(2012, 11, 9)), on=TODAY)
    early = {"monitored_from": date(2020, 9, 23), "claimed_on": date(2025, 9, 23)}
    check_eligible(entry(**early, registered_on=date(2026, 1, 5)), on=TODAY)


def test_ccer_of_the_old_registry_were_usable_until_a_day_domain_4() -> None:
    days = {"monitored_to": date(2023, 6, 30), "claimed_on": date(2023, 9, 1), "registered_on": date(2024, 1, 21)}
    old = entry(**days, cancelled_on=date(2024, 6, 1))
    check_eligible(old, on=date(2024, 12, 30))
    with pytest.raises(OffsetRefused):
        check_eligible(old, on=date(2024, 12, 31))


def test_the_parameters_are_dated() -> None:
    later = OffsetRules(reductions_after=date(2023, 12, 31))
    with pytest.raises(OffsetRefused) as refusal:
        check_eligible(entry(), on=TODAY, rules=later)
    assert refusal.value.rule == "offset.reductions"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"tonnes": 99}, "offset.quantity"),
        ({"serials": (), "tonnes": 0}, "offset.quantity"),
        ({"serials": (SerialRange("P", 1, 60), SerialRange("P", 60, 99))}, "offset.overlap"),
        ({"document_hash": "0" * 63}, "offset.document_hash"),
        ({"document_hash": "A" * 64}, "offset.document_hash"),
        ({"cancellation": ""}, "offset.text"),
        ({"project": "x" * 129}, "offset.text"),
        ({"methodology": "a\nb"}, "offset.text"),
        ({"monitored_to": date(2022, 12, 31)}, "offset.period"),
        ({"project_start": date(2023, 1, 2)}, "offset.period"),
        ({"claimed_on": date(2024, 1, 1)}, "offset.order"),
        ({"registered_on": date(2026, 8, 2)}, "offset.order"),
    ],
)
def test_an_entry_that_contradicts_itself_cannot_be_made(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(OffsetRefused) as refusal:
        entry(**changes)
    assert refusal.value.rule == rule


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-1, 1), (0, 2**64), (True, 2)])
def test_a_range_of_serials_goes_up(first: int, last: int) -> None:
    with pytest.raises(OffsetRefused) as refusal:
        SerialRange("P", first, last)
    assert refusal.value.rule == "offset.serials"


def test_neighbours_and_other_prefixes_do_not_overlap_and_one_shared_serial_does() -> None:
    check_disjoint([SerialRange("P", 1, 10), SerialRange("P", 11, 20), SerialRange("Q", 5, 15)])
    for other in (SerialRange("P", 10, 10), SerialRange("P", 0, 1), SerialRange("P", 3, 4), SerialRange("P", 0, 99)):
        with pytest.raises(OffsetRefused):
            check_disjoint([SerialRange("P", 1, 10), other])


def test_years_end_on_the_last_of_february_where_there_is_no_29th() -> None:
    assert years_later(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert years_later(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert years_later(date(2024, 3, 1), 5) == date(2029, 3, 1)


def test_serials_know_their_tonnes() -> None:
    made: CcerEntry = entry()
    assert sum(one.tonnes for one in made.serials) == made.tonnes == 100
