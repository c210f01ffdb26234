"""The demo: its inputs give the story's figures by the real formulas, and what it reports is what happened."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.accounting import Activity, build_report, load_bundled
from ledger.trust import parse as parse_trust
from tanlu.demo import inputs
from tanlu.demo.run import NotOurs, Show, run
from tanlu.verify import verify_receipt

STORY_TONNES = {"A": 39_105, "B": 23_600, "C": 16_800, "D": 7_100, "E": 4_620}
PLANT_KWH = Decimal("959640.31")


@pytest.mark.parametrize("enterprise", inputs.ENTERPRISES, ids=lambda enterprise: enterprise.letter)
def test_the_inputs_give_the_storys_totals(enterprise: inputs.Enterprise) -> None:
    built = build_report(
        year=inputs.YEAR,
        period_from=inputs.START.isoformat(),
        period_to=inputs.END.isoformat(),
        activities=[
            Activity(source.line, source.kind, source.factor, source.annual or PLANT_KWH, source.unit)
            for source in enterprise.sources
        ],
        factor_set=load_bundled(*inputs.FACTOR_SET),
        obligation_base=inputs.OBLIGATION_BASE,
    )
    assert built.recomputed.totals.obligation_tonnes == STORY_TONNES[enterprise.letter]


@pytest.mark.parametrize("seed", range(20))
def test_monthly_quantities_sum_to_the_year_exactly(seed: int) -> None:
    annual = Decimal("5210400.01")
    months = inputs.monthly(annual, seed)
    assert sum(months) == annual
    assert len(set(months)) > 1
    assert min(months) > 0


def test_the_seeded_meter_file_has_the_real_ones_rows_and_sum() -> None:
    _, *rows = inputs.synthetic_meter_file()
    quantities = [Decimal(row.split(",")[1]) for row in rows]
    assert (len(rows), sum(quantities)) == (35_040, PLANT_KWH)
    assert min(quantities) >= 0
    assert rows[95].startswith("01/01/2018 00:00,")


def test_a_folder_that_no_demo_made_is_not_cleared(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("the only copy")
    silent = Show(lambda *_: None, lambda *_: None, lambda *_: None)
    with pytest.raises(NotOurs):
        run(tmp_path, None, silent)
    assert mine.read_text() == "the only copy"


@pytest.mark.chain
def test_the_demo_runs_twice_and_reports_what_happened(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    for _ in range(2):
        command = [sys.executable, "-m", "tanlu", "--json", "demo", "--out", str(out)]
        done = subprocess.run(command, capture_output=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr.decode()
    summary = json.loads((out / "summary.json").read_text())
    assert json.loads(done.stdout) == summary
    assert summary["engine"] == {"chain": "anvil", "database": "sqlite"}
    evidence = summary["evidence"]
    assert evidence["statements"] == evidence["integrated"] == evidence["anchored"] > 35_040
    assert evidence["checkpoints"] > 1
    assert evidence["receipts_verified_offline"] == evidence["receipts_verified_on_chain"] >= 20
    assert evidence["tampered_receipts_rejected"] >= 10
    # DOMAIN 38: from the study's own parameters, beside the published 88.87, 97.50, 100.60.
    assert summary["accounting"]["ganzhou"] == {"2020": "88.79", "2021": "97.43", "2022": "100.60"}
    details = json.loads((out / "details.json").read_text())
    assert details["reports_tonnes"] == STORY_TONNES
    assert [refusal["rule"] for refusal in details["refusals"]] == [
        "signature.invalid",
        "sequence.equivocation",
        "citation.sum",
    ]
    trust = parse_trust((out / "trust.json").read_bytes())
    assert verify_receipt(out / "receipt.json", trust).type == "report"
