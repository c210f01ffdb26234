"""``tanlu device`` and ``tanlu report coverage``: from an event's body to what a report's coverage says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.keys import Purpose
from attestation.statements import Policy
from tanlu.client import Client

from ..conftest import ENTERPRISE, METER, PARK, KeyFile, World
from .conftest import Json, Run

FACTORS = ("cets-steel", "03.01-v01-2024")
HASH = "ab" * 32
FROM, TO = "2020-01-01T01:00:00Z", "2020-01-01T02:30:00Z"


@pytest.fixture
def works(client: Client, world: World, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The enterprise's key file. Its meter read 3.17 kWh from 01:00 to 01:30 and from 02:00 to 02:30, not between."""
    monkeypatch.setenv("TANLU_SERVER", client.base_url)
    for seq in (1, 2):
        client.submit(world.reading(seq))
    document = load_bundled(*FACTORS).document()
    body = Policy(
        policy="factor-set", id=FACTORS[0], version=FACTORS[1], effective_from="2020-01-01", document=document
    )
    client.submit(world.sign("policy", PARK, world.registrar, "policies", 1, body))
    return key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)


def send(answer: Json, works: Path, kind: str, body: Path, *, code: int = 0) -> dict[str, object]:
    """Sign a body as the enterprise and submit it, by commands."""
    signed = body.with_suffix(".jws")
    stream = "devices" if kind == "device" else "reports"
    answer("sign", kind, body, "--key", works, "--stream", stream, "-o", signed)
    found: dict[str, object] = answer("submit", signed, code=code)
    return found


def installed(answer: Json, works: Path, folder: Path, *more: str) -> None:
    body = folder / "install.json"
    options = ("--at", FROM, "--unit", "kWh", "--opening", "100", "--multiplier", "40", *more)
    answer("device", "install", METER, *options, "-o", body)
    send(answer, works, "device", body)


def test_domain_42_events_are_built_signed_submitted_and_shown(answer: Json, works: Path, tmp_path: Path) -> None:
    installed(answer, works, tmp_path, "--accuracy-percent", "0.5", "--valid-until", "2021-01-01T00:00:00Z")
    steps = {
        "calibrate": ("--at", FROM, "--accuracy-percent", "0.2", "--valid-until", TO, "--certificate-hash", HASH),
        "replace": (
            *("--at", TO, "--closing", "120", "--opening", "0", "--multiplier", "60"),
            *("--unit", "MWh"),
        ),
        "remove": ("--at", "2020-01-03T00:00:00Z", "--closing", "7"),
    }
    for event, options in steps.items():
        body = tmp_path / f"{event}.json"
        answer("device", event, METER, *options, "-o", body)
        send(answer, works, "device", body)
    shown = answer("device", "show", METER, "--as", works)
    assert [one["event"] for one in shown["events"]] == ["install", *steps]
    first, second = shown["terms"]
    assert (first["multiplier"], first["opening"], first["closing"], len(first["calibrations"])) == (
        "40",
        "100",
        "120",
        2,
    )
    assert (second["multiplier"], second["unit"], second["closing"]) == ("60", "MWh", "7")


def test_domain_42_an_import_is_refused_in_another_unit_and_warned_of_outside_the_term(
    answer: Json, run: Run, works: Path, world: World, key_file: KeyFile, tmp_path: Path
) -> None:
    installed(answer, works, tmp_path)
    rows = tmp_path / "m.csv"
    rows.write_text(f"from,to,quantity\n2020-01-01T00:00:00Z,{FROM},1\n{FROM},2020-01-01T02:00:00Z,2\n")
    command = ("import-readings", rows, "--stream", "hours", "--key", key_file(world.meter, METER, Purpose.DEVICE))
    error = answer(*command, "--unit", "MWh", code=1)
    assert (error["rule"], str(error["value"]).startswith(f"{METER}: MWh, line 3")) == ("import.unit", True)
    warned = run(*command, "--unit", "kWh")
    assert f"1 row lies in no term of service of {METER}, the first line 2" in warned.stderr
    assert (warned.exit_code, "2 new" in warned.stdout) == (0, True), warned.output


def test_a_device_without_events_says_so(run: Run, works: Path) -> None:
    done = run("device", "show", METER, "--as", works)
    assert (done.exit_code, "always, with multiplier 1" in done.stdout) == (0, True), done.output
    assert "始终在役" in run("device", "show", METER, "--as", works, "--lang", "zh").stdout


def test_an_event_out_of_order_is_refused_and_named(answer: Json, works: Path, tmp_path: Path) -> None:
    body = tmp_path / "remove.json"
    answer("device", "remove", METER, "--at", TO, "--closing", "7", "-o", body)
    error = send(answer, works, "device", body, code=1)
    assert (error["rule"], str(error["value"]).startswith(METER)) == ("device.state", True)


def test_domain_43_a_reports_coverage_is_shown_with_its_findings(
    answer: Json, run: Run, works: Path, client: Client, world: World, tmp_path: Path
) -> None:
    installed(answer, works, tmp_path)
    built = build_report(
        year=2020,
        period_from=FROM,
        period_to=TO,
        activities=[
            Activity(
                "grid",
                LineKind.ELECTRICITY,
                "ets_constant/2020",
                evidence=(CitedRange(METER, "electricity", 1, 2, "6.34", "kWh", multiplier="40"),),
            )
        ],
        factor_set=load_bundled(*FACTORS),
        obligation_base="direct",
    )
    body = tmp_path / "report.json"
    body.write_text(json.dumps(built.body))
    send(answer, works, "report", body)
    entry = client.entry_at(ENTERPRISE, "reports", 1)
    assert entry is not None
    found = answer("report", "coverage", entry.index, "--as", works)
    assert (found["backed"], found["readings"]) == ("100.00", 2)
    assert found["seconds"] == {"device": 0, "backfilled": 3_600, "manual": 0, "gap": 1_800}
    assert [(one["kind"], one["first_seq"], one["last_seq"]) for one in found["findings"]] == [("gap", 1, 2)]
    assert found["lines"][0]["numbers"][0]["quantity"]["backfilled"] == "0.25360"
    text = run("report", "coverage", entry.index, "--as", works).stdout
    assert "100.00 % backed by 2 readings; findings: 1 gap" in text
    assert "发现：空缺 1" in run("report", "coverage", entry.index, "--as", works, "--lang", "zh").stdout


def test_what_is_no_report_is_refused(answer: Json, works: Path) -> None:
    error = answer("report", "coverage", 3, "--as", works, code=1)
    assert error["rule"] == "reports.index"
