"""``tanlu park-total``: a park's total from a file, scopes apart (DOMAIN 35), and the check value (DOMAIN 38)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attestation.accounting.park_boundary import CATEGORIES
from attestation.accounting.park_document import park_total
from tanlu.cli import main
from tanlu.cli.park_text import park_text

from .calculator import repeat
from .conftest import Json, Run

CHAPTER = (Path(__file__).parents[3] / "docs" / "accounting.md").read_text(encoding="utf-8").partition("## 10.")[2]
EXAMPLE = CHAPTER.split("```json\n")[1].split("```")[0]
SHOWN = [block.split("```")[0] for block in CHAPTER.split("```text\n")[1:]]


@pytest.fixture
def run() -> Run:
    """Neither key, trust file nor service: the command needs none."""

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def park(tmp_path: Path) -> Path:
    path = tmp_path / "park.json"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("year", "computed", "published"),
    [(2020, "88.79", "88.87"), (2021, "97.43", "97.50"), (2022, "100.60", "100.60")],
)
def test_the_check_value_stands_beside_the_published_one_domain_38(
    run: Run, answer: Json, year: int, computed: str, published: str
) -> None:
    found = answer("park-total", "--ganzhou", year)
    assert (found["total_10kt"], found["published_10kt"]) == (computed, published)
    text = run("park-total", "--ganzhou", year).stdout
    assert f"computed {computed}, published {published}" in text
    assert "never an obligation" in text
    assert {"oil share", "electricity", "scope1", "scope2", "total", "deviation"} <= set(repeat(text))
    assert (
        f"计算值 {computed} 万吨，公布值 {published} 万吨"
        in run("park-total", "--ganzhou", year, "--lang", "zh").stdout
    )


def test_the_check_value_in_the_docs_is_what_the_command_ends_in(run: Run) -> None:
    assert run("park-total", "--ganzhou", 2020).stdout.endswith(SHOWN[0])


def test_the_example_in_the_docs_gives_what_the_docs_say(run: Run, park: Path) -> None:
    assert run("park-total", park).stdout.endswith(SHOWN[1])


def test_every_figure_of_the_total_has_its_step_domain_35(run: Run, answer: Json, park: Path) -> None:
    text = run("park-total", park).stdout
    found = answer("park-total", park)
    symbols = repeat(text)
    assert len(symbols) == len(set(symbols)) == len(found["steps"])
    values = {step["symbol"]: step["value"] for step in found["steps"]}
    figures = found["scopes"] | found["parts"] | found["categories"]
    figures |= {name: found[name] for name in ("gross", "deductions", "net")}
    assert figures.items() <= values.items()
    for source in found["sources"]:
        assert (
            f"{source['id']} ({source['category']}, scope 范围 {source['scope']}): {source['emissions']} tCO2e" in text
        )


@pytest.mark.parametrize(
    ("language", "said"), [("en", "none of it is ever surrendered against"), ("zh", "任何部分均不用于清缴")]
)
def test_that_it_is_never_surrendered_against_is_said_domain_35(run: Run, park: Path, language: str, said: str) -> None:
    assert said in run("park-total", park, "--lang", language).stdout.splitlines()[-1]


def test_every_category_has_a_row_in_both_languages() -> None:
    """A park of one source of each category: its row has its name, in Chinese too, and one amount."""
    document = json.loads(EXAMPLE)
    document["sources"] = [_source(name, scopes[0]) for name, (_, scopes) in CATEGORIES.items()]
    total = park_total(document).as_dict()
    for zh in (False, True):
        rows = [line.split() for line in park_text(total, zh=zh).splitlines()]
        for name in CATEGORIES:
            (row,) = [row for row in rows if row[:1] == [name] and row[1:2] != ["="]]
            assert row[-1] == "1.00"
            assert len(row) == (3 if zh else 2)


def _source(name: str, scope: int) -> dict[str, Any]:
    counts = [f"document:{name}"]
    return {
        "id": f"the {name}",
        "category": name,
        "scope": scope,
        "emissions": "1.00",
        "unit": "tCO2e",
        "counts": counts,
    }


@pytest.mark.parametrize(
    ("changed", "to", "rule", "path"),
    [
        ('"year": 2024,', '"year": 2024, "colour": "red",', "document.members", "document"),
        ('"type": "park-total"', '"type": "inventory"', "document.kind", "type"),
        ('"scope": 2', '"scope": 1', "park.scope", "sources[0].scope"),
        ('"3000.30", "unit": "tCO2e"', '"3000.30", "unit": "10kt"', "document.unit", "sources[1].unit"),
        ('"600.60"', '"-600.60"', "park.tonnes", "sources[2].emissions"),
        ('"18.18"', '"-18.18"', "park.tonnes", "sources[6].emissions"),
        ('"600.60"', '"1e3"', "decimal.grammar", "sources[2].emissions"),
        ('"600.60"', "600.60", "json.float", "600.60"),
        (
            '"document:limestone-weighings-2024"',
            '"document:coal-weighings-2024"',
            "park.counted_twice",
            "sources[2].counts",
        ),
        ('"88.608.5288/GAS_METER"', '"88.608.5288/METER_1#gas"', "park.submeter", "sources[1].counts"),
    ],
)
def test_a_bad_file_is_refused_at_its_path_in_both_languages_domain_35(
    run: Run, answer: Json, park: Path, changed: str, to: str, rule: str, path: str
) -> None:
    assert changed in EXAMPLE
    park.write_text(EXAMPLE.replace(changed, to, 1), encoding="utf-8")
    refused = answer("park-total", park, code=1)
    assert refused["rule"] == rule
    assert path in refused["message"]
    assert path in refused["message_zh"]
    shown = run("park-total", park, "--lang", "zh")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert rule in shown.stderr


def test_a_year_that_the_study_does_not_have_is_refused(answer: Json) -> None:
    refused = answer("park-total", "--ganzhou", 2019, code=1)
    assert (refused["rule"], refused["value"]) == ("park.check_value", "2019")


def test_it_is_a_file_or_a_year_and_never_both(run: Run, park: Path) -> None:
    for arguments in ((), (park, "--ganzhou", 2020), (park.parent / "absent.json",)):
        assert run("park-total", *arguments).exit_code == 2
