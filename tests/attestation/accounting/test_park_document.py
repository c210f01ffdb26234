"""DOMAIN 35: the document of a park's sources is read strictly, and refused at the member's path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from attestation.accounting.park_document import park_total
from attestation.errors import SchemaRefused

DOCUMENT: dict[str, Any] = {
    "v": 1,
    "type": "park-total",
    "park": "88.608.1/PARK",
    "year": 2024,
    "sources": [
        {
            "id": "main",
            "category": "energy.electricity",
            "scope": 2,
            "emissions": "10.00",
            "unit": "tCO2e",
            "counts": ["88.608.1/MAIN#power"],
            "above": ["88.608.5288/METER_1"],
        },
        {
            "id": "锅炉",
            "category": "enterprises.fuel",
            "scope": 1,
            "emissions": "5",
            "unit": "tCO2e",
            "counts": ["document:coal-2024"],
        },
    ],
}


def _with(path: str, value: object) -> dict[str, Any]:
    """The document with one member changed, or taken away by Ellipsis."""
    found = copy.deepcopy(DOCUMENT)
    *way, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    holder: Any = found
    for part in way:
        holder = holder[part]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return found


def test_a_document_becomes_a_total_that_prints_its_sources_as_they_were_stated() -> None:
    found = park_total(DOCUMENT).as_dict()
    assert found["sources"] == DOCUMENT["sources"]
    assert (found["park"], found["year"]) == ("88.608.1/PARK", 2024)
    assert found["scopes"] == {"scope1": "5.00", "scope2": "10.00", "scope3": "0.00"}


@pytest.mark.parametrize("name", ["v", "type", "park", "year", "sources"])
def test_every_member_of_the_document_is_required(name: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        park_total(_with(name, ...))
    assert (refused.value.rule, name in refused.value.message) == ("document.members", True)


@pytest.mark.parametrize("name", ["id", "category", "scope", "emissions", "unit", "counts"])
def test_every_member_of_a_source_is_required(name: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        park_total(_with(f"sources/1/{name}", ...))
    assert refused.value.rule == "document.members"
    assert "sources[1]" in refused.value.message
    assert name in refused.value.message


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("v", True, "document.kind"),
        ("v", 2, "document.kind"),
        ("type", "inventory", "document.kind"),
        ("park", "no identifier", "document.identifier"),
        ("park", 7, "document.identifier"),
        ("year", "2024", "document.integer"),
        ("year", 1989, "document.integer"),
        ("year", True, "document.integer"),
        ("sources", {}, "document.type"),
        ("sources", [], "park.empty"),
        ("sources/1", "boiler", "document.type"),
        ("sources/1/colour", "red", "document.members"),
        ("sources/1/id", "", "document.text"),
        ("sources/1/id", " 锅炉", "document.text"),
        ("sources/1/id", "a\nb", "document.text"),
        ("sources/1/id", "main", "park.duplicate"),
        ("sources/1/category", "enterprises.magic", "park.category"),
        ("sources/1/scope", 0, "document.integer"),
        ("sources/1/scope", 2, "park.scope"),
        ("sources/1/emissions", 5, "decimal.grammar"),
        ("sources/1/emissions", "+5", "decimal.grammar"),
        ("sources/1/emissions", "--5", "decimal.grammar"),
        ("sources/1/emissions", "-0.00", "decimal.grammar"),
        ("sources/1/emissions", "-5", "park.tonnes"),
        ("sources/1/emissions", "-0.05", "park.tonnes"),
        ("sources/1/emissions", "5.001", "park.tonnes"),
        ("sources/1/emissions", "100000000.01", "park.absurd"),
        ("sources/1/unit", "t", "document.unit"),
        ("sources/1/unit", "kgCO2e", "document.unit"),
        ("sources/1/counts", [], "park.uncounted"),
        ("sources/1/counts", "document:coal-2024", "document.type"),
        ("sources/1/counts", ["coal"], "document.identifier"),
        ("sources/1/counts", ["88.608.1/MAIN#"], "document.identifier"),
        ("sources/1/counts", ["88.608.1/MAIN#a#b"], "document.identifier"),
        ("sources/1/counts", [3], "document.identifier"),
        ("sources/1/counts", ["88.608.1/MAIN"], "park.counted_twice"),
        ("sources/1/counts", ["document:coal-2024", "document:coal-2024"], "park.counted_twice"),
        ("sources/1/counts", ["88.608.5288/METER_1#power"], "park.submeter"),
    ],
)
def test_a_bad_member_is_refused_at_its_path_domain_35(path: str, value: object, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        park_total(_with(path, value))
    assert refused.value.rule == rule
    assert refused.value.message_zh
    if path.startswith("sources/1"):
        assert "sources[1]" in refused.value.message


def test_what_is_no_object_is_refused() -> None:
    for value in ([], "text", 3):
        with pytest.raises(SchemaRefused, match=r"document\.type"):
            park_total(value)
