"""What every test may ask for, and the rule that a skip is no success where `CI=true`."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
from collections.abc import Generator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ganache import Engine, Node
from ganache import free_port as find_free_port

STEEL_TOTAL_KWH = Decimal("959640.31")
STEEL_DAYS = 365
QUARTERS_PER_DAY = 96


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, and with CI=true a skip is a failure: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.fixture
def free_port() -> int:
    """A loopback port that was free a moment ago."""
    return find_free_port()


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One running Anvil for the whole session, chain id 31337. Tests share its chain: its height is nobody's."""
    with Node(tmp_path_factory.mktemp("anvil")) as engine:
        yield engine


@pytest.fixture(scope="session")
def steel_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real plant's meter file (`TANLU_STEEL_CSV`), or a seeded one of the same shape and the same sum."""
    named = os.environ.get("TANLU_STEEL_CSV")
    if named:
        path = Path(named)
        assert path.is_file(), f"TANLU_STEEL_CSV names no file: {named}"
        return path
    path = tmp_path_factory.mktemp("steel") / "steel_plant_15min_2018.csv.gz"
    path.write_bytes(gzip.compress(seeded_steel_file(), mtime=0))
    return path


def seeded_steel_file(seed: int = 2018) -> bytes:
    """35,040 quarter hours in the UCI file's form, BOM, CRLF, day first, each day's last row labelled 00:00 of it."""
    chance = random.Random(seed)
    day_one = date(2018, 1, 1)
    days = [day_one + timedelta(days=offset) for offset in range(STEEL_DAYS)]
    # Hundredths of a kWh, as integers: heavier in working hours of working days.
    loads = [
        chance.randint(245, 600) + (chance.randint(2000, 8000) if 32 <= quarter < 80 and day.weekday() < 5 else 0)
        for day in days
        for quarter in range(1, QUARTERS_PER_DAY + 1)
    ]
    wanted = int(STEEL_TOTAL_KWH * 100)
    total = sum(loads)
    loads = [load * wanted // total for load in loads]
    for index in chance.sample(range(len(loads)), wanted - sum(loads)):
        loads[index] += 1
    text = io.StringIO()
    text.write(
        "date,Usage_kWh,Lagging_Current_Reactive_Power_kVarh,Leading_Current_Reactive_Power_kVarh,CO2(tCO2),"
        "Lagging_Current_Power_Factor,Leading_Current_Power_Factor,NSM,WeekStatus,Day_of_week,Load_Type\r\n"
    )
    rows = csv.writer(text, lineterminator="\r\n")
    for position, load in enumerate(loads):
        day, quarter = days[position // QUARTERS_PER_DAY], (position + 1) % QUARTERS_PER_DAY
        week = "Weekend" if day.weekday() >= 5 else "Weekday"
        kind = "Maximum_Load" if load > 5000 else "Light_Load"
        label = f"{day:%d/%m/%Y} {quarter // 4:02d}:{quarter % 4 * 15:02d}"
        usage = f"{load // 100}.{load % 100:02d}".rstrip("0").rstrip(".")
        rows.writerow([label, usage, "0", "0", "0", "100", "100", quarter * 900, week, f"{day:%A}", kind])
    return text.getvalue().encode("utf-8-sig")
