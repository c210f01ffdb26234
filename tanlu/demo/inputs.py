"""What the demo chooses: five enterprises of five methods, their meters, and quantities such that the formulas give the
story's totals.

Quantities are inputs; the emissions that follow from them are computed and checked by the service. The year is that of
the real meter file (2018); the grid factor is the earliest constant in the bundled factor set that a park would name
as its own parameter, 2021's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from attestation.accounting import LineKind
from attestation.bodies.report_lines import CemsBlock, Certificate

YEAR = 2018
ZONE = timezone(timedelta(hours=9))
"""The meter file's own offset (Asia/Seoul has no summer time)."""
START = datetime(YEAR, 1, 1, tzinfo=ZONE)
END = datetime(YEAR + 1, 1, 1, tzinfo=ZONE)

GRID = "ets_constant/2021"
HEAT = "purchased"
OBLIGATION_BASE = "direct+energy"
THRESHOLD_TONNES = 4_000
PARK = "88.608.1000/PARK"
OFFICERS = ("88.608.1000/OFFICER_1", "88.608.1000/OFFICER_2")
"""Two persons of the park: one reviews applications, the other approves."""
REGULATOR = "88.608.3001/BUREAU"
INSPECTOR = "88.608.3001/INSPECTOR"
"""A person of the regulator: the second of the two persons where the park may not decide alone (DOMAIN 23)."""

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Meter:
    """What measures a line, or a part of it. ``annual`` is the year's quantity in ``unit`` as the report counts it;
    ``None``: from a meter file. ``months``: given month by month instead. ``multiplier``: what its readings are
    multiplied by. ``replaced_in``: the month (1–12) before which it is exchanged for another. ``weighed``: its values
    are entered by hand."""

    name: str
    stream: str
    unit: str
    annual: Decimal | None = None
    months: tuple[Decimal, ...] = ()
    part: str | None = None
    multiplier: int = 1
    replaced_in: int | None = None
    weighed: bool = False

    @property
    def generations(self) -> tuple[int, ...]:
        """1, and 2 for the meter that took its place."""
        return (1,) if self.replaced_in is None else (1, 2)


@dataclass(frozen=True, slots=True)
class Material:
    """A material of a mass balance, and its direction (``in`` or ``out``); its meter has its id as ``part``."""

    id: str
    direction: str
    factor: str


@dataclass(frozen=True, slots=True)
class Source:
    """One line of a report and what measures it. ``reported_from``: which of its enterprise's reports has it first."""

    line: str
    kind: LineKind
    factor: str
    meters: tuple[Meter, ...]
    flows: tuple[Material, ...] = ()
    blocks: tuple[CemsBlock, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    reported_from: int = 1


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise of the story; ``value_added`` in 10^4 CNY."""

    letter: str
    name: str
    number: int
    algorithm: str
    credit_code: str
    method: str
    value_added: Decimal
    sources: tuple[Source, ...] = field(repr=False)

    @property
    def identifier(self) -> str:
        """Handle form (DOMAIN 51)."""
        return f"88.608.{self.number}/{self.letter}"

    def meters(self) -> tuple[Meter, ...]:
        """Of all lines."""
        return tuple(meter for source in self.sources for meter in source.meters)

    def device(self, meter: Meter, generation: int = 1) -> str:
        """Identifier of a meter; the second one of a replaced meter has generation 2."""
        return f"88.608.{self.number}/METER_{meter.name}_{generation}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A verification body with its accreditation."""

    identifier: str
    name: str
    credit_code: str
    accreditation: str
    accredited_until: str


VERIFIERS = (
    Verifier("88.608.2001/BUREAU_1", "Bureau One 核查一所", "91360703MA01F0006C", "CV-2026-001", "2099-12-31"),
    Verifier("88.608.2002/BUREAU_2", "Bureau Two 核查二所", "91360703MA01G00077", "CV-2026-002", "2099-12-31"),
)


def months() -> list[tuple[datetime, datetime]]:
    """The twelve months of the year, half open."""
    starts = [datetime(YEAR, month, 1, tzinfo=ZONE) for month in range(1, _MONTHS + 1)]
    return list(zip(starts, [*starts[1:], END], strict=True))


# Hours in operation, Nm3/h, g/Nm3 of D's stack, month by month.
_STACK = (
    (388, 5824, "197.42"),
    (413, 5688, "199.92"),
    (429, 5696, "185.04"),
    (427, 6288, "187.25"),
    (348, 6196, "195.48"),
    (350, 5981, "200.01"),
    (379, 6256, "202.04"),
    (399, 5979, "200.49"),
    (383, 5682, "195.39"),
    (397, 6057, "187.92"),
    (358, 5650, "192.55"),
    (410, 5730, "191.95"),
)


def _blocks() -> tuple[CemsBlock, ...]:
    return tuple(
        CemsBlock(
            start=start.isoformat(),
            end=end.isoformat(),
            hours=str(hours),
            flow=str(flow),
            concentration=concentration,
            status="measured",
        )
        for (start, end), (hours, flow, concentration) in zip(months(), _STACK, strict=True)
    )


def _stack_kilograms() -> tuple[Decimal, ...]:
    return tuple(Decimal(hours) * flow * Decimal(grams) / 1000 for hours, flow, grams in _STACK)


def _electricity(
    annual: str | None, *, multiplier: int = 1, own: str | None = None, certificates: tuple[Certificate, ...] = ()
) -> Source:
    quantity = None if annual is None else Decimal(annual)
    meters = [Meter("ELECTRICITY", "electricity", "kWh", quantity, multiplier=multiplier)]
    if own is not None:
        meters.append(Meter("PHOTOVOLTAIC", "photovoltaic", "kWh", Decimal(own), part="own"))
    return Source("electricity", LineKind.ELECTRICITY, GRID, tuple(meters), certificates=certificates)


def _heat(annual: str, *, line: str = "heat", reported_from: int = 1) -> Source:
    meter = Meter(line.upper(), line, "GJ", Decimal(annual))
    return Source(line, LineKind.HEAT, HEAT, (meter,), reported_from=reported_from)


def _material(kind: LineKind, name: str, unit: str, annual: str, replaced_in: int | None = None) -> Source:
    return Source(name, kind, name, (Meter(name.upper(), name, unit, Decimal(annual), replaced_in=replaced_in),))


COAL = "bituminous"
COAL_WEIGHED_ONCE = Decimal("13056.45")
"""Tonnes that came over A's weighbridge in the year."""
COAL_TWICE = Decimal("72.26")
"""The delivery that was entered a second time, the day after."""
COAL_TWICE_DAY = datetime(YEAR, 5, 15, tzinfo=ZONE)

ENTERPRISES = (
    Enterprise(
        "A",
        "Ceramics 陶瓷",
        1001,
        "ES256K",
        "91360703MA01A00016",
        "combustion",
        Decimal("52000.00"),
        (
            _electricity(None),
            _material(LineKind.COMBUSTION, "natural_gas", "1e4Nm3", "412.60", replaced_in=7),
            Source(COAL, LineKind.COMBUSTION, COAL, (Meter("WEIGHBRIDGE", "coal", "t", Decimal(0), weighed=True),)),
        ),
    ),
    Enterprise(
        "B",
        "Glass 玻璃",
        1002,
        "Ed25519",
        "91360703MA01B00021",
        "process",
        Decimal("31000.00"),
        (
            _electricity("5210400.00", multiplier=40),
            _material(LineKind.PROCESS, "limestone", "t", "6500.00"),
            _material(LineKind.PROCESS, "dolomite", "t", "2100.00"),
            _material(LineKind.COMBUSTION, "natural_gas", "1e4Nm3", "771.93"),
        ),
    ),
    Enterprise(
        "C",
        "Chemicals 化工",
        1003,
        "Ed25519",
        "91360703MA01C0003U",
        "mass balance",
        Decimal("28000.00"),
        (
            _electricity("6804200.00"),
            _heat("21500.00", reported_from=2),
            _heat("545.45", line="steam_branch", reported_from=3),
            Source(
                "ethylene_oxide",
                LineKind.MASS_BALANCE,
                "",
                (
                    Meter("ETHYLENE", "ethylene", "t", Decimal("13354.00"), part="ethylene"),
                    Meter("OXIDE", "ethylene-oxide", "t", Decimal("15727.80"), part="ethylene_oxide"),
                ),
                flows=(
                    Material("ethylene", "in", "ethylene"),
                    Material("ethylene_oxide", "out", "ethylene_oxide"),
                ),
            ),
        ),
    ),
    Enterprise(
        "D",
        "Food 食品",
        1004,
        "ES256K",
        "91360703MA01D0004N",
        "continuous measurement",
        Decimal("9000.00"),
        (
            _electricity("2950600.00"),
            Source(
                "stack",
                LineKind.CEMS,
                "",
                (Meter("STACK", "stack", "kg", months=_stack_kilograms()),),
                blocks=_blocks(),
            ),
        ),
    ),
    Enterprise(
        "E",
        "Electronics 电子",
        1005,
        "Ed25519",
        "91360703MA01E0005H",
        "electricity",
        Decimal("40000.00"),
        (
            _electricity(
                "8385560.00",
                own="600000.00",
                certificates=(
                    Certificate(serial="GEC-2018-3607-000001", mwh="400.000"),
                    Certificate(serial="GEC-2018-3607-000002", mwh="600.000"),
                ),
            ),
            _material(LineKind.COMBUSTION, "diesel", "t", "31.20"),
        ),
    ),
)


def enterprise(letter: str) -> Enterprise:
    """The enterprise of that letter."""
    return next(one for one in ENTERPRISES if one.letter == letter)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery of coal as the weighbridge entered it."""

    day: datetime
    tonnes: Decimal


def deliveries(seed: int = 2018) -> list[Delivery]:
    """A year's deliveries, fourteen a month, one of them entered twice: what A reports."""
    days = [start + timedelta(days=day) for start, _ in months() for day in range(0, 28, 2)]
    others = [day for day in days if day != COAL_TWICE_DAY]
    weighed = dict(zip(others, split(COAL_WEIGHED_ONCE - COAL_TWICE, len(others), seed), strict=True))
    weighed[COAL_TWICE_DAY] = weighed[COAL_TWICE_DAY + timedelta(days=1)] = COAL_TWICE
    return [Delivery(day, weighed[day]) for day in sorted(weighed)]


def split(total: Decimal, parts: int, seed: int) -> list[Decimal]:
    """``parts`` quantities of two decimals that sum to ``total`` exactly, unequal as months are."""
    chance = random.Random(seed)  # noqa: S311 - an input that must be the same each time, not a secret
    hundredths = int(total * 100)
    weights = [chance.randint(80, 120) for _ in range(parts)]
    shares = [hundredths * weight // sum(weights) for weight in weights]
    shares[-1] += hundredths - sum(shares)
    return [Decimal(share) / 100 for share in shares]


def monthly(meter: Meter, seed: int) -> list[Decimal]:
    """What a meter shows for each month: its readings times its multiplier are the year's quantity."""
    if meter.months:
        return list(meter.months)
    if meter.annual is None:
        raise ValueError(f"{meter.name} has no annual quantity")
    return split(meter.annual / meter.multiplier, _MONTHS, seed)


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
