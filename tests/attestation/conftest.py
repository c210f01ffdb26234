"""A park in memory for the tests of this folder: `memory_log` is loaded by its path, since tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"attestation_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_memory_log = _load("memory_log")
_casework = _load("casework")
_unitwork = _load("unitwork")
_marketwork = _load("marketwork")


@pytest.fixture(scope="session")
def world() -> ModuleType:
    """The names of `memory_log`: Park, MemoryLog, ORIGIN, NOW, quarter and the identifiers."""
    return _memory_log


@pytest.fixture
def park(world: ModuleType):
    """A park whose log holds the registrar's, the enterprise's and the meter's keys (entries 0 to 2)."""
    return world.Park.with_meter()


@pytest.fixture(scope="session")
def cases() -> ModuleType:
    """The names of `casework`."""
    return _casework


@pytest.fixture
def case(world: ModuleType, cases: ModuleType):
    """An enterprise's year with its verifiers, nothing reported yet."""
    return cases.Casework(world)


@pytest.fixture(scope="session")
def unitwork() -> ModuleType:
    """The names of `unitwork`."""
    return _unitwork


@pytest.fixture
def units(world: ModuleType, cases: ModuleType, unitwork: ModuleType):
    """A park with two enterprises that have asset keys; no terms, no figure, no units yet."""
    return unitwork.Unitwork(world, cases)


@pytest.fixture(scope="session")
def marketwork() -> ModuleType:
    """The names of `marketwork`."""
    return _marketwork


@pytest.fixture
def market(units, unitwork: ModuleType, marketwork: ModuleType):
    """Three enterprises with units and cash to trade; no terms, no reference price, no day yet."""
    return marketwork.Marketwork(units, unitwork)
