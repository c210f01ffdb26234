"""Whatever JSON a policy carries: it is read, or refused at step 9 with rule, value and both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import AttestationError
from attestation.policies import OF_A_YEAR
from attestation.policies.calendar import default_document

leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(max_size=12),
    st.sampled_from(["03-31", "2025-02-30", "+08:00", "1.5", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "direct"]),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, dict[str, Any]] = {
    "obligation-base": {"year": 2025, "base": "direct"},
    "coverage-list": {"year": 2025, "entries": [{"identifier": "88.608.5288/A", "obliged": True}]},
    "calendar": {"year": 2025, **default_document(), "day_seconds": 86_400},
    "rules": {
        "year": 2025,
        "objection_days": 1,
        "plan_required": True,
        "jump_multiple": "2",
        "cems_completeness": "0.5",
        "cems_substitution": "mean",
        "reminder_days": [3, 1],
    },
}


def refusal(kind: str, document: object) -> AttestationError | None:
    try:
        OF_A_YEAR[kind](document)
    except AttestationError as refused:
        return refused
    return None


def judged(kind: str, document: object) -> None:
    refused = refusal(kind, document)
    if refused is not None:
        assert refused.step == 9
        assert all((refused.rule, refused.value, refused.expected, refused.message_zh))


@pytest.mark.parametrize("kind", OF_A_YEAR)
@given(document=values)
def test_any_json_is_read_or_refused(kind: str, document: object) -> None:
    judged(kind, document)


@pytest.mark.parametrize("kind", OF_A_YEAR)
@given(data=st.data())
def test_a_good_document_with_one_member_changed_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    document = dict(GOOD[kind])
    OF_A_YEAR[kind](document)
    name = data.draw(st.sampled_from(sorted(document)))
    inner = document[name]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        document[name] = inner | {data.draw(st.sampled_from(sorted(inner))): data.draw(values)}
    else:
        document[name] = data.draw(values)
    judged(kind, document)


@pytest.mark.parametrize("kind", OF_A_YEAR)
def test_a_document_without_a_year_is_refused(kind: str) -> None:
    document = {name: value for name, value in GOOD[kind].items() if name != "year"}
    with pytest.raises(AttestationError) as caught:
        OF_A_YEAR[kind](document)
    assert "year" in caught.value.value
