"""What every test may ask for, how files are spread over processes, and that a skip is no success where `CI=true`."""

from __future__ import annotations

import gzip
import os
from collections.abc import Generator, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings

from ganache import Engine, Node
from ganache import free_port as find_free_port

# No test is timed: a busy machine is no failure. Otherwise as the environment has it (Hypothesis knows CI).
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")

STEEL_HEADER = (
    "date,Usage_kWh,Lagging_Current_Reactive_Power_kVarh,Leading_Current_Reactive_Power_kVarh,CO2(tCO2),"
    "Lagging_Current_Power_Factor,Leading_Current_Power_Factor,NSM,WeekStatus,Day_of_week,Load_Type"
)


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: those who run a deployment wait for it during a third of the suite's time."""
    # macOS does not say which processors a process may use.
    of_ours = getattr(os, "sched_getaffinity", None)
    return 1 + (len(of_ours(0)) if of_ours else os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take a minute go first: the last to begin would keep all others waiting at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


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


def seeded_steel_file() -> bytes:
    """The demo's synthetic year with all eleven columns of the UCI file (CRLF too); the others hold plain values."""
    # Here, so that a run of other tests does not load the demo.
    from tanlu.demo.inputs import synthetic_meter_file

    lines = synthetic_meter_file()
    next(lines)
    rows = [STEEL_HEADER]
    for line in lines:
        label, usage = line.split(",")
        day = datetime.strptime(label, "%d/%m/%Y %H:%M")  # noqa: DTZ007  a label of the file, in the plant's own time
        seconds = (day.hour * 60 + day.minute) * 60
        week = "Weekend" if day.weekday() >= 5 else "Weekday"
        kind = "Maximum_Load" if Decimal(usage) > 50 else "Light_Load"
        rows.append(f"{label},{usage},0,0,0,100,100,{seconds},{week},{day:%A},{kind}")
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8-sig")
