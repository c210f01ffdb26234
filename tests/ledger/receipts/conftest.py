"""The receipt vectors' recipe as a module: loaded by its path, since tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

VECTORS = Path(__file__).parents[2] / "vectors" / "receipts"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("receipt_vectors", VECTORS / "make_receipts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def recipe() -> ModuleType:
    """Evidence, MemoryChain, cases, files, patched and the indexes of the honest entries."""
    return _load()


@pytest.fixture(scope="session")
def log(recipe: ModuleType) -> Any:
    """A log of 22 entries, 14 of them honest."""
    return recipe.Evidence()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the committed vectors."""
    return VECTORS
