"""``tanlu inventory``: an organisation's inventory from a file (DOMAIN 46)."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attestation.accounting.inventory import STEPS
from tanlu.cli import main

from .calculator import repeat
from .conftest import Json, Run

CHAPTER = (Path(__file__).parents[3] / "docs" / "accounting.md").read_text(encoding="utf-8").partition("## 10.")[2]
EXAMPLE = CHAPTER.split("```json\n")[2].split("```")[0]
SHOWN = [block.split("```")[0] for block in CHAPTER.split("```text\n")[1:]][2:]


@pytest.fixture
def run() -> Run:
    """Neither key, trust file nor service: the command needs none."""

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.json"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_example_in_the_docs_gives_what_the_docs_say(run: Run, file: Path) -> None:
    text = run("inventory", file).stdout
    source, base_year, table = SHOWN
    assert source in text.partition("\nboiler methane ")[2]
    assert base_year in text
    assert text.endswith(table)


def test_every_figure_has_its_step_domain_46(run: Run, answer: Json, file: Path) -> None:
    text = run("inventory", file).stdout
    found = answer("inventory", file)
    steps = [
        *found["steps"],
        *found["base_year"]["steps"],
        *(step for line in found["lines"] for step in line["steps"]),
    ]
    assert sorted(repeat(text)) == sorted(step["symbol"] for step in steps)
    totals = {step["symbol"]: step["value"] for step in found["steps"]}
    figures = found["scopes"] | {f"gas[{gas}]": value for gas, value in found["gases"].items()}
    figures |= {"total": found["total"], "uncertainty": found["uncertainty_percent"]}
    assert figures.items() <= totals.items()
    for line in found["lines"]:
        (emissions,) = [step["value"] for step in line["steps"] if step["symbol"] == "E"]
        assert emissions == line["emissions"]


def test_boundary_base_year_seven_gases_and_ten_steps_are_all_said_domain_46(run: Run, file: Path) -> None:
    for language, said in (
        ("en", ("by the share that is owned", "never for growth", "recalculated: 972.50", "± 3.55 %", "surrendered")),
        ("zh", ("股权比例法", "产量增长不重算", "已重算: 972.50", "± 3.55 %", "任何部分均不用于清缴")),
    ):
        text = run("inventory", file, "--lang", language).stdout
        for words in said:
            assert words in text
        starts = [line.split()[0] for line in text.splitlines() if line.split()]
        assert {"CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3"} <= set(starts)
        assert text.count("2020, recalculation of 2024") == 1
        if language == "en":
            assert set(STEPS) <= set(starts)


@pytest.mark.parametrize(
    ("changed", "to", "rule", "path"),
    [
        ('"gwp": "ar6"', '"gwp": "ar4"', "document.choice", "gwp"),
        ('"approach": "equity"', '"approach": "control"', "inventory.share", "sources[4].share_percent"),
        ('"threshold_percent": "5"', '"threshold_percent": "0"', "inventory.threshold", "base_year.threshold_percent"),
        ('"cause": "structure"', '"cause": "growth"', "inventory.cause", "base_year.changes[0].cause"),
        ('"total": "1000.00"', '"total": "1000"', "emissions.places", "base_year.total"),
        ('"total": "1000.00"', '"total": "-1000.00"', "inventory.base", "base_year.total"),
        ('"year": 2020', '"year": 2025', "inventory.base_year", "base_year.year"),
        ('"mass": "400"', '"mass": "-400"', "gas.negative", "sources[0].mass"),
        ('"mass": "400", "unit": "t"', '"mass": "400", "unit": "MWh"', "document.unit", "sources[0].unit"),
        ('"gas": "CH4"', '"gas": "CO2"', "inventory.counted_twice", "sources[1].counts"),
        ('"gas": "HFC-134a"', '"gas": "HFCs"', "gas.unknown", "sources[2].gas"),
        ('"factor_uncertainty": "60"', '"factor_uncertainty": "-60"', "inventory.uncertainty", "sources[1].factor"),
        ('"feasibility": "study of November 2023",', "", "inventory.step", "steps.feasibility"),
        ('"feasibility"', '"wishes"', "document.members", "steps"),
    ],
)
def test_a_bad_file_is_refused_at_its_path_in_both_languages_domain_46(
    answer: Json, file: Path, changed: str, to: str, rule: str, path: str
) -> None:
    assert changed in EXAMPLE
    file.write_text(EXAMPLE.replace(changed, to, 1), encoding="utf-8")
    refused = answer("inventory", file, code=1)
    assert refused["rule"] == rule
    assert path in refused["message"]
    assert path in refused["message_zh"]
