"""``tanlu report``: figures from evidence and factors, signed, recomputed by the service."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attestation.accounting import load_bundled
from attestation.decimals import round_half_up
from attestation.keys import Purpose
from attestation.statements import Policy
from tanlu.client import Client

from ..conftest import ENTERPRISE, METER, PARK, KeyFile, World
from .calculator import repeat
from .conftest import Json, Run
from .test_import_readings import meter_csv

FACTORS = ("cets-steel", "03.01-v01-2024")
PERIOD = ("--base", "direct", "--year", "2018", "--from", "2018-01-01T00:00:00Z", "--to", "2019-01-01T00:00:00Z")


@pytest.fixture
def electricity() -> str:
    return next(iter(load_bundled(*FACTORS).electricity))


@pytest.fixture
def fuel() -> str:
    return next(name for name, factor in load_bundled(*FACTORS).fuels.items() if factor.quantity_unit == "t")


@pytest.fixture
def lines(tmp_path: Path, electricity: str, fuel: str) -> Path:
    path = tmp_path / "lines.toml"
    path.write_text(
        f'[[lines]]\nid = "coal"\nkind = "combustion"\nname = "{fuel}"\nquantity = "12.345"\nunit = "t"\n'
        f'[[lines]]\nid = "power"\nkind = "electricity"\nname = "{electricity}"\n'
    )
    return path


@pytest.fixture
def imported(answer: Json, client: Client, key_file: KeyFile, world: World, tmp_path: Path) -> dict[str, Any]:
    key = key_file(world.meter, METER, Purpose.DEVICE)
    path = meter_csv(tmp_path / "m.csv", 120)
    options = ("--key", key, "--stream", "electricity", "--unit", "kWh", "--server", client.base_url)
    return answer("import-readings", path, *options)


def publish(client: Client, world: World) -> None:
    document = load_bundled(*FACTORS).document()
    body = Policy(
        policy="factor-set", id=FACTORS[0], version=FACTORS[1], effective_from="2018-01-01", document=document
    )
    client.submit(world.sign("policy", PARK, world.registrar, "policies", 1, body))


def build(answer: Json, lines: Path, out: Path, *more: object, code: int = 0) -> dict[str, Any]:
    arguments = ("report", "build", "--lines", lines, "--factor-set", "@".join(FACTORS), *PERIOD, "--out", out)
    return answer(*arguments, *more, code=code)


def test_a_report_from_an_imports_journal_is_signed_submitted_and_recomputed(
    answer: Json, client: Client, world: World, key_file: KeyFile, lines: Path, imported: dict[str, Any], tmp_path: Path
) -> None:
    publish(client, world)
    body, signed = tmp_path / "report.json", tmp_path / "report.jws"
    built = build(answer, lines, body, "--evidence", f"power={imported['journal']}")
    (citation,) = built["body"]["lines"][1]["evidence"]
    assert (citation["quantity"], citation["unit"]) == (imported["total"], "kWh")
    assert (citation["issuer"], citation["first_seq"], citation["last_seq"]) == (METER, 1, 120)
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    assert answer("report", "sign", body, "--key", key, "--out", signed)["stream"] == "reports"
    submitted = answer("report", "submit", signed, "--server", client.base_url)
    entry = client.entry(submitted["results"][0]["index"])
    assert (entry.type, entry.issuer) == ("report", ENTERPRISE)


def test_a_sum_off_by_the_last_digit_is_refused_with_line_claimed_and_recomputed(
    answer: Json, client: Client, world: World, key_file: KeyFile, lines: Path, imported: dict[str, Any], tmp_path: Path
) -> None:
    publish(client, world)
    body, signed = tmp_path / "report.json", tmp_path / "report.jws"
    build(answer, lines, body, "--evidence", f"power={imported['journal']}")
    document = json.loads(body.read_text())
    citation = document["lines"][1]["evidence"][0]
    wrong = format(Decimal(citation["quantity"]) + Decimal("0.01"), "f")
    citation["quantity"] = wrong
    body.write_text(json.dumps(document))
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    answer("report", "sign", body, "--key", key, "--out", signed)
    refused = answer("report", "submit", signed, "--server", client.base_url, code=1)
    assert (refused["rule"], refused["value"], refused["expected"]) == ("citation.sum", wrong, imported["total"])
    assert "power" in refused["message"]


@pytest.mark.parametrize("asked", [False, True], ids=["alone", "with-a-service"])
def test_a_report_that_is_certain_to_be_refused_is_not_signed_and_takes_no_place(
    answer: Json,
    client: Client,
    world: World,
    key_file: KeyFile,
    lines: Path,
    imported: dict[str, Any],
    tmp_path: Path,
    asked: bool,
) -> None:
    publish(client, world)
    body, signed = tmp_path / "report.json", tmp_path / "report.jws"
    build(answer, lines, body, "--evidence", f"power={imported['journal']}")
    good = body.read_text()
    document = json.loads(good)
    document["totals"]["obligation_tonnes"] += 1
    body.write_text(json.dumps(document))
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    service = ("--server", client.base_url) if asked else ()
    refused = answer("report", "sign", body, "--key", key, "--out", signed, *service, code=1)
    assert refused["rule"] == "totals.obligation_tonnes"
    assert refused["message_zh"]
    assert not signed.exists()
    assert not key.with_name(f"{key.name}.signed").exists()
    body.write_text(good)
    assert answer("report", "sign", body, "--key", key, "--out", signed, *service)["seq"] == 1


def test_evidence_by_range_is_summed_from_the_service(
    answer: Json, client: Client, lines: Path, imported: dict[str, Any], tmp_path: Path
) -> None:
    whole = f"power={METER}#electricity:1-120"
    built = build(answer, lines, tmp_path / "r.json", "--evidence", whole, "--server", client.base_url)
    assert built["body"]["lines"][1]["evidence"][0]["quantity"] == imported["total"]
    too_far = f"power={METER}#electricity:1-121"
    refused = build(answer, lines, tmp_path / "s.json", "--evidence", too_far, "--server", client.base_url, code=1)
    assert (refused["rule"], refused["value"]) == ("evidence.missing", "electricity seq 121")
    assert refused["message"].startswith("The log holds no reading here")
    assert refused["message_zh"].startswith("日志在此处没有读数")


def test_explain_shows_every_term_and_refuses_an_altered_figure(
    run: Run, answer: Json, client: Client, lines: Path, imported: dict[str, Any], tmp_path: Path
) -> None:
    body = tmp_path / "report.json"
    built = build(answer, lines, body, "--evidence", f"power={imported['journal']}")
    arguments = ("report", "explain", body, "--factor-set", "@".join(FACTORS))
    trace = answer(*arguments)
    assert trace == built["trace"]
    text = run(*arguments).stdout
    for line in trace["lines"]:
        assert all(term["value"] in text and term["source"] in text for term in line["terms"])
    document = json.loads(body.read_text())
    assert answer("report", "explain", body) == trace  # with the set that the report names
    document["totals"]["scope1"] = format(Decimal(document["totals"]["scope1"]) + Decimal("0.01"), "f")
    body.write_text(json.dumps(document))
    assert answer(*arguments, code=1)["rule"] == "totals.scope1"


def test_a_signed_report_and_a_receipt_are_explained_as_their_body_is(
    run: Run, answer: Json, lines: Path, imported: dict[str, Any], key_file: KeyFile, world: World, tmp_path: Path
) -> None:
    body, signed = tmp_path / "report.json", tmp_path / "report.jws"
    built = build(answer, lines, body, "--evidence", f"power={imported['journal']}")
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    answer("report", "sign", body, "--key", key, "-o", signed)
    assert answer("report", "explain", signed) == built["trace"]
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps({"v": 1, "type": "receipt", "entry": signed.read_text().strip()}))
    assert answer("report", "explain", receipt) == built["trace"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("eyJhIjoxfQ.eyJ0eXBlIjoicmVhZGluZyIsImJvZHkiOnt9fQ.AA", "body.type"),
        ("a.!.c", "base64url.alphabet"),
        ("nothing", "json.syntax"),
        ('{"type": "receipt"}', "body.schema"),
    ],
)
def test_what_says_no_report_is_not_explained(answer: Json, tmp_path: Path, content: str, rule: str) -> None:
    path = tmp_path / "some.txt"
    path.write_text(content)
    assert answer("report", "explain", path, code=1)["rule"] == rule


@pytest.mark.parametrize(
    ("evidence", "rule"),
    [
        ("power", "evidence.form"),
        ("=x", "evidence.form"),
        ("power=absent.journal", "journal.format"),
        ("gas={journal}", "lines.evidence"),
    ],
)
def test_evidence_that_says_nothing_is_refused(
    answer: Json, lines: Path, imported: dict[str, Any], tmp_path: Path, evidence: str, rule: str
) -> None:
    named = evidence.format(journal=imported["journal"])
    assert build(answer, lines, tmp_path / "r.json", "--evidence", named, code=1)["rule"] == rule


def test_a_number_in_a_lines_file_is_text_or_refused(answer: Json, lines: Path, tmp_path: Path) -> None:
    lines.write_text(lines.read_text().replace('"12.345"', "12.345"))
    assert build(answer, lines, tmp_path / "r.json", code=1)["rule"] == "lines.format"
    as_json = tmp_path / "lines.json"
    as_json.write_text('{"lines": [{"id": "a", "kind": "heat", "name": "x", "quantity": 1.5, "unit": "GJ"}]}')
    assert build(answer, as_json, tmp_path / "r.json", code=1)["rule"] == "json.float"


def test_an_unknown_factor_set_is_refused(answer: Json, lines: Path, tmp_path: Path) -> None:
    arguments = ("report", "build", "--lines", lines, *PERIOD, "--out", tmp_path / "r.json", "--factor-set")
    assert answer(*arguments, "cets-steel@1999", code=1)["rule"] == "factor_set.not_bundled"
    assert answer(*arguments, "cets-steel", code=1)["rule"] == "factor_set.name"


def test_an_unfinished_journal_is_no_evidence(
    answer: Json, lines: Path, imported: dict[str, Any], tmp_path: Path
) -> None:
    journal = Path(imported["journal"])
    journal.write_text("\n".join(journal.read_text().splitlines()[:-1]) + "\n")
    refused = build(answer, lines, tmp_path / "r.json", "--evidence", f"power={journal}", code=1)
    assert refused["rule"] == "journal.unfinished"


def test_the_receipt_of_a_statement_is_found_by_its_place(
    answer: Json, client: Client, world: World, tmp_path: Path
) -> None:
    statement = tmp_path / "s.jws"
    statement.write_bytes(world.reading(1))
    out = tmp_path / "receipt.json"
    arguments = ("receipt", "--statement", statement, "--out", out, "--server", client.base_url)
    assert answer(*arguments, code=1)["rule"] == "statement.absent"
    client.submit(statement.read_bytes())
    # Nothing is anchored here: the service says so, and no file is left.
    assert answer(*arguments, code=1)["status"] == 409
    assert not out.exists()
    out.write_text("precious")
    assert answer(*arguments, code=1)["rule"] == "file.exists"


DOCUMENT = Path(__file__).parents[3] / "docs" / "accounting.md"
KINDS = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
PARK_SET = ("--factor-set", "tanlu-park@2024")


def test_explain_prints_a_trace_that_recomputes_with_a_pocket_calculator(
    run: Run, answer: Json, imported: dict[str, Any], tmp_path: Path
) -> None:
    lines, body = tmp_path / "kinds.toml", tmp_path / "kinds.json"
    lines.write_text(KINDS)
    evidence = ("--evidence", f"power={imported['journal']};multiplier=40;accuracy=0.5")
    case = ("--plan", "ab" * 32, "--compiled-by", "88.608.5288/CONSULTANT", "--reason", "first of its year")
    built = answer("report", "build", "--lines", lines, *PARK_SET, *PERIOD, *evidence, *case, "--out", body)["body"]
    assert (built["plan"], built["compiled_by"], built["reason"]) == (case[1], case[3], case[5])
    cited = built["lines"][3]["evidence"][0]
    assert (cited["multiplier"], cited["accuracy_percent"]) == ("40", "0.5")
    text = run("report", "explain", body, *PARK_SET).stdout
    assert len(repeat(text)) > 30
    for line in built["lines"]:
        assert f"-> {line['emissions']} tCO2" in text
    assert f"= {built['totals']['obligation_tonnes']} t" in text
    assert "tanlu-park@2024" in text
    assert f"removals (apart) {built['totals']['removals']} t" in text


@pytest.mark.parametrize(
    ("changed", "to", "rule"),
    [
        ('batch = "feb", carbon', 'batch = "mar", carbon', "line.batches"),
        ('quantity = "120.5"', 'quantity = "-120.5"', "line.removal.negative"),
        ('hours = "8000"', 'hours = "2000"', "line.cems.completeness"),
        ('own = "0.001"', 'own = "999999"', "line.own"),
        ('quantity = "900"\n', 'quantity = "0"\n', "intensity.output_zero"),
        ('direction = "out"', 'direction = "in", colour = "red"', "lines.format"),
    ],
)
def test_activities_that_make_no_line_are_refused_by_rule_in_both_languages(
    answer: Json, imported: dict[str, Any], tmp_path: Path, changed: str, to: str, rule: str
) -> None:
    lines, body = tmp_path / "kinds.toml", tmp_path / "kinds.json"
    assert changed in KINDS
    lines.write_text(KINDS.replace(changed, to))
    named = ("--evidence", f"power={imported['journal']}")
    refused = answer("report", "build", "--lines", lines, *PARK_SET, *PERIOD, *named, "--out", body, code=1)
    assert refused["rule"] == rule
    assert refused["message_zh"]
    assert not body.exists()


def test_a_parts_evidence_and_an_outputs_are_named_on_the_command_line(
    answer: Json, imported: dict[str, Any], tmp_path: Path
) -> None:
    lines = tmp_path / "own.toml"
    lines.write_text(
        '[[lines]]\nid = "power"\nkind = "electricity"\nname = "ets_constant/2021"\nquantity = "9"\nunit = "MWh"\n'
        '[[output]]\nproduct = "power sold"\nunit = "MWh"\n'
    )
    own = ("--evidence", f"power[own]={imported['journal']}")
    sold = ("--evidence", f"@power sold={imported['journal']};multiplier=2")
    built = answer("report", "build", "--lines", lines, *PARK_SET, *PERIOD, *own, *sold, "--out", tmp_path / "o.json")
    (line,), (output,) = built["body"]["lines"], built["body"]["output"]
    assert line["evidence"][0]["part"] == "own"
    assert Decimal(line["own"]) == round_half_up(Decimal(imported["total"]) / 1000, 3)
    assert Decimal(output["quantity"]) == round_half_up(Decimal(imported["total"]) / 500, 3)
    refused = answer(
        "report", "build", "--lines", lines, *PARK_SET, *PERIOD, "--evidence", f"{own[1]};colour=red", code=1
    )
    assert refused["rule"] == "evidence.form"
