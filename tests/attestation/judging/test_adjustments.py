"""Adjustments change something, and what is estimated is never to the enterprise's advantage (DOMAIN 44)."""

from __future__ import annotations

import pytest


@pytest.fixture
def reported(case):
    case.report()
    case.appoint()
    return case


@pytest.mark.parametrize("basis", ["evidence", "conservative"])
def test_an_adjustment_that_changes_nothing_corrects_nothing(world, reported, basis: str) -> None:
    finding = reported.find()
    answer = (reported.resolve(finding),)
    with world.refused("verification.unchanged", 12, "coal"):
        reported.verify(**reported.adjusted("100.00", basis=basis), nonconformities=answer)
    reported.verify(**reported.adjusted("99.99"), nonconformities=answer)


def test_a_conservative_estimate_lowers_nothing(world, reported) -> None:
    with world.refused("verification.estimate", 12):
        reported.verify(**reported.adjusted("99.99", basis="conservative"))
    reported.verify(**reported.adjusted("100.01", basis="conservative"))


def test_a_conservative_estimate_leaves_no_line_out(world, reported, cases) -> None:
    without = reported.report_body(lines=reported.activities("100.00")[:1])
    left_out = cases.Adjustment(line="oil", reason="nothing shows it", basis="conservative")
    with world.refused("verification.estimate", 12):
        reported.verify(conclusion="corrected", adjustments=(left_out,), verified=without.totals)


def test_what_was_emitted_is_not_estimated_to_be_biogenic(world, reported, cases) -> None:
    body = reported.report_body("110.00")
    renamed = cases.msgspec.structs.replace(body.lines[0], kind="biogenic")
    estimate = cases.Adjustment(line="coal", replacement=renamed, reason="wood", basis="conservative")
    with world.refused("verification.estimate", 12):
        reported.verify(conclusion="corrected", adjustments=(estimate,), verified=body.totals)
