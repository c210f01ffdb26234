from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestation.accounting import FactorSet, load_bundled

VECTORS = Path(__file__).parents[2] / "vectors" / "accounting"


@pytest.fixture(scope="session")
def steel() -> FactorSet:
    return load_bundled("cets-steel", "03.01-v01-2024")


@pytest.fixture
def document() -> dict[str, Any]:
    """A small factor set document of its own, fresh for each test to spoil."""
    text = (VECTORS / "factor_set.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
