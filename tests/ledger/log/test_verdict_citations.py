"""Readings that a verdict cites anew: judged as in the enterprise's report, and added up before the lock is taken."""

from __future__ import annotations

import pytest

import ledger.stream_answers
from attestation.accounting import Activity, CitedRange, LineKind
from attestation.errors import AttestationError
from attestation.keys import Kind, Purpose
from attestation.statements import Adjustment
from ledger.db.base import Database
from tests.ledger.mirrored import Mirror, casework, memory

GRID = next(iter(casework.STEEL.electricity))


@pytest.fixture
def mirror(database: Database) -> Mirror:
    """A case whose report cites eight readings of 1.50 kWh, with its verifier."""
    made = Mirror(database)
    made.case.park.enrol(memory.METER, Kind.DEVICE, Purpose.DEVICE, parent=memory.WORKS)
    for seq in range(1, 13):
        made.memory.accept(made.case.park.reading(seq))
    made.case.report(lines=[bought(made, 1, 8)])
    made.case.appoint()
    return made


def bought(mirror: Mirror, first: int, last: int, name: str = "grid") -> Activity:
    quantity = f"{(last - first + 1) * 1.5:.2f}"
    cited = CitedRange(memory.METER, memory.STREAM, first, last, quantity, "kWh")
    return Activity(name, LineKind.ELECTRICITY, GRID, evidence=(cited,))


def correction(mirror: Mirror, *lines: Activity) -> dict[str, object]:
    """The verdict that the lines of the report should have been these."""
    body = mirror.case.report_body(lines=list(lines))
    adjustments = tuple(
        Adjustment(line=line.id, replacement=line, reason="read again", basis="evidence") for line in body.lines
    )
    return {"conclusion": "corrected", "adjustments": adjustments, "verified": body.totals}


def test_a_replacement_cites_the_enterprise_s_readings(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing may be left to be added up while everybody waits.
    monkeypatch.setattr(ledger.stream_answers, "SUMMED_UNDER_LOCK", 0)
    mirror.case.verify(**correction(mirror, bought(mirror, 1, 10)))
    mirror.compare_facts()


def test_no_hour_counts_twice_in_the_adjusted_report(mirror: Mirror) -> None:
    # Seq 8 is cited by the line that stays.
    members = correction(mirror, bought(mirror, 8, 9, "grid-2"))
    with pytest.raises(AttestationError) as caught:
        mirror.case.verify(**members)
    assert caught.value.rule == "evidence.counted_twice"


def test_a_sum_that_the_readings_do_not_give_is_refused(mirror: Mirror) -> None:
    wrong = Activity(
        "grid",
        LineKind.ELECTRICITY,
        GRID,
        evidence=(CitedRange(memory.METER, memory.STREAM, 1, 8, "12.01", "kWh"),),
    )
    with pytest.raises(AttestationError) as caught:
        mirror.case.verify(**correction(mirror, wrong))
    assert (caught.value.rule, caught.value.value, caught.value.expected) == ("citation.sum", "12.01", "12.00")


def test_the_verifier_s_own_readings_are_no_evidence(mirror: Mirror) -> None:
    other = Activity(
        "grid", LineKind.ELECTRICITY, GRID, evidence=(CitedRange(casework.V1, memory.STREAM, 1, 8, "12.00", "kWh"),)
    )
    with pytest.raises(AttestationError) as caught:
        mirror.case.verify(**correction(mirror, other))
    assert (caught.value.rule, caught.value.value) == ("citation.issuer", casework.V1)
