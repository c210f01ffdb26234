"""Coverage of a report: marks, hours, findings; one altered reading makes it fail and is named (DOMAIN 42, 43)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.bodies import InstallDevice, RemoveDevice, ReplaceDevice
from attestation.statements import Policy, Reading, Report, parse_body
from ledger.coverage_findings import Kind
from ledger.db.log_models import Entry
from ledger.errors import ReadingAltered
from ledger.log import Log
from ledger.merkle import leaf_hash

from .conftest import ENTERPRISE, METER, PARK, QUARTER, START, Park, accepted, instant

FACTORS = ("cets-steel", "03.01-v01-2024")
READINGS = 40
END = START + READINGS * QUARTER
DAYS_40 = 40 * 86_400


def reading(park: Park, seq: int, quantity: str = "3.17", *, place: int | None = None) -> bytes:
    """Reading ``seq``, of quarter ``place`` since the start; quarter ``seq`` - 1 unless told otherwise."""
    return park.reading(seq, quantity, start=START + (seq - 1 if place is None else place) * QUARTER)


@pytest.fixture
def log(park: Park) -> Log:
    """The enterprise's forty readings of 3.17 kWh, fresh, and a factor set; no report yet."""
    park.clock.now = float(END + 50 * QUARTER)
    made = park.log()
    document = load_bundled(*FACTORS).document()
    policy = Policy(
        policy="factor-set", id=FACTORS[0], version=FACTORS[1], effective_from="2020-01-01", document=document
    )
    entries = [*park.enrolments(), park.sign("policy", PARK, park.registrar, "policies", 1, policy)]
    entries += [reading(park, seq) for seq in range(1, READINGS + 1)]
    send(made, *entries)
    return made


def send(log: Log, *entries: bytes) -> int:
    """Accept all of them; the index of the last."""
    return [accepted(outcome).ref.index for outcome in log.submit(entries).outcomes][-1]


def report(park: Park, *activities: Activity, end: int = END, seq: int = 1) -> bytes:
    built = build_report(
        year=2023,
        period_from=instant(START),
        period_to=instant(end),
        activities=activities,
        factor_set=load_bundled(*FACTORS),
        obligation_base="direct",
    )
    body = parse_body("report", built.body)
    assert isinstance(body, Report)
    return park.sign("report", ENTERPRISE, park.enterprise, "reports", seq, body)


def power(id_: str, *cited: CitedRange) -> Activity:
    return Activity(id=id_, kind=LineKind.ELECTRICITY, name="ets_constant/2022", evidence=cited)


def cite(first: int, last: int, quantity: str | None = None, *, issuer: str = METER, **members) -> CitedRange:
    total = quantity or str(Decimal("3.17") * (last - first + 1))
    return CitedRange(issuer, members.pop("stream", "electricity"), first, last, total, "kWh", **members)


def event(park: Park, seq: int, body) -> bytes:
    return park.sign("device", ENTERPRISE, park.enterprise, "devices", seq, body)


def test_domain_43_a_report_on_fresh_readings_is_backed_by_its_device_alone(park: Park, log: Log) -> None:
    index = send(log, report(park, power("grid", cite(1, READINGS))))
    covered = park.view().report_coverage(index)
    assert (covered.backed, covered.share.device, covered.share.stated) == (100, 100, 0)
    assert (covered.readings, covered.seconds.device, covered.seconds.gap) == (READINGS, READINGS * QUARTER, 0)
    (line,) = covered.lines
    assert [(one.unit, one.quantity.device) for one in line.numbers] == [("MWh", Decimal("0.1268"))]
    assert [(one.device, one.readings, one.quantity) for one in line.ranges] == [(METER, READINGS, Decimal("126.80"))]
    assert (covered.findings, set(covered.counts.values())) == ((), {0})


def test_domain_43_marks_are_counted_apart_in_quantity_and_hours(park: Park, log: Log) -> None:
    """Ten late readings of the meter and ten by hand, beside forty in time."""
    park.clock.now = float(END + 20 * QUARTER + DAYS_40)
    late = [reading(park, seq) for seq in range(41, 51)]
    by_hand = [
        park.sign(
            "reading",
            ENTERPRISE,
            park.enterprise,
            "by-hand",
            seq,
            Reading(
                start=instant(END + (9 + seq) * QUARTER),
                end=instant(END + (10 + seq) * QUARTER),
                quantity="3.17",
                unit="kWh",
                meter=METER,
            ),
        )
        for seq in range(1, 11)
    ]
    send(log, *late, *by_hand)
    by_meter = power("grid", cite(1, 50), cite(1, 10, issuer=ENTERPRISE, stream="by-hand"))
    stated = Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("0.00"), "t")
    index = send(log, report(park, by_meter, stated, end=END + 20 * QUARTER))
    covered = park.view().report_coverage(index)
    assert covered.seconds == type(covered.seconds)(40 * QUARTER, 10 * QUARTER, 10 * QUARTER, 0)
    grid, coal = covered.lines
    assert (grid.share.device, grid.share.backfilled, grid.share.manual) == (
        Decimal("66.67"),
        Decimal("16.67"),
        Decimal("16.67"),
    )
    assert (coal.share.stated, coal.ranges) == (Decimal("100.00"), ())
    assert covered.findings == ()


def test_hours_without_a_cited_reading_are_gaps_that_name_stream_seqs_and_instants(park: Park, log: Log) -> None:
    send(log, reading(park, 41, place=44))
    index = send(log, report(park, power("grid", cite(3, 20), cite(25, 41)), end=START + 50 * QUARTER))
    covered = park.view().report_coverage(index)
    assert covered.seconds.gap == (2 + 4 + 4 + 5) * QUARTER
    found = {(one.first_seq, one.last_seq, (one.end - one.start) // QUARTER) for one in covered.findings}
    assert found == {(3, 3, 2), (20, 25, 4), (40, 41, 4), (41, 41, 5)}
    assert {(one.kind, one.line, one.issuer, one.stream) for one in covered.findings} == {
        (Kind.GAP, "grid", METER, "electricity")
    }


def test_a_reading_of_many_medians_is_a_jump(park: Park, log: Log) -> None:
    send(log, reading(park, 41, "31.70"), reading(park, 42, "31.71"))
    total = str(Decimal("3.17") * 40 + Decimal("63.41"))
    index = send(log, report(park, power("grid", cite(1, 42, total)), end=END + 2 * QUARTER))
    (found,) = park.view().report_coverage(index).findings
    assert (found.kind, found.first_seq, found.last_seq, found.found) == (Kind.JUMP, 42, 42, "31.71")
    assert "31.70" in found.expected


def terms(park: Park, *, closing: str, at: int = START + 20 * QUARTER) -> list[bytes]:
    """The meter was installed at the start with multiplier 40, replaced in its own place, and removed at the end."""
    return [
        event(
            park,
            1,
            InstallDevice(device=METER, at=instant(START), unit="kWh", opening="100.00", multiplier="40"),
        ),
        event(
            park,
            2,
            ReplaceDevice(
                device=METER, at=instant(at), closing=closing, by=METER, opening="0", multiplier="60", unit="kWh"
            ),
        ),
        event(park, 3, RemoveDevice(device=METER, at=instant(END), closing="63.40")),
    ]


def test_domain_42_a_replaced_meter_keeps_coverage_whole_and_its_registers_agree(park: Park, log: Log) -> None:
    send(log, *terms(park, closing="163.40"))
    evidence = cite(1, 20, multiplier="40"), cite(21, 40, multiplier="60")
    covered = park.view().report_coverage(send(log, report(park, power("grid", *evidence))))
    assert (covered.backed, covered.seconds.gap, covered.findings) == (100, 0, ())
    assert covered.lines[0].numbers[0].quantity.device == Decimal("6.3400")


@pytest.mark.parametrize(
    ("closing", "kind", "found"), [("163.41", Kind.REGISTER, "2536.00 kWh"), ("99.99", Kind.RESET, "99.99 kWh")]
)
def test_domain_42_a_register_that_says_something_else_is_found(
    park: Park, log: Log, closing: str, kind: Kind, found: str
) -> None:
    send(log, *terms(park, closing=closing))
    evidence = cite(1, 20, multiplier="40"), cite(21, 40, multiplier="60")
    (finding,) = park.view().report_coverage(send(log, report(park, power("grid", *evidence)))).findings
    assert (finding.kind, finding.found, finding.first_seq, finding.last_seq) == (kind, found, 1, 20)
    assert (finding.start, finding.end) == (START, START + 20 * QUARTER)


def test_an_event_logged_after_the_report_is_found_where_it_disagrees(park: Park, log: Log) -> None:
    index = send(log, report(park, power("grid", cite(1, READINGS))))
    body = InstallDevice(device=METER, at=instant(START), unit="kWh", opening="0", multiplier="40")
    send(log, event(park, 1, body))
    (found,) = park.view().report_coverage(index).findings
    assert (found.kind, found.found, found.expected) == (Kind.TERM, "citation.multiplier: none, so 1", "40")


def test_what_is_no_report_has_no_coverage(park: Park, log: Log) -> None:
    assert park.view().report_coverage(3) is None
    assert park.view().report_coverage(10_000) is None


def altered(park: Park, seq: int, *, leaf: bool) -> None:
    """The store's reading says 3.18 instead of 3.17, its signature untouched; with ``leaf``, the hash beside it too."""
    honest, forged = reading(park, seq), reading(park, seq, "3.18")
    entry = b".".join([honest.split(b".")[0], forged.split(b".")[1], honest.split(b".")[2]])
    values = {"entry": entry} | ({"leaf_hash": leaf_hash(entry)} if leaf else {})
    with park.database.write() as session:
        stream = session.query(Entry.stream_id).where(Entry.leaf_hash == leaf_hash(honest)).scalar()
        session.execute(update(Entry).where(Entry.stream_id == stream, Entry.seq == seq).values(**values))


@pytest.mark.parametrize(("leaf", "rule"), [(False, "coverage.altered"), (True, "coverage.sum")])
def test_one_reading_altered_by_a_hundredth_makes_coverage_fail_and_is_named(
    park: Park, log: Log, leaf: bool, rule: str
) -> None:
    index = send(log, report(park, power("grid", cite(1, READINGS))))
    altered(park, 17, leaf=leaf)
    with pytest.raises(ReadingAltered) as caught:
        park.view().report_coverage(index)
    assert caught.value.rule == rule
    assert f"{METER} electricity {'1-40: 126.81 kWh' if leaf else 'seq 17: '}" in caught.value.value


def test_a_report_altered_in_the_store_is_named(park: Park, log: Log) -> None:
    index = send(log, report(park, power("grid", cite(1, READINGS))))
    with park.database.write() as session:
        session.execute(update(Entry).where(Entry.index == index).values(leaf_hash=bytes(32)))
    with pytest.raises(ReadingAltered, match=f"entry {index}"):
        park.view().report_coverage(index)
