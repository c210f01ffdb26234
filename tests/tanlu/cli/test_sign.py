"""``tanlu sign`` and ``tanlu submit``: one place is signed once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.examination import examine
from attestation.keys import Purpose
from attestation.statements import Reading
from tanlu.client import Client
from tanlu.client.client import DEFAULT_EVIDENCE

from ..conftest import ENTERPRISE, METER, ORIGIN, KeyFile, World
from .conftest import Json, Run

BODY = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T00:15:00Z", "quantity": "3.17", "unit": "kWh"}


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(BODY))
    return path


@pytest.fixture
def meter_key(key_file: KeyFile, world: World) -> Path:
    return key_file(world.meter, METER, Purpose.DEVICE)


def test_a_body_becomes_a_statement_that_the_key_signed(
    run: Run, answer: Json, body: Path, meter_key: Path, world: World
) -> None:
    signed = answer("sign", "reading", body, "--key", meter_key, "--stream", "m")
    statement = examine(signed["statement"].encode(), ORIGIN)
    world.meter.public.verify(statement.jws.signing_input, statement.jws.signature)
    assert (statement.iss, statement.stream, statement.seq) == (METER, "m", 1)
    assert statement.body == Reading(start=BODY["from"], end=BODY["to"], quantity="3.17", unit="kWh")
    # Without --json the statement itself is the output, ready for a file.
    plain = run("sign", "reading", body, "--key", meter_key, "--stream", "m")
    assert examine(plain.stdout.strip().encode(), ORIGIN).seq == 2


def test_a_place_is_never_signed_over_and_what_was_signed_is_kept(
    answer: Json, body: Path, meter_key: Path, tmp_path: Path
) -> None:
    first = answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--seq", 5, "--iat", 1_600_000_000)
    body.write_text(json.dumps(BODY | {"quantity": "3.18"}))
    refused = answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--seq", 5, code=1)
    assert refused["rule"] == "sequence.signed"
    (kept,) = tmp_path.glob("*.key.signed/*/m/5.jws")
    assert kept.read_text().strip() == first["statement"]
    assert answer("sign", "reading", body, "--key", meter_key, "--stream", "m")["seq"] == 6


def test_the_same_bytes_may_be_asked_for_again(answer: Json, body: Path, meter_key: Path) -> None:
    arguments = ("sign", "reading", body, "--key", meter_key, "--stream", "m", "--seq", 1, "--iat", 1_600_000_000)
    assert answer(*arguments)["statement"] == answer(*arguments)["statement"]


def test_the_service_knows_places_that_the_key_file_does_not(
    answer: Json, body: Path, meter_key: Path, client: Client, world: World
) -> None:
    client.submit(world.reading(1, stream="m"))
    assert answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--server", client.base_url)["seq"] == 2


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (json.dumps(BODY | {"quantity": 3.17}), "json.float"),
        (json.dumps(BODY | {"note": "x"}), "body.schema"),
        (json.dumps({"from": "x"}), "body.schema"),
        ('{"unit":"kWh","unit":"MWh"}', "json.duplicate_key"),
        ("[]", "json.object"),
    ],
)
def test_a_body_of_bad_form_is_refused_before_it_is_signed(
    answer: Json, body: Path, meter_key: Path, text: str, rule: str
) -> None:
    body.write_text(text)
    assert answer("sign", "reading", body, "--key", meter_key, "--stream", "m", code=1)["rule"] == rule
    assert not meter_key.with_name(meter_key.name + ".signed").exists()


def test_submit_answers_each_file_and_stops_at_a_refusal(
    answer: Json, body: Path, meter_key: Path, client: Client, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.jws", tmp_path / "2.jws"
    arguments = ("sign", "reading", body, "--key", meter_key, "--stream", "m", "--out")
    answer(*arguments, first)
    answer(*arguments, second)
    results = answer("submit", first, first, "--server", client.base_url)["results"]
    assert [(each["index"], each["repeated"]) for each in results] == [(3, False), (3, True)]
    # Both are of one period: the second overlaps the first (step 11).
    refused = answer("submit", second, "--server", client.base_url, code=1)
    assert (refused["rule"], refused["status"]) == ("sequence.overlap_below", 409)
    (tmp_path / "no.jws").write_text("nothing")
    assert answer("submit", tmp_path / "no.jws", "--server", client.base_url, code=1)["rule"] == "statement.file"


def test_an_output_file_is_not_written_over(answer: Json, body: Path, meter_key: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jws"
    out.write_text("precious")
    refused = answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--out", out, code=1)
    assert (refused["rule"], out.read_text()) == ("file.exists", "precious")
    assert not meter_key.with_name(meter_key.name + ".signed").exists()


def test_a_service_that_does_not_answer_has_its_own_exit_code(
    answer: Json, body: Path, meter_key: Path, tmp_path: Path, free_port: int
) -> None:
    out = tmp_path / "out.jws"
    answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--out", out)
    url = f"http://127.0.0.1:{free_port}"
    assert answer("submit", out, "--server", url, "--patience", 0.3, code=3)["rule"] == "service.unavailable"


def test_a_statement_of_another_log_than_the_trust_file_is_not_sent(
    answer: Json, body: Path, meter_key: Path, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip with the trust file must not look as if the service had broken its promise."""
    monkeypatch.chdir(tmp_path)  # evidence is kept in the folder where the command runs
    out = tmp_path / "out.jws"
    answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "--out", out)
    foreign = Path(__file__).parents[2] / "vectors" / "receipts" / "trust.json"
    refused = answer("submit", out, "--server", client.base_url, "--trust", foreign, code=1)
    assert refused["rule"] == "envelope.log"
    assert client.entry_at(METER, "m", 1) is None
    assert not (tmp_path / DEFAULT_EVIDENCE).exists()
    # The same bytes are taken where they belong: it was the trust file that kept them back.
    answer("submit", out, "--server", client.base_url)
    assert client.entry_at(METER, "m", 1) is not None


def test_a_refusal_in_chinese_says_in_chinese_what_is_expected(
    run: Run, world: World, key_file: KeyFile, tmp_path: Path
) -> None:
    built = build_report(
        year=2020,
        period_from="2020-01-01T00:00:00Z",
        period_to="2021-01-01T00:00:00Z",
        activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("10.00"), "t")],
        factor_set=load_bundled("cets-steel", "03.01-v01-2024"),
        obligation_base="direct",
    )
    body = tmp_path / "report.json"
    body.write_text(json.dumps(built.body | {"year": 2018}))
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    command = ("report", "sign", body, "--key", key, "-o", tmp_path / "report.jws")
    bounds = "2017-12-31T10:00:00Z", "2019-01-01T12:00:00Z"
    assert "expected within {} to {}".format(*bounds) in run(*command, "--lang", "en").stderr
    chinese = run(*command, "--lang", "zh").stderr
    assert "应为：在 {} 至 {} 之内".format(*bounds) in chinese
    assert "within" not in chinese
