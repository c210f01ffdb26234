from __future__ import annotations

import pytest

from quota import DEFAULT_VINTAGES, ObligationRefused, VintageRules, check_vintage

LENIENT = VintageRules(earlier_vintages=True, borrowing_bps=100)


@pytest.mark.parametrize(
    ("rules", "vintage", "in_arrears", "borrowed"),
    [
        (DEFAULT_VINTAGES, 2025, False, False),
        (DEFAULT_VINTAGES, 2025, True, False),
        (DEFAULT_VINTAGES, 2026, True, False),
        (LENIENT, 2024, False, False),
        (LENIENT, 2026, False, True),
        (LENIENT, 2026, True, False),
    ],
)
def test_a_vintage_serves_its_own_year_and_arrears_of_earlier_ones_domain_5(
    rules: VintageRules, vintage: int, in_arrears: bool, borrowed: bool
) -> None:
    assert check_vintage(rules, vintage=vintage, year=2025, in_arrears=in_arrears) is borrowed


@pytest.mark.parametrize(("vintage", "in_arrears"), [(2024, False), (2024, True), (2026, False)])
def test_other_vintages_are_refused_by_default_domain_5(vintage: int, in_arrears: bool) -> None:
    with pytest.raises(ObligationRefused) as refusal:
        check_vintage(DEFAULT_VINTAGES, vintage=vintage, year=2025, in_arrears=in_arrears)
    assert (refusal.value.rule, refusal.value.value) == ("obligation.vintage", str(vintage))
