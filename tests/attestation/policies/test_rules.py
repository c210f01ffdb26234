"""The rules of a compliance year, with the defaults of DOMAIN 34, 43, 44, 47."""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.errors import AttestationError
from attestation.policies import Rules, read_rules


def test_the_defaults_are_those_of_domain() -> None:
    rules = read_rules({"year": 2025})
    assert rules == Rules(2025)
    # DOMAIN 44: site 2, non-conformities 2, correction 5, objection 7, decision 10.
    assert (rules.site_days, rules.findings_days, rules.correction_days) == (2, 2, 5)
    assert (rules.objection_days, rules.decision_days) == (7, 10)
    # DOMAIN 47.
    assert rules.reminder_days == (30, 7, 1)
    assert (rules.admission_required, rules.plan_required) == (False, False)


def test_what_is_left_out_has_its_default() -> None:
    rules = read_rules({"year": 2025, "objection_days": 0, "jump_multiple": "2.5", "admission_required": True})
    assert (rules.objection_days, rules.jump_multiple, rules.admission_required) == (0, Decimal("2.5"), True)
    assert rules.decision_days == 10


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"objection_days": -1}, "body.integer", "-1"),
        ({"objection_days": "7"}, "policy.document", "7"),
        ({"decision_days": True}, "policy.document", "True"),
        ({"admission_required": 1}, "policy.document", "1"),
        ({"jump_multiple": 3}, "policy.document", "3"),
        ({"jump_multiple": "0.5"}, "policy.document", "0.5"),
        ({"jump_multiple": "1e3"}, "policy.document", "1e3"),
        ({"cems_completeness": "1.01"}, "policy.document", "1.01"),
        ({"cems_completeness": "0.12345"}, "policy.document", "0.12345"),
        ({"cems_substitution": "guess"}, "policy.document", "guess"),
        ({"reminder_days": [1, 7]}, "policy.document", "1"),
        ({"reminder_days": [7, 7]}, "policy.document", "7"),
        ({"reminder_days": [400]}, "body.integer", "400"),
        ({"reminder_days": list(range(9, 0, -1))}, "policy.document", "9 items"),
        ({"mercy": True}, "policy.document", "mercy"),
        ({"year": 2300}, "body.integer", "2300"),
    ],
)
def test_other_rules_are_refused_by_name(changed: dict[str, object], rule: str, value: str) -> None:
    with pytest.raises(AttestationError) as caught:
        read_rules({"year": 2025} | changed)
    assert (caught.value.rule, caught.value.step) == (rule, 9)
    assert value in caught.value.value
    assert caught.value.message_zh
