"""The demo: its inputs give the story's figures by the real formulas, and what it reports is what happened."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.accounting import Activity, CitedRange, LineKind, Material, build_report
from attestation.decimals import exact_sum, format_decimal
from ledger.trust import parse as parse_trust
from tanlu.demo import inputs
from tanlu.demo.auditing import TRIED
from tanlu.demo.factors import park_factor_set
from tanlu.demo.run import NotOurs, Show, run
from tanlu.errors import InputRefused
from tanlu.verify import verify_receipt

pytestmark = pytest.mark.long

STORY_TONNES = {"A": 39_105, "B": 23_600, "C": 16_800, "D": 7_100, "E": 4_620}
VERIFIED_TONNES = STORY_TONNES | {"A": 38_942}
AMENDED_TONNES = VERIFIED_TONNES | {"C": 16_860}
ALLOCATED_TONNES = {"A": 36_062, "B": 25_170, "C": 16_185, "D": 8_090, "E": 4_493}
PLANT_KWH = Decimal("959640.31")


def _shown(meter: inputs.Meter) -> Decimal:
    """What a meter's readings of the year sum to."""
    if meter.weighed:
        return exact_sum(delivery.tonnes for delivery in inputs.deliveries())
    return PLANT_KWH if meter.annual is None and not meter.months else exact_sum(inputs.monthly(meter, 1))


def _activity(enterprise: inputs.Enterprise, source: inputs.Source) -> Activity:
    evidence = tuple(
        CitedRange(
            enterprise.device(meter),
            meter.stream,
            1,
            12,
            format_decimal(_shown(meter)),
            meter.unit,
            multiplier=str(meter.multiplier),
            part=meter.part,
        )
        for meter in source.meters
    )
    flows = tuple(Material(flow.id, flow.direction, flow.factor) for flow in source.flows)
    return Activity(
        source.line,
        source.kind,
        source.factor,
        evidence=evidence,
        flows=flows,
        blocks=source.blocks,
        certificates=source.certificates,
    )


@pytest.mark.parametrize("enterprise", inputs.ENTERPRISES, ids=lambda enterprise: enterprise.letter)
def test_the_inputs_give_the_storys_totals(enterprise: inputs.Enterprise) -> None:
    last = max(source.reported_from for source in enterprise.sources)
    assert _tonnes(enterprise, min(last, 2)) == STORY_TONNES[enterprise.letter]
    assert _tonnes(enterprise, last) == (STORY_TONNES | {"C": AMENDED_TONNES["C"]})[enterprise.letter]


def _tonnes(enterprise: inputs.Enterprise, number: int) -> int:
    sources = [source for source in enterprise.sources if source.reported_from <= number]
    built = build_report(
        year=inputs.YEAR,
        period_from=inputs.START.isoformat(),
        period_to=inputs.END.isoformat(),
        activities=[_activity(enterprise, source) for source in sources],
        factor_set=park_factor_set(),
        obligation_base=inputs.OBLIGATION_BASE,
    )
    return built.recomputed.totals.obligation_tonnes


def test_the_enterprises_report_by_five_methods() -> None:
    kinds = [{source.kind for source in enterprise.sources} for enterprise in inputs.ENTERPRISES]
    methods = [LineKind.COMBUSTION, LineKind.PROCESS, LineKind.MASS_BALANCE, LineKind.CEMS, LineKind.ELECTRICITY]
    for method, found in zip(methods, kinds, strict=True):
        assert method in found


def test_one_delivery_of_coal_is_entered_twice_and_no_other_looks_so() -> None:
    delivered = inputs.deliveries()
    doubled = [
        one.tonnes
        for one, other in itertools.pairwise(delivered)
        if one.tonnes == other.tonnes and other.day - one.day == timedelta(days=1)
    ]
    assert doubled == [inputs.COAL_TWICE]
    assert exact_sum(one.tonnes for one in delivered) == inputs.COAL_WEIGHED_ONCE + inputs.COAL_TWICE


@pytest.mark.parametrize("seed", range(20))
def test_monthly_quantities_sum_to_the_year_exactly(seed: int) -> None:
    annual = Decimal("5210400.01")
    months = inputs.split(annual, 12, seed)
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


def test_a_file_that_is_no_meters_leaves_the_demo_before_as_it_was(tmp_path: Path) -> None:
    out, readings = tmp_path / "demo", tmp_path / "garbage.csv"
    out.mkdir()
    (out / ".tanlu-demo").touch()
    (out / "receipt.json").write_text("the one of before")
    readings.write_text("a,b\n1,2\n")
    silent = Show(lambda *_: None, lambda *_: None, lambda *_: None)
    with pytest.raises(InputRefused) as refused:
        run(out, readings, silent)
    assert refused.value.rule == "file.columns"
    assert (out / "receipt.json").read_text() == "the one of before"


@pytest.mark.chain
def test_the_demo_runs_in_the_place_of_an_earlier_one_and_reports_what_happened(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    (out / "home").mkdir(parents=True)
    for left in (".tanlu-demo", "home/config.env", "receipt.json"):
        (out / left).write_text("an earlier demo's")
    command = [sys.executable, "-m", "tanlu", "--json", "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, timeout=540, check=False)
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
    assert details["reports_tonnes"] == STORY_TONNES | {"C": 14_435}
    assert details["registered_tonnes"] == AMENDED_TONNES
    assert summary["mrv"] == {
        "reports": 7,
        "approved": 5,
        "corrected": 1,
        "rejected": 1,
        "registered_tonnes": sum(AMENDED_TONNES.values()),
        "coverage_percent": "100.00",
    }
    assert summary["quota"] == {
        "cap_tonnes": 92_000,
        "allocated_tonnes": 90_000,
        "reserve_tonnes": 2_000,
        "allocation": ALLOCATED_TONNES,
    }
    assert summary["offsets"] == {"cap_tonnes": 1_947, "used_tonnes": 1_947, "refused_over_cap": True}
    # The calculator's numbers of STORY 5 to 8.
    assert summary["auction"] == {"price_fen": 6_050, "tonnes": 500, "proceeds_fen": 500 * 6_050}
    assert summary["market"] == {
        "orders": 6,
        "trades": 3,
        "volume_tonnes": 700 + 475 + 60,
        "value_fen": 700 * 6_250 + 475 * 6_200 + 60 * 6_230,
        "close_fen": 6_230,
        "refused": 1,
    }
    surrendered = sum(AMENDED_TONNES.values()) - 1_947
    assert summary["compliance"] == {
        "complied": 5,
        "short": 0,
        "charge_fen": 20 * 6_230 * 5,
        "surrendered_quota_tonnes": surrendered,
        "held_quota_tonnes": 92_000 - surrendered,
    }
    assert summary["recovery"] == {"old_key_refused": True}
    # STORY 10: everything replayed, nothing amiss; what was altered in copies was found.
    audited = summary["audit"]
    assert audited["statements_checked"] == summary["evidence"]["statements"]
    assert audited["divergences"] == 0
    assert audited["events_checked"] > 150
    assert audited["tampers_found"] == audited["tampers_tried"] == len(TRIED)
    assert (out / "archive.tar").is_file()
    assert [refusal["rule"] for refusal in details["refusals"]] == [
        "admission.same_person",
        "admission.code_used",
        "signature.invalid",
        "sequence.equivocation",
        "citation.sum",
        "case.unassigned",
        "registration.early",
        "allocation.table",
        "market.band",
        "surrender.offset_cap",
        "key.revoked",
    ]
    trust = parse_trust((out / "trust.json").read_bytes())
    assert verify_receipt(out / "receipt.json", trust).type == "report"
