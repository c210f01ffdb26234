"""What the demo chooses: five enterprises, their meters, and quantities such that the formulas give the story's totals.

Quantities are inputs; the emissions that follow from them are computed and checked by the service. The year is that of
the real meter file (2018); the grid factor is the earliest constant in the bundled factor set that a park would name
as its own parameter, 2021's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from attestation.accounting import LineKind

YEAR = 2018
ZONE = timezone(timedelta(hours=9))
"""The meter file's own offset (Asia/Seoul has no summer time)."""
START = datetime(YEAR, 1, 1, tzinfo=ZONE)
END = datetime(YEAR + 1, 1, 1, tzinfo=ZONE)

FACTOR_SET = ("cets-steel", "03.01-v01-2024")
GRID = "ets_constant/2021"
HEAT = "purchased"
OBLIGATION_BASE = "direct+energy"
PARK = "88.608.1000/PARK"

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Source:
    """One line of a report and the meter behind it. ``annual`` is the year's quantity in ``unit``; ``None``: from a
    meter file. ``replaced_in``: the month (1–12) before which the meter is exchanged for another."""

    line: str
    kind: LineKind
    factor: str
    meter: str
    unit: str
    annual: Decimal | None
    replaced_in: int | None = None


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise of the story."""

    letter: str
    name: str
    number: int
    algorithm: str
    sources: tuple[Source, ...]

    @property
    def identifier(self) -> str:
        """Handle form (DOMAIN 51)."""
        return f"88.608.{self.number}/{self.letter}"

    def meter(self, source: Source, generation: int = 1) -> str:
        """Identifier of a source's meter; the second one of a replaced meter has generation 2."""
        return f"88.608.{self.number}/METER_{source.meter}_{generation}"


def _electricity(annual: str | None) -> Source:
    quantity = None if annual is None else Decimal(annual)
    return Source("electricity", LineKind.ELECTRICITY, GRID, "ELECTRICITY", "kWh", quantity)


def _heat(annual: str) -> Source:
    return Source("heat", LineKind.HEAT, HEAT, "HEAT", "GJ", Decimal(annual))


def _fuel(fuel: str, unit: str, annual: str, replaced_in: int | None = None) -> Source:
    return Source(fuel, LineKind.COMBUSTION, fuel, fuel.upper(), unit, Decimal(annual), replaced_in)


ENTERPRISES = (
    Enterprise(
        "A",
        "ceramics 陶瓷",
        1001,
        "ES256K",
        (
            _electricity(None),
            _fuel("natural_gas", "1e4Nm3", "412.60", replaced_in=7),
            _fuel("bituminous", "t", "13128.71"),
        ),
    ),
    Enterprise(
        "B", "glass 玻璃", 1002, "Ed25519", (_electricity("5210400.00"), _fuel("natural_gas", "1e4Nm3", "950.24"))
    ),
    Enterprise(
        "C",
        "chemicals 化工",
        1003,
        "Ed25519",
        (_electricity("6804200.00"), _heat("21500.00"), _fuel("anthracite", "t", "4197.56")),
    ),
    Enterprise(
        "D",
        "food 食品",
        1004,
        "ES256K",
        (_electricity("2950600.00"), _heat("8400.00"), _fuel("natural_gas", "1e4Nm3", "206.09")),
    ),
    Enterprise("E", "electronics 电子", 1005, "Ed25519", (_electricity("7785560.00"), _fuel("diesel", "t", "31.20"))),
)


def months() -> list[tuple[datetime, datetime]]:
    """The twelve months of the year, half open."""
    starts = [datetime(YEAR, month, 1, tzinfo=ZONE) for month in range(1, _MONTHS + 1)]
    return list(zip(starts, [*starts[1:], END], strict=True))


def monthly(annual: Decimal, seed: int) -> list[Decimal]:
    """Twelve quantities of two decimals that sum to ``annual`` exactly, unequal as months are."""
    chance = random.Random(seed)  # noqa: S311 - an input that must be the same each time, not a secret
    hundredths = int(annual * 100)
    weights = [chance.randint(80, 120) for _ in range(_MONTHS)]
    shares = [hundredths * weight // sum(weights) for weight in weights]
    shares[-1] += hundredths - sum(shares)
    return [Decimal(share) / 100 for share in shares]


def synthetic_meter_file(seed: int = 2018) -> Iterator[str]:
    """A year of quarter hours in the layout of the real plant's file, lines without their ends: BOM, day first, each
    day's last row labelled with that day's midnight. 35,040 rows that sum to 959,640.31 kWh, as the real ones do."""
    chance = random.Random(seed)  # noqa: S311 - an input that must be the same each time, not a secret
    rows = (END - START) // timedelta(minutes=15)
    total = 95_964_031
    base = [chance.randint(245, 600) for _ in range(rows)]
    open_hours = [32 <= row % 96 < 80 and (START + timedelta(days=row // 96)).weekday() < 5 for row in range(rows)]
    weights = [chance.randint(2000, 8000) if is_open else 0 for is_open in open_hours]
    rest, sum_weights = total - sum(base), sum(weights)
    load = [low + rest * weight // sum_weights for low, weight in zip(base, weights, strict=True)]
    load[0] += total - sum(load)
    yield "\ufeffdate,Usage_kWh"
    for row, hundredths in enumerate(load):
        day = START + timedelta(days=row // 96)
        minutes = (row % 96 + 1) * 15 % 1440
        yield f"{day:%d/%m/%Y} {minutes // 60:02}:{minutes % 60:02},{hundredths // 100}.{hundredths % 100:02}"
