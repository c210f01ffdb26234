from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.factor_sets import MAX_FACTORS, FactorSet
from attestation.errors import SchemaRefused

Document = dict[str, Any]


def test_a_set_holds_every_factor_with_unit_and_source(document: Document) -> None:
    factors = FactorSet.from_document(document)
    coal = factors.fuels["coal"]
    assert (coal.ncv, coal.carbon_content, coal.oxidation) == (Decimal("25.024"), Decimal("0.02749"), Decimal("0.99"))
    assert (coal.ncv_unit, coal.carbon_content_unit, coal.source) == ("GJ/t", "tC/GJ", "a laboratory")
    assert (coal.quantity_unit, factors.fuels["gas"].quantity_unit) == ("t", "1e4Nm3")
    assert factors.electricity["grid/2022"].factor == Decimal("0.5703")
    assert factors.heat["steam"].unit == "tCO2/GJ"
    assert factors.gwp["CH4"].value == 28


def test_the_hash_is_that_of_the_canonical_json_worked_by_hand() -> None:
    text = (
        '{"electricity":{"g":{"factor":"0.5","source":"省","unit":"tCO2/MWh"}},"fuels":{},"heat":{},'
        '"id":"a","source":"s","title":"t","version":"1"}'
    )
    factors = FactorSet.from_document(json.loads(text))
    assert factors.document_hash() == hashlib.sha256(text.encode("utf-8")).digest()


def test_member_order_does_not_change_the_hash_and_any_digit_does(document: Document) -> None:
    original = FactorSet.from_document(document)
    turned = FactorSet.from_document(dict(reversed(document.items())))
    assert turned.document_hash() == original.document_hash()
    document["fuels"]["coal"]["ncv"] = "25.025"
    assert FactorSet.from_document(document).document_hash() != original.document_hash()


def test_a_set_gives_its_document_back_and_cannot_be_changed_through_it(document: Document) -> None:
    factors = FactorSet.from_document(document)
    before = factors.document_hash()
    copy = factors.document()
    assert copy == document
    assert FactorSet.from_document(copy) == factors
    copy.clear()
    document["fuels"]["coal"]["ncv"] = "1"
    assert factors.document_hash() == before
    assert factors.fuels["coal"].ncv == Decimal("25.024")
    with pytest.raises(TypeError):
        factors.fuels["coal"] = factors.fuels["gas"]  # type: ignore[index]  # refused at run time too


def _set(path: str, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            document = document[parent]
        document[last] = value

    return change


def _drop(path: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            document = document[parent]
        del document[last]

    return change


@pytest.mark.parametrize(
    ("change", "rule", "told"),
    [
        # DOMAIN 37: units that trip people
        (_set("fuels.gas.carbon_content_unit", "tC/TJ"), "factor.unit", "fuels.gas.carbon_content_unit: tC/TJ"),
        (_set("fuels.gas.carbon_content", "15.32"), "factor.range", "fuels.gas.carbon_content: 15.32"),
        (_set("fuels.gas.ncv_unit", "GJ/Nm3"), "factor.unit", "GJ/t or GJ/1e4Nm3"),
        (_set("fuels.gas.ncv_unit", "kJ/Nm3"), "factor.unit", "fuels.gas.ncv_unit"),
        (_set("fuels.coal.ncv", "25024"), "factor.range", "at most 150"),
        (_set("fuels.coal.ncv", "5976"), "factor.range", "at most 150"),
        (_set("fuels.coal.oxidation", "99"), "factor.range", "above 0, at most 1"),
        (_set("fuels.coal.oxidation", "1.0001"), "factor.range", "fuels.coal.oxidation"),
        (_set("electricity.grid/2022.unit", "kgCO2/MWh"), "factor.unit", "tCO2/MWh"),
        (_set("electricity.grid/2022.factor", "570.3"), "factor.range", "at most 2"),
        (_set("heat.steam.unit", "tCO2/MWh"), "factor.unit", "tCO2/GJ"),
        (_set("heat.steam.factor", "110"), "factor.range", "heat.steam.factor"),
        # zero, sign, form
        (_set("fuels.coal.ncv", "0"), "factor.range", "above 0"),
        (_set("fuels.coal.ncv", "0.000"), "factor.range", "above 0"),
        (_set("fuels.coal.oxidation", "0"), "factor.range", "above 0"),
        (_set("fuels.coal.carbon_content", "0"), "factor.range", "above 0"),
        (_set("electricity.grid/2022.factor", "0"), "factor.range", "above 0"),
        (_set("gwp.CH4.value", "0"), "factor.range", "gwp.CH4.value"),
        (_set("fuels.coal.ncv", "-25.024"), "decimal.grammar", "fuels.coal.ncv: -25.024"),
        (_set("fuels.coal.ncv", 25.024), "decimal.grammar", "a decimal string"),
        (_set("fuels.coal.ncv", 25), "decimal.grammar", "fuels.coal.ncv"),
        (_set("fuels.coal.ncv", None), "decimal.grammar", "fuels.coal.ncv"),
        (_set("fuels.coal.ncv", "2.5024e1"), "decimal.grammar", "fuels.coal.ncv"),
        # DOMAIN 36: a factor comes rounded, it is not rounded here
        (_set("fuels.coal.ncv", "25.0241"), "factor.places", "at most 3"),
        (_set("fuels.coal.carbon_content", "0.027491"), "factor.places", "at most 5"),
        # members
        (_set("note", "x"), "factor_set.members", "unknown member 'note'"),
        (_set("fuels.coal.ash", "x"), "factor_set.members", "fuels.coal: unknown member 'ash'"),
        (_set("electricity.grid/2022.year", "2022"), "factor_set.members", "unknown member 'year'"),
        (_drop("source"), "factor_set.members", "member 'source' is missing"),
        (_drop("heat"), "factor_set.members", "member 'heat' is missing"),
        (_drop("fuels.coal.source"), "factor_set.members", "fuels.coal: member 'source' is missing"),
        (_drop("fuels.coal.ncv_unit"), "factor_set.members", "member 'ncv_unit' is missing"),
        (_drop("electricity.grid/2022.unit"), "factor_set.members", "member 'unit' is missing"),
        (_set("fuels.coal.source", ""), "factor_set.text", "fuels.coal.source"),
        (_set("fuels.coal.source", "   "), "factor_set.text", "fuels.coal.source"),
        (_set("title", "a\nb"), "factor_set.text", "title"),
        (_set("title", "\ud800"), "factor_set.text", "title"),
        (_set("title", "x" * 501), "factor_set.text", "title"),
        (_set("id", "a b"), "factor_set.name", "id"),
        (_set("id", ""), "factor_set.name", "id"),
        (_set("id", 7), "factor_set.name", "id"),
        (_set("version", "x" * 65), "factor_set.name", "version"),
        (_set("fuels", []), "factor_set.type", "fuels"),
        (_set("fuels.coal", "25"), "factor_set.type", "fuels.coal"),
        (_set("fuels", {"煤": {}}), "factor_set.name", "fuels"),
        (_set("heat", {str(n): {} for n in range(MAX_FACTORS + 1)}), "factor_set.size", "at most 256"),
    ],
)  # fmt: skip
def test_a_spoilt_document_is_refused_by_member_rule_and_value(
    document: Document, change: Callable[[Document], None], rule: str, told: str
) -> None:
    change(document)
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(document)
    assert refusal.value.step == 9
    assert refusal.value.rule == rule
    assert told in refusal.value.message + refusal.value.expected
    assert refusal.value.message_zh


_LIMESTONE = {"factor": "0.439618", "unit": "tCO2/t", "source": "stoichiometry"}
_COKE = {"factor": "0.83", "unit": "tC/t", "source": "a laboratory"}


@pytest.mark.parametrize(
    ("family", "entry", "rule", "told"),
    [
        ("process", {"unit": "kgCO2/t", "factor": "439.618"}, "factor.unit", "process.x.unit: kgCO2/t"),
        ("process", {"unit": "tC/t"}, "factor.unit", "tCO2/t"),
        ("process", {"factor": "43.9"}, "factor.range", "at most 4"),
        ("process", {"factor": "0.4396182"}, "factor.places", "at most 6"),
        ("carbon", {"unit": "%", "factor": "83"}, "factor.unit", "tC/t or tC/1e4Nm3"),
        ("carbon", {"unit": "tC/GJ"}, "factor.unit", "carbon.x.unit"),
        ("carbon", {"factor": "83"}, "factor.range", "at most 1"),
        ("carbon", {"unit": "tC/1e4Nm3", "factor": "20.1"}, "factor.range", "at most 20"),
    ],
)
def test_a_process_factor_or_carbon_content_in_a_wrong_unit_is_refused_domain_37(
    document: Document, family: str, entry: dict[str, str], rule: str, told: str
) -> None:
    good = _LIMESTONE if family == "process" else _COKE
    document[family] = {"x": good}
    FactorSet.from_document(document)
    document[family] = {"x": good | entry}
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(document)
    assert (refusal.value.step, refusal.value.rule) == (9, rule)
    assert told in refusal.value.message + refusal.value.expected


def test_biomass_is_read_as_fuels_are(document: Document) -> None:
    document["biomass"] = {"straw": dict(document["fuels"]["coal"])}
    assert FactorSet.from_document(document).biomass["straw"].quantity_unit == "t"
    document["biomass"]["straw"] |= {"ncv_unit": "kJ/kg"}
    with pytest.raises(SchemaRefused, match=r"biomass\.straw"):
        FactorSet.from_document(document)


def test_a_set_of_one_family_is_a_set() -> None:
    bare = {"id": "a", "version": "1", "title": "t", "source": "s", "fuels": {}, "electricity": {}, "heat": {}}
    assert list(FactorSet.from_document(bare | {"process": {"x": _LIMESTONE}}).process) == ["x"]
    assert list(FactorSet.from_document(bare | {"carbon": {"x": _COKE}}).carbon) == ["x"]


@pytest.mark.parametrize("value", [None, [], "x", 1, {1: "a"}])
def test_what_is_not_an_object_is_refused(value: object) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(value)
    assert refusal.value.rule == "factor_set.type"


def test_a_set_without_any_factor_is_refused() -> None:
    empty = {"id": "a", "version": "1", "title": "t", "source": "s", "fuels": {}, "electricity": {}, "heat": {}}
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(empty)
    assert refusal.value.rule == "factor_set.empty"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.sampled_from(["id", "fuels", "fuels.coal", "fuels.coal.ncv", "heat.steam.unit", "gwp"]), value=_JSON)
def test_any_json_in_any_place_is_read_or_refused_and_never_crashes(path: str, value: object) -> None:
    entry = {
        "ncv": "25", "ncv_unit": "GJ/t", "carbon_content": "0.02", "carbon_content_unit": "tC/GJ", "oxidation": "1",
        "source": "s",
    }  # fmt: skip
    document: Document = {
        "id": "a", "version": "1", "title": "t", "source": "s", "fuels": {"coal": entry}, "electricity": {},
        "heat": {"steam": {"factor": "0.11", "unit": "tCO2/GJ", "source": "s"}}, "gwp": {},
    }  # fmt: skip
    _set(path, value)(document)
    try:
        factors = FactorSet.from_document(document)
    except SchemaRefused:
        return
    assert factors.document() == document


def test_a_fuel_is_fossil_or_biomass_and_never_what_the_reporter_chooses(document: Document) -> None:
    document["biomass"] = {"coal": dict(document["fuels"]["coal"])}
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(document)
    assert (refusal.value.rule, refusal.value.value) == ("factor_set.biomass", "coal")


@pytest.mark.parametrize("value", ["0.5", "28"])
def test_the_potential_of_co2_is_one_by_definition(document: Document, value: str) -> None:
    document["gwp"]["CO2"] = {"value": value, "source": "somebody"}
    with pytest.raises(SchemaRefused) as refusal:
        FactorSet.from_document(document)
    assert (refusal.value.rule, refusal.value.value) == ("factor.range", value)
    document["gwp"]["CO2"]["value"] = "1.000"
    assert FactorSet.from_document(document).gwp["CO2"].value == 1
