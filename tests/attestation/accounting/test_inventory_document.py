"""DOMAIN 46: the document of an inventory is read strictly, beside its base year and with its ten steps."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from attestation.accounting.inventory import STEPS
from attestation.accounting.inventory_document import yearly_inventory
from attestation.errors import SchemaRefused

CERTAIN = {"activity_uncertainty": "0", "factor_uncertainty": "0"}
DOCUMENT: dict[str, Any] = {
    "v": 1,
    "type": "inventory",
    "organisation": "88.608.5288/A",
    "year": 2024,
    "gwp": "ar5",
    "boundary": {"approach": "control", "description": "works 1"},
    "base_year": {"year": 2020, "total": "100.00", "unit": "tCO2e", "threshold_percent": "5"},
    "sources": [
        {"id": "boiler", "scope": 1, "gas": "CO2", "mass": "80", "unit": "t", "counts": ["88.608.5288/GAS"], **CERTAIN},
        {"id": "slip", "scope": 1, "gas": "CH4", "mass": "500", "unit": "kg", "counts": ["88.608.5288/GAS"], **CERTAIN},
    ],
    "steps": {step: f"document of {step}" for step in STEPS},
}


def _with(**changed: object) -> dict[str, Any]:
    """The document with members changed, `__` between the parts of a path, or taken away by Ellipsis."""
    found = copy.deepcopy(DOCUMENT)
    for path, value in changed.items():
        *way, last = [int(part) if part.isdecimal() else part for part in path.split("__")]
        holder: Any = found
        for part in way:
            holder = holder[part]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value
    return found


def _refused(document: object) -> SchemaRefused:
    with pytest.raises(SchemaRefused) as refused:
        yearly_inventory(document)
    assert refused.value.message_zh
    return refused.value


def test_kilograms_are_converted_and_the_year_stands_beside_its_base_year_worked_by_hand_domain_46() -> None:
    """80 + 500 ÷ 1000 × 28 = 94; 94 − 100 = −6, which is −6 %."""
    found = yearly_inventory(DOCUMENT)
    assert str(found.inventory.total) == "94.00"
    assert [str(step.value) for step in found.comparison][-1] == "-6.00"
    assert found.as_dict()["base_year"]["compared_with"] == "100.00"  # type: ignore[index]  # a tree of plain members


def test_one_meter_gives_several_gases_and_each_gas_once_domain_46() -> None:
    error = _refused(_with(sources__1__gas="CO2"))
    assert (error.rule, "sources[1].counts (slip)" in error.message) == ("inventory.counted_twice", True)
    # What is burnt here and what others emit to bring the same fuel here are two things.
    upstream = yearly_inventory(_with(sources__1__gas="CO2", sources__1__scope=3)).inventory
    assert str(upstream.by_scope[3]) == "0.50"
    assert _refused(_with(sources__1__gas="CO2", sources__1__scope=2)).rule == "inventory.counted_twice"


def test_a_meter_behind_a_counted_one_is_refused_domain_46() -> None:
    sub = {**DOCUMENT["sources"][0], "id": "sub", "counts": ["88.608.5288/SUB"]}
    main = {**DOCUMENT["sources"][0], "above": ["88.608.5288/SUB"]}
    assert _refused(_with(sources=[main, sub])).rule == "inventory.submeter"


def test_a_share_is_stated_where_shares_count_and_uncertainties_always() -> None:
    assert _refused(_with(boundary__approach="equity")).rule == "document.members"
    shares = {f"sources__{at}__share_percent": "50" for at in (0, 1)}
    assert str(yearly_inventory(_with(boundary__approach="equity", **shares)).inventory.total) == "47.00"
    for name in CERTAIN:
        error = _refused(_with(**{f"sources__1__{name}": ...}))
        assert (error.rule, name in error.message) == ("document.members", True)


def test_a_first_inventory_is_its_own_base_year_domain_46() -> None:
    assert yearly_inventory(_with(base_year__year=2024, base_year__total="94.00")).base.restated is False
    assert _refused(_with(base_year__year=2024)).rule == "inventory.base_year"
    change = {"cause": "error", "difference": "1.00", "reason": "typing error"}
    error = _refused(_with(base_year__year=2024, base_year__total="94.00", base_year__changes=[change]))
    assert (error.rule, "base_year.changes" in error.message) == ("inventory.base_year", True)


def test_changes_restate_the_base_year_that_is_compared_with_domain_46() -> None:
    change = {"cause": "structure", "difference": "-6.00", "reason": "workshop sold"}
    found = yearly_inventory(_with(base_year__changes=[change]))
    assert (found.base.restated, str(found.base.after.total)) == (True, "94.00")
    assert str(found.comparison[0].value) == "0.00"


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("type", "park-total", "document.kind"),
        ("organisation", "somebody", "document.identifier"),
        ("gwp", "sar", "document.choice"),
        ("gwp", 5, "document.choice"),
        ("boundary__approach", "gut feeling", "document.choice"),
        ("boundary__description", " ", "document.text"),
        ("boundary__colour", "red", "document.members"),
        ("base_year__unit", "t", "document.unit"),
        ("base_year__total", "100", "emissions.places"),
        ("base_year__total", 100, "decimal.grammar"),
        ("base_year__year", 2025, "inventory.base_year"),
        ("base_year__threshold_percent", "-5", "inventory.threshold"),
        ("base_year__changes", [{"cause": "growth", "difference": "1.00", "reason": "sales"}], "inventory.cause"),
        ("base_year__changes", [{"cause": "error", "difference": "1.00"}], "document.members"),
        ("base_year__changes", [{"cause": "error", "difference": "-100.01", "reason": "x"}], "inventory.base"),
        ("sources", [], "inventory.empty"),
        ("sources__1__id", "boiler", "inventory.duplicate"),
        ("sources__1__scope", 4, "document.integer"),
        ("sources__1__gas", "CFC-11", "gas.unknown"),
        ("sources__1__gas", "HFC-23", "gas.potential"),
        ("sources__1__mass", "-0.001", "gas.negative"),
        ("sources__1__mass", "100000000001", "inventory.absurd"),
        ("sources__1__unit", "g", "document.unit"),
        ("sources__1__counts", [], "inventory.uncounted"),
        ("sources__1__share_percent", "50", "inventory.share"),
        ("sources__1__factor_uncertainty", "-1", "inventory.uncertainty"),
        ("steps__report", ..., "inventory.step"),
        ("steps__report", "", "document.text"),
        ("steps__wishes", "list", "document.members"),
    ],
)
def test_a_bad_member_is_refused_at_its_path_domain_46(path: str, value: object, rule: str) -> None:
    error = _refused(_with(**{path: value}))
    assert error.rule == rule
    if path.startswith("sources__1__"):
        assert "sources[1]" in error.message
