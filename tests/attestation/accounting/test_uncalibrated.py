"""DOMAIN 39 through a whole report: a calibration that has run out never pays, whichever number its meter measures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.accounting import (
    Activity,
    CitedRange,
    LineKind,
    Material,
    Produced,
    Totals,
    build_report,
    load_bundled,
)

PARK = load_bundled("tanlu-park", "2024")
PERCENT = st.decimals(min_value="0.1", max_value=10, places=1)
QUANTITY = st.decimals(min_value=1, max_value=100_000, places=2)

# Each meter by its stream, with the part that it measures and its unit.
METERS = {
    "grid": (None, "MWh"),
    "roof": ("own", "MWh"),
    "coke": ("coke", "t"),
    "steel": ("steel", "t"),
    "stack": (None, "t"),
    "belt": (None, "t"),
}


def totals(quantity: Decimal, percent: Decimal, uncalibrated: str | None) -> Totals:
    """Of a plant whose meters all show `quantity` (a third of it what leaves), one of them out of calibration."""

    def cited(stream: str, share: int = 1) -> CitedRange:
        part, unit = METERS[stream]
        accuracy = {"accuracy_percent": f"{percent:f}"} if stream == uncalibrated else {}
        return CitedRange(
            "a/m", stream, 1, 9, f"{(quantity / share).quantize(Decimal('0.01')):f}", unit, part=part, **accuracy
        )

    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2024-01-01T00:00:00Z",
        activities=[
            Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", evidence=(cited("grid"), cited("roof", 3))),
            Activity(
                "furnace",
                LineKind.MASS_BALANCE,
                flows=(Material("coke", "in", "coke"), Material("steel", "out", "steel")),
                evidence=(cited("coke"), cited("steel", 3)),
            ),
            Activity("ccus", LineKind.REMOVAL, evidence=(cited("stack"),)),
        ],
        factor_set=PARK,
        obligation_base="direct+energy",
        output=[Produced("steel", "t", evidence=(cited("belt"),))],
    )
    return built.recomputed.totals


@pytest.mark.parametrize("meter", METERS)
@settings(max_examples=12)
@given(QUANTITY, PERCENT)
def test_an_uncalibrated_meter_never_lowers_what_is_owed_domain_39(
    meter: str, quantity: Decimal, percent: Decimal
) -> None:
    kept, lapsed = totals(quantity, percent, None), totals(quantity, percent, meter)
    assert lapsed.scope1 >= kept.scope1
    assert lapsed.scope2 >= kept.scope2
    assert lapsed.obligation_tonnes >= kept.obligation_tonnes
    assert (lapsed.removals or 0) <= (kept.removals or 0)
    assert kept.intensities is not None
    assert lapsed.intensities is not None
    pairs = zip(lapsed.intensities, kept.intensities, strict=True)
    assert all(after.value >= before.value for (_, after), (_, before) in pairs)


@pytest.mark.parametrize(
    ("meter", "scope2", "removals"),
    [
        (None, "387.34", "1000.00"),
        ("grid", "398.96", "1000.00"),
        ("roof", "391.21", "1000.00"),
        ("stack", "387.34", "980.00"),
    ],
)
def test_two_per_cent_of_each_meter_worked_by_hand_domain_39(meter: str | None, scope2: str, removals: str) -> None:
    """(1,000 − 333.33) MWh × 0.581 = 387.335 t; 1,020 − 333.33: 398.955 t; 1,000 − 333.33 × 0.98: 391.209 t."""
    found = totals(Decimal(1000), Decimal(2), meter)
    assert (str(found.scope2), str(found.removals)) == (scope2, removals)
