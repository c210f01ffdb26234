"""Documents of an allocation ahead (DOMAIN 31): strict, and one root for one meaning."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import QuotaError
from quota.allocation import AllocationRules, pre_input_root, pre_inputs_to_document, read_pre_inputs

RULES = AllocationRules(2025, 92_000, 2_000)
emissions = st.dictionaries(
    st.integers(0, 999).map(lambda number: f"88.608.{number}/x"), st.integers(0, 10**9), min_size=1, max_size=20
)


@given(emissions)
def test_what_is_written_is_read_and_has_one_root(given: dict[str, int]) -> None:
    document = json.loads(json.dumps(pre_inputs_to_document(RULES, given)))
    assert read_pre_inputs(document) == (RULES, given)
    turned = dict(reversed(given.items()))
    assert pre_input_root(RULES, turned) == pre_input_root(RULES, given)
    more = given | {next(iter(given)): given[next(iter(given))] + 1}
    assert pre_input_root(RULES, more) != pre_input_root(RULES, given)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"emissions": []}, "allocation.empty"),
        ({"emissions": [{"identifier": "88.608.1/a", "tonnes": "1"}] * 2}, "allocation.twice"),
        ({"emissions": [{"identifier": "88.608.1/a", "tonnes": "-1"}]}, "allocation.document"),
        ({"emissions": [{"identifier": "88.608.1/a", "tonnes": 1}]}, "allocation.document"),
        ({"emissions": [{"identifier": "88.608.1/a"}]}, "allocation.document"),
        ({"emissions": [{"identifier": "a b", "tonnes": "1"}]}, "identifier.form"),
        ({"kind": "allocation-inputs"}, "allocation.document"),
        ({"v": 2}, "allocation.document"),
        ({"note": ""}, "allocation.document"),
    ],
)
def test_a_document_of_bad_form_is_refused(changed: dict[str, Any], rule: str) -> None:
    document = pre_inputs_to_document(RULES, {"88.608.1/a": 1}) | changed
    with pytest.raises(QuotaError) as caught:
        read_pre_inputs(document)
    assert caught.value.rule == rule
