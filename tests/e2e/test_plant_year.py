"""The real plant's year, from meter file to a report whose receipt a stranger verifies, by commands as users type."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from attestation.encoding import b64url_decode, b64url_encode
from attestation.keyfiles import decrypt
from attestation.statements import Reading, build
from ganache.engines import foundry_binary
from ganache.npm import find_node
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.errors import ReadingAltered
from ledger.view import LogView
from tanlu.trustfile import load_trust
from tests.e2e.conftest import PASSWORD, Deployment
from tests.faults.merkle import leaf_hash

pytestmark = [pytest.mark.chain, pytest.mark.node, pytest.mark.steel]

ROWS = 365 * 96
STEEL_TOTAL_KWH = Decimal("959640.31")
WORKS, METER, STREAM = "88.608.5288/WORKS", "88.608.5288/WORKS_METER_1", "electricity"
SECOND_VERIFIER = Path(__file__).parents[1] / "second_implementation" / "verify_receipt.mjs"
MOST_SECONDS = 90.0


@dataclass(frozen=True)
class Plant:
    """What the year left behind."""

    deployment: Deployment
    imported: dict[str, Any]
    report: dict[str, Any]
    receipt: Path
    seconds: float

    @property
    def url(self) -> str:
        return self.deployment.installation.url

    def reading(self, seq: int) -> dict[str, Any]:
        query: dict[str, str | int] = {"issuer": METER, "stream": STREAM, "seq": seq}
        return dict(httpx.get(f"{self.url}/v1/entries", params=query, auth=self.deployment.who).json())

    def submit(self, entry: bytes) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v1/statements",
            content=entry,
            headers={"Content-Type": "application/jose"},
            auth=self.deployment.who,
        )


@pytest.fixture(scope="session")
def plant(deployment: Deployment, policies: str, steel_csv: Path) -> Plant:
    begun = time.monotonic()
    works = deployment.enrol("works", WORKS, "enterprise", "statement", algorithm="ES256K")
    meter = deployment.enrol("meter", METER, "device", "device", "--parent", WORKS, algorithm="Ed25519")
    journal = deployment.path("journal")
    imported = deployment.tanlu(
        "import-readings",
        str(steel_csv),
        *("--format", "steel", "--unit", "kWh", "--key", meter, "--stream", STREAM, "--close", "--journal", journal),
    )
    lines = deployment.folder / "lines.json"
    lines.write_text(json.dumps({"lines": [{"id": "electricity", "kind": "electricity", "name": "ets_constant/2021"}]}))
    deployment.tanlu(
        *("report", "build", "--lines", str(lines), "--evidence", f"electricity={journal}", "--factor-set", policies),
        *("--year", "2018", "--from", "2018-01-01T00:00:00+09:00", "--to", "2019-01-01T00:00:00+09:00"),
        *("--base", "direct+energy", "-o", deployment.path("report.json")),
    )
    signed, receipt = deployment.path("report.jws"), deployment.path("report.receipt.json")
    deployment.tanlu("report", "sign", deployment.path("report.json"), "--key", works, "-o", signed)
    deployment.tanlu("report", "submit", signed)
    deployment.tanlu("receipt", "--statement", signed, "-o", receipt, "--wait", "60")
    seconds = time.monotonic() - begun
    return Plant(deployment, imported, deployment.read("report.json"), Path(receipt), seconds)


def test_every_row_of_the_year_is_in_the_log_and_their_sum_is_exact(plant: Plant) -> None:
    assert (plant.imported["accepted"], plant.imported["total"], plant.imported["unit"]) == (
        ROWS,
        str(STEEL_TOTAL_KWH),
        "kWh",
    )
    stream = httpx.get(
        f"{plant.url}/v1/streams", params={"issuer": METER, "stream": STREAM}, auth=plant.deployment.who
    ).json()
    # The close is the last statement of the stream.
    assert (stream["last_seq"], stream["count"], stream["missing"]) == (ROWS + 1, ROWS + 1, 0)
    assert stream["closed_seq"] == ROWS + 1


def test_intervals_are_the_files_own_in_true_time_order(plant: Plant) -> None:
    ends = [json.loads(b64url_decode(plant.reading(seq)["entry"].split(".")[1]))["body"] for seq in (1, 96, 97, ROWS)]
    assert [(body["from"], body["to"]) for body in ends] == [
        ("2018-01-01T00:00:00+09:00", "2018-01-01T00:15:00+09:00"),
        ("2018-01-01T23:45:00+09:00", "2018-01-02T00:00:00+09:00"),
        ("2018-01-02T00:00:00+09:00", "2018-01-02T00:15:00+09:00"),
        ("2018-12-31T23:45:00+09:00", "2019-01-01T00:00:00+09:00"),
    ]


def test_the_annual_report_cites_the_readings_and_their_total(plant: Plant) -> None:
    (line,) = plant.report["lines"]
    (cited,) = line["evidence"]
    assert (cited["issuer"], cited["first_seq"], cited["last_seq"]) == (METER, 1, ROWS)
    assert (Decimal(cited["quantity"]), cited["unit"]) == (STEEL_TOTAL_KWH, "kWh")
    # DOMAIN 36: MWh with three places.
    assert (line["quantity"], line["unit"]) == ("959.640", "MWh")


def test_readings_and_report_end_anchored(plant: Plant) -> None:
    for seq in (1, ROWS // 2, ROWS):
        assert plant.reading(seq)["state"] in {"anchored", "final"}
    assert json.loads(plant.receipt.read_bytes())["anchor"]["state"] in {"anchored", "final"}


def test_the_reports_receipt_verifies_offline_and_with_the_chain(plant: Plant) -> None:
    offline = plant.deployment.tanlu("verify", str(plant.receipt))
    asked = plant.deployment.tanlu("verify", str(plant.receipt), "--rpc", plant.deployment.installation.rpc_url)
    for report in (offline, asked):
        assert (report["accepted"], report["statement_type"], report["issuer"]) == (True, "report", WORKS)
    steps = [{finding["step"] for finding in report["checked"]} for report in (offline, asked)]
    assert 9 not in steps[0]
    assert 9 in steps[1]


def test_the_receipt_verifies_by_a_second_implementation(plant: Plant) -> None:
    trust, rpc = plant.deployment.installation.trust_file, plant.deployment.installation.rpc_url
    done = subprocess.run(
        [str(find_node()), str(SECOND_VERIFIER), "--trust", str(trust), "--rpc", rpc, str(plant.receipt)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["ok"], answer["checked"]) == (0, True, [1, 2, 3, 4, 5, 6, 7, 8, 9]), done.stderr


def ask_contract(plant: Plant, receipt: dict[str, Any], leaf: bytes) -> subprocess.CompletedProcess[str]:
    """`verifyInclusion` of the contract, called by Foundry's `cast`."""
    anchor, inclusion = receipt["anchor"], receipt["inclusion"]
    proof = ",".join("0x" + node.removeprefix("0x") for node in inclusion["proof"])
    arguments = [anchor["epoch"], inclusion["size"], receipt["index"], "0x" + leaf.hex(), f"[{proof}]"]
    return subprocess.run(
        [
            *(str(foundry_binary("cast")), "call", "--rpc-url", plant.deployment.installation.rpc_url),
            anchor["contract"],
            "verifyInclusion(uint64,uint64,uint64,bytes32,bytes32[])",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_contract_verifies_the_inclusion_through_an_ordinary_client(plant: Plant) -> None:
    receipt = json.loads(plant.receipt.read_bytes())
    entry = receipt["entry"].encode()
    good = ask_contract(plant, receipt, leaf_hash(entry))
    assert good.returncode == 0, good.stderr
    altered = ask_contract(plant, receipt, leaf_hash(entry[:-1] + (b"A" if entry[-1:] != b"A" else b"B")))
    assert altered.returncode != 0
    assert "revert" in altered.stderr


def test_a_reading_changed_by_a_hundredth_is_refused_and_named(plant: Plant) -> None:
    logged = plant.reading(4711)
    header, payload, signature = logged["entry"].split(".")
    said = json.loads(b64url_decode(payload))
    said["body"]["quantity"] = str(Decimal(said["body"]["quantity"]) + Decimal("0.01"))
    altered = b64url_encode(json.dumps(said, separators=(",", ":")).encode())
    answer = plant.submit(f"{header}.{altered}.{signature}".encode())
    assert (answer.status_code, answer.json()["rule"]) == (403, "signature.invalid")
    # With the meter's own key it is a second statement at a place that is taken.
    key = decrypt((plant.deployment.folder / "meter.key").read_bytes(), PASSWORD)
    body = Reading(start=said["body"]["from"], end=said["body"]["to"], quantity=said["body"]["quantity"], unit="kWh")
    again = build("reading", log=said["log"], iss=METER, key=key, iat=said["iat"], stream=STREAM, seq=4711, body=body)
    answer = plant.submit(again)
    assert (answer.status_code, answer.json()["rule"]) == (409, "sequence.equivocation")
    assert "4711" in answer.text
    assert logged["statement_id"] in answer.text
    kept = plant.reading(4711)
    assert (kept["entry"], kept["equivocations"]) == (logged["entry"], 1)


def test_a_cited_sum_changed_by_a_hundredth_is_refused_naming_line_claimed_and_recomputed(plant: Plant) -> None:
    deployment = plant.deployment
    changed = json.loads(json.dumps(plant.report))
    claimed = str(STEEL_TOTAL_KWH + Decimal("0.01"))
    changed["lines"][0]["evidence"][0]["quantity"] = claimed
    # In place of the report that stands: one stands per year.
    standing = json.loads(plant.receipt.read_bytes())["entry"].rpartition(".")[0]
    changed["supersedes"] = hashlib.sha256(standing.encode()).hexdigest()
    body, signed = deployment.folder / "changed.json", deployment.path("changed.jws")
    body.write_text(json.dumps(changed))
    works = deployment.path("works.key")
    deployment.tanlu("sign", "report", str(body), "--key", works, "--stream", "tries", "-o", signed)
    error = deployment.tanlu("submit", signed, code=1)["error"]
    assert error["rule"] == "citation.sum"
    told = json.dumps(error)
    assert all(text in told for text in ("electricity", claimed, str(STEEL_TOTAL_KWH)))


def test_domain_43_the_report_is_backed_by_its_readings_to_the_last_one(plant: Plant) -> None:
    index = json.loads(plant.receipt.read_bytes())["index"]
    works = plant.deployment.path("works.key")
    covered = plant.deployment.tanlu("report", "coverage", str(index), "--as", works)
    assert (covered["backed"], covered["readings"], covered["seconds"]["gap"]) == ("100.00", ROWS, 0)
    # A year that is over: its readings came later than 40 days after their periods.
    assert (covered["share"]["backfilled"], covered["seconds"]["backfilled"]) == ("100.00", 365 * 86_400)
    (line,) = covered["lines"]
    assert [(one["device"], one["quantity"], one["readings"]) for one in line["ranges"]] == [
        (METER, str(STEEL_TOTAL_KWH), ROWS)
    ]
    assert {kind for kind, count in covered["counts"].items() if count} <= {"jump"}


@pytest.fixture(scope="module")
def altered_copy(plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the running store in which reading 4711 says 0.01 kWh more, and nothing else is touched."""
    copy = tmp_path_factory.mktemp("altered") / "copy.sqlite3"
    store = sqlite3.connect(plant.deployment.installation.database)
    with contextlib.closing(store) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        where = "FROM entries JOIN streams ON streams.id = stream_id WHERE issuer = ? AND name = ? AND seq = ?"
        index, entry = target.execute(f"SELECT idx, entry {where}", (METER, STREAM, 4711)).fetchone()
        header, payload, signature = entry.split(b".")
        said = json.loads(b64url_decode(payload.decode()))
        said["body"]["quantity"] = str(Decimal(said["body"]["quantity"]) + Decimal("0.01"))
        spoiled = b64url_encode(json.dumps(said, separators=(",", ":")).encode()).encode()
        target.execute("UPDATE entries SET entry = ? WHERE idx = ?", (b".".join((header, spoiled, signature)), index))
        target.commit()
    return copy


def test_a_reading_altered_by_a_hundredth_in_the_store_makes_coverage_fail_and_is_named(
    plant: Plant, altered_copy: Path
) -> None:
    trust = load_trust(plant.deployment.installation.trust_file)
    parameters = LogParameters(trust.log, trust.deployment_id, trust.registrar_identifier, trust.registrar, None)
    database = Database(f"sqlite:///{altered_copy}")
    try:
        with pytest.raises(ReadingAltered) as caught:
            LogView(database, parameters).report_coverage(json.loads(plant.receipt.read_bytes())["index"])
    finally:
        database.close()
    assert caught.value.rule == "coverage.altered"
    assert f"{METER} {STREAM} seq 4711:" in caught.value.value


def test_the_same_reading_is_named_by_fsck(plant: Plant, altered_copy: Path) -> None:
    index = plant.reading(4711)["index"]
    installation = plant.deployment.installation
    whole = plant.deployment.tanlu(
        "fsck", "--database", str(altered_copy), "--trust", str(installation.trust_file), code=4
    )
    assert (whole["faults"], whole["first"]["table"], whole["first"]["key"], whole["first"]["column"]) == (
        1,
        "entries",
        str(index),
        "entry",
    )


def test_the_whole_year_takes_less_than_a_minute_and_a_half(plant: Plant) -> None:
    assert plant.seconds < MOST_SECONDS
