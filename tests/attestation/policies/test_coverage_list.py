"""The coverage list names the obliged of a year (DOMAIN 2)."""

from __future__ import annotations

import pytest

from attestation.errors import AttestationError
from attestation.policies import NATIONAL_THRESHOLD_TONNES, read_coverage_list

A, B = "88.608.5288/A", "88.608.5289/B"


def test_the_list_says_who_is_obliged_and_from_how_many_tonnes() -> None:
    found = read_coverage_list(
        {
            "year": 2025,
            "entries": [
                {"identifier": A, "obliged": True},
                {"identifier": B, "obliged": False, "threshold_tonnes": 4000},
            ],
        }
    )
    assert found.obliges(A)
    assert not found.obliges(B)
    assert not found.obliges("88.608.7000/C")
    assert [each.threshold_tonnes for each in found.entries] == [NATIONAL_THRESHOLD_TONNES, 4_000]
    assert NATIONAL_THRESHOLD_TONNES == 26_000


@pytest.mark.parametrize(
    ("entries", "rule", "value"),
    [
        ("all", "policy.document", "all"),
        ([{"identifier": B, "obliged": True}, {"identifier": A, "obliged": True}], "policy.document", A),
        ([{"identifier": A, "obliged": True}, {"identifier": A, "obliged": False}], "policy.document", A),
        ([{"identifier": "nobody", "obliged": True}], "identifier.form", "nobody"),
        ([{"identifier": A, "obliged": "yes"}], "policy.document", "yes"),
        ([{"identifier": A}], "policy.document", "obliged"),
        ([{"identifier": A, "obliged": True, "threshold_tonnes": -1}], "body.integer", "-1"),
        ([{"identifier": A, "obliged": True, "threshold_tonnes": "26000"}], "policy.document", "26000"),
        ([A], "policy.document", A),
    ],
)
def test_other_lists_are_refused_by_name(entries: object, rule: str, value: str) -> None:
    with pytest.raises(AttestationError) as caught:
        read_coverage_list({"year": 2025, "entries": entries})
    assert (caught.value.rule, caught.value.step) == (rule, 9)
    assert value in caught.value.value
