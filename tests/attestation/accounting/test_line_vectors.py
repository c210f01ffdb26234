"""Golden vectors of single lines; the recipe stands in the file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attestation.accounting import RecomputedLine, load_bundled
from attestation.accounting.combustion import burn
from attestation.accounting.energy import purchased_electricity, purchased_heat
from attestation.decimals import round_half_up
from attestation.units import convert

_FILE = Path(__file__).parents[2] / "vectors" / "accounting" / "lines.json"
VECTORS: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["vectors"]


def _line(vector: dict[str, Any]) -> RecomputedLine:
    factors = load_bundled(*vector["factor_set"])
    quantity, unit, name = Decimal(vector["quantity"]), vector["unit"], vector["factor"]
    if vector["kind"] == "combustion":
        return burn("x", quantity, unit, factors.fuels[name])
    if vector["kind"] == "electricity":
        return purchased_electricity("x", quantity, unit, factors.electricity[name])
    return purchased_heat("x", quantity, unit, factors.heat[name])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_line_worked_by_hand(vector: dict[str, Any]) -> None:
    line = _line(vector)
    assert line.unrounded == Decimal(vector["product"])
    assert str(line.emissions) == vector["emissions"]


def test_the_steel_plants_year_of_readings_becomes_959_640_mwh_domain_36() -> None:
    mwh = round_half_up(convert(Decimal("959640.31"), "kWh", "MWh"), 3)
    assert str(mwh) == "959.640"
    factors = load_bundled("cets-steel", "03.01-v01-2024")
    emissions = {
        name: str(purchased_electricity("x", mwh, "MWh", factors.electricity[name]).emissions)
        for name in ("ets_constant/2020", "ets_constant/2021", "national_average/2021")
    }
    assert emissions == {
        "ets_constant/2020": "585.48",
        "ets_constant/2021": "557.55",
        "national_average/2021": "534.33",
    }


def test_a_rounded_ratio_would_change_the_last_digit_domain_36() -> None:
    """Why ×44/12 is a rational: with 3.6667, as tables print it, the same line is 2.89 t higher."""
    vector = next(v for v in VECTORS if v["name"] == "rounded-ratio-would-change-the-last-digit")
    carbon = Decimal("103810") * Decimal("43.07") * Decimal("0.0196") * Decimal("0.99")
    assert round_half_up(carbon * Decimal("3.6667"), 2) - Decimal(vector["emissions"]) == Decimal("2.89")
