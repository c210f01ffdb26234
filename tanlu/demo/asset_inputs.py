"""What the demo chooses for quota and offsets: cap, reserve, base years, A's CCER (STORY steps 4 and 7)."""

from __future__ import annotations

from decimal import Decimal

CAP_TONNES = 92_000
RESERVE_TONNES = 2_000
FACTOR = Decimal("0.95")
"""Of grandfathering (DOMAIN 26)."""
BASE_TONNES = {
    "A": ((2015, 39_712), (2016, 40_208), (2017, 40_449)),
    "B": ((2015, 27_650), (2016, 28_114), (2017, 28_248)),
    "C": ((2015, 17_820), (2016, 18_031), (2017, 18_170)),
    "D": ((2015, 9_120), (2016, 8_974), (2017, 8_909)),
    "E": ((2015, 4_871), (2016, 5_003), (2017, 5_123)),
}
"""Emissions of the base years in whole tonnes, as documents from before the log have them (DOMAIN 24)."""
OPENING_PRICE_FEN = 6_000
"""Per tonne, set by two persons until there is a market."""
TOO_FEW_TONNES = 4_600
"""What E surrenders first."""
CCER_TONNES = 1_948
CCER_FIRST_SERIAL = 10_001
CCER_MONITORING = {"start": "2023-01-01", "end": "2024-06-30"}
CCER_PROJECT = {
    "project": "Offshore wind, 200 MW 海上风电",
    "methodology": "CCER-01-001-V01",
    "project_start": "2021-05-01",
    "claimed": "2024-12-02",
    "registered": "2025-03-12",
    "cancelled": "2026-09-15",
    "series": "CCER-2023-000123",
    "cancellation": "CN-2026-000457",
}
