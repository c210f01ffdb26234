"""``tanlu policy``: what is built is what the log takes, and what was published can be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.policies import NATIONAL_THRESHOLD_TONNES, read_calendar, read_coverage_list, read_rules
from attestation.statements import Policy, parse_body
from tanlu.client import Client

from ..conftest import ENTERPRISE, PARK, World
from .conftest import Json, Run

STEEL = "cets-steel@03.01-v01-2024"


def body(path: Path) -> Policy:
    found = parse_body("policy", json.loads(path.read_bytes()))
    assert isinstance(found, Policy)
    return found


def yearly(path: Path, *, version: str = "1", year: int = 2023, since: str = "2023-01-01") -> list[object]:
    return ["--year", year, "--version", version, "--effective-from", since, "-o", path]


def publish(client: Client, world: World, number: int, path: Path) -> None:
    client.submit(world.sign("policy", PARK, world.registrar, "policies", number, body(path)))


def test_a_calendar_says_what_differs_from_the_default(answer: Json, tmp_path: Path) -> None:
    out = tmp_path / "calendar.json"
    days = ["--holiday", "2024-02-13", "--holiday", "2024-02-12", "--workday", "2024-02-18"]
    told = answer("policy", "calendar", *days, "--deadline", "report=04-30", *yearly(out))
    assert (told["policy"], told["id"], told["version"]) == ("calendar", "park-2023", "1")
    calendar = read_calendar(body(out).document)
    assert (len(calendar.holidays), len(calendar.workdays), calendar.evidence_days) == (2, 1, 40)
    assert calendar.deadline(next(iter(calendar.deadlines))) == 1_714_492_800, "through 30 April 2024 in China"


def test_a_compressed_calendar_is_built_of_instants(answer: Json, tmp_path: Path) -> None:
    out, words = tmp_path / "calendar.json", []
    for minute, name in enumerate(("report", "registration", "allocation", "surrender", "carry_over", "close")):
        words += ["--deadline", f"{name}=2024-01-01T00:{minute:02}:00Z"]
    answer("policy", "calendar", *words, "--day-seconds", 2, "--evidence-days", 0, *yearly(out))
    assert read_calendar(body(out).document).day_seconds == 2


@pytest.mark.parametrize(
    ("words", "rule", "value"),
    [
        (["--workday", "2024-02-19"], "calendar.workday", "2024-02-19"),
        (["--holiday", "2024-02-30"], "date.format", "2024-02-30"),
        (["--deadline", "report=07-01"], "calendar.order", "registration before report"),
        (["--deadline", "report"], "policy.option", "report"),
        (["--deadline", "party=07-01"], "policy.document", "party"),
        (["--day-seconds", 2, "--holiday", "2024-01-01"], "calendar.compressed", "day_seconds 2"),
    ],
)
def test_a_calendar_that_the_log_would_refuse_is_not_written(
    answer: Json, tmp_path: Path, words: list[object], rule: str, value: str
) -> None:
    out = tmp_path / "calendar.json"
    refused = answer("policy", "calendar", *words, *yearly(out), code=1)
    assert refused["rule"] == rule
    assert value in refused["value"]
    assert not out.exists()


def test_a_list_is_made_of_a_table_in_any_order(answer: Json, tmp_path: Path) -> None:
    table, out = tmp_path / "list.csv", tmp_path / "list.json"
    table.write_text("identifier,obliged,threshold_tonnes\n88.608.7000/B,no,4000\n88.608.5288/A,yes,\n", "utf-8-sig")
    answer("policy", "coverage-list", table, *yearly(out))
    found = read_coverage_list(body(out).document)
    assert [(each.identifier, each.obliged, each.threshold_tonnes) for each in found.entries] == [
        ("88.608.5288/A", True, NATIONAL_THRESHOLD_TONNES),
        ("88.608.7000/B", False, 4_000),
    ]


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("name,obliged\nA,yes\n", "policy.table", "name"),
        ("identifier,obliged\n88.608.5288/A,perhaps\n", "policy.table", "line 2"),
        ("identifier,obliged,threshold_tonnes\n88.608.5288/A,yes,26e3\n", "policy.table", "26e3"),
        ("identifier,obliged\n88.608.5288/A,yes,1,2\n", "policy.table", "line 2"),
        ("identifier,obliged\nA,yes\n", "identifier.form", "A"),
        ("identifier,obliged\n88.608.5288/A,yes\n88.608.5288/A,no\n", "policy.document", "88.608.5288/A"),
    ],
)
def test_another_table_is_refused_by_its_line(answer: Json, tmp_path: Path, text: str, rule: str, value: str) -> None:
    table, out = tmp_path / "list.csv", tmp_path / "list.json"
    table.write_text(text, "utf-8")
    refused = answer("policy", "coverage-list", table, *yearly(out), code=1)
    assert refused["rule"] == rule
    assert value in refused["value"]
    assert not out.exists()


def test_rules_are_set_by_name(answer: Json, tmp_path: Path) -> None:
    out = tmp_path / "rules.json"
    words = ["objection_days=3", "admission_required=yes", "jump_multiple=2.5", "reminder_days=14,3"]
    answer("policy", "rules", *[word for each in words for word in ("--set", each)], *yearly(out))
    rules = read_rules(body(out).document)
    assert (rules.objection_days, rules.admission_required, str(rules.jump_multiple)) == (3, True, "2.5")
    assert (rules.reminder_days, rules.decision_days) == ((14, 3), 10)


@pytest.mark.parametrize("word", ["objection_days=soon", "admission_required=perhaps", "mercy=yes", "jump_multiple=x"])
def test_other_rules_are_refused(answer: Json, tmp_path: Path, word: str) -> None:
    out = tmp_path / "rules.json"
    refused = answer("policy", "rules", "--set", word, *yearly(out), code=1)
    assert refused["rule"] == "policy.document"
    assert not out.exists()


def test_a_correction_names_version_and_reason(answer: Json, tmp_path: Path) -> None:
    out = tmp_path / "factors.json"
    words = ["--corrects", "03.01-v00-2024", "--reason", "coke was mistyped", "--effective-from", "2024-01-01"]
    answer("policy", "correct", STEEL, *words, "-o", out)
    corrects = body(out).corrects
    assert corrects is not None
    assert (corrects.version, corrects.reason) == ("03.01-v00-2024", "coke was mistyped")


def test_what_was_published_is_listed_with_what_is_in_force(
    answer: Json, run: Run, client: Client, world: World, tmp_path: Path
) -> None:
    for number, version in enumerate(("1", "2"), 1):
        out = tmp_path / f"rules-{version}.json"
        answer("policy", "rules", *yearly(out, version=version))
        publish(client, world, number, out)
    found = answer("policy", "published", "--server", client.base_url)["policies"]
    assert [(one["version"], one["in_force"]) for one in found] == [("1", False), ("2", True)]
    forced = answer("policy", "published", "--in-force", "--year", 2023, "--server", client.base_url)["policies"]
    assert [one["version"] for one in forced] == ["2"]
    assert answer("policy", "published", "--on", "2022-01-01", "--in-force", "--server", client.base_url) == {
        "policies": []
    }
    assert answer("policy", "touched", "rules", "park-2023", "2", "--server", client.base_url)["reports"] == []
    unknown = answer("policy", "touched", "rules", "park-2023", "9", "--server", client.base_url, code=1)
    assert unknown["rule"] == "policies.unknown"
    assert "serves from" in run("policy", "published", "--server", client.base_url).stdout
    assert "适用起始" in run("policy", "published", "--server", client.base_url, "--lang", "zh").stdout
    assert "生效中" in run("policy", "published", "--server", client.base_url, "--lang", "zh").stdout


def test_deadlines_are_listed_with_their_states(
    answer: Json, run: Run, client: Client, world: World, tmp_path: Path
) -> None:
    table, out = tmp_path / "list.csv", tmp_path / "list.json"
    table.write_text(f"identifier,obliged\n{ENTERPRISE},yes\n", "utf-8")
    answer("policy", "coverage-list", table, *yearly(out))
    publish(client, world, 1, out)
    found = answer("deadlines", "--server", client.base_url)["deadlines"]
    named = {(one["enterprise"], one["name"]): one["state"] for one in found}
    assert named[ENTERPRISE, "report"] == "missed"
    assert named[None, "surrender"] == "over"
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert answer("deadlines", ENTERPRISE, "--open", "--server", client.base_url) == {"deadlines": []}
    assert "逾期未完成" in run("deadlines", "--year", 2023, "--server", client.base_url, "--lang", "zh").stdout
