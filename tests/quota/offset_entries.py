"""A CCER entry by the national rules."""

from __future__ import annotations

from datetime import date

from quota import CcerEntry, SerialRange

TODAY = date(2026, 9, 1)


def entry(cancellation: str = "C-1", first: int = 1, **changes: object) -> CcerEntry:
    """100 t of a wind farm, serials from `first` on."""
    members: dict[str, object] = {
        "cancellation": cancellation,
        "project": "海上风电 7",
        "methodology": "CCER-01-002-V01",
        "project_start": date(2019, 5, 1),
        "monitored_from": date(2023, 1, 1),
        "monitored_to": date(2024, 12, 31),
        "claimed_on": date(2025, 6, 1),
        "registered_on": date(2025, 9, 1),
        "cancelled_on": date(2026, 8, 1),
        "serials": (SerialRange("P", first, first + 59), SerialRange("P", first + 60, first + 99)),
        "tonnes": 100,
        "document_hash": "0" * 64,
        "beneficiary": "88.608.5288/A",
        **changes,
    }
    return CcerEntry(**members)  # type: ignore[arg-type]  # members by name
