"""A report's citations are summed while others may write; what is judged is the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.context import CitedReadings
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Loss, Policy, Reading, Report, RevokeKey, build, parse_body
from ledger.bodies import body_of
from ledger.citations import cited_ranges, sum_ranges
from ledger.db.log_models import Entry
from ledger.log import Accepted, Log, Refused

from .conftest import ENTERPRISE, METER, ORIGIN, PARK, QUARTER, START, Park, accepted, instant, refused

FACTORS = ("cets-steel", "03.01-v01-2024")
READINGS = 40
SIGNER = PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture
def log(park: Park) -> Log:
    made = park.log()
    policy = Policy(
        policy="factor-set",
        id=FACTORS[0],
        version=FACTORS[1],
        effective_from="2020-01-01",
        document=load_bundled(*FACTORS).document(),
    )
    entries = [
        *park.enrolments(),
        park.sign("policy", PARK, park.registrar, "policies", 1, policy),
        *(park.reading(seq) for seq in range(1, READINGS + 1)),
    ]
    for outcome in made.submit(entries).outcomes:
        accepted(outcome)
    return made


def report(park: Park, *ranges: tuple[str, int, int, str], seq: int = 1, key: PrivateKey | None = None) -> bytes:
    built = build_report(
        year=2023,
        period_from=instant(START),
        period_to=instant(START + (READINGS + 9) * QUARTER),
        activities=[
            Activity(
                id=f"power-{number}",
                kind=LineKind.ELECTRICITY,
                name="ets_constant/2022",
                evidence=(CitedRange(issuer, "electricity", first, last, quantity, "kWh"),),
            )
            for number, (issuer, first, last, quantity) in enumerate(ranges)
        ],
        factor_set=load_bundled(*FACTORS),
        obligation_base="direct",
    )
    body = parse_body("report", built.body)
    assert isinstance(body, Report)
    return park.sign("report", ENTERPRISE, key or park.enterprise, "reports", seq, body)


def total(count: int) -> str:
    return str(Decimal("3.17") * count)


def test_the_sum_is_made_before_the_lock_is_held(park: Park, log: Log) -> None:
    examination = log.examine([report(park, (METER, 1, READINGS, total(READINGS)))])
    assert {place: readings.count for place, readings in examination.sums.items()} == {
        (METER, "electricity", 1, READINGS): READINGS
    }
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM entries" in statement and "ORDER BY entries.seq" in statement:
            read.append(statement)

    event.listen(park.database.engine, "before_cursor_execute", note)
    try:
        accepted(log.settle(examination).outcomes[0])
    finally:
        event.remove(park.database.engine, "before_cursor_execute", note)
    assert read == []


def test_a_range_that_became_whole_meanwhile_is_summed_under_the_lock(park: Park, log: Log) -> None:
    entry = report(park, (METER, 1, READINGS + 1, total(READINGS + 1)))
    examination = log.examine([entry])
    assert examination.sums == {}
    accepted(log.submit([park.reading(READINGS + 1)]).outcomes[0])
    accepted(log.settle(examination).outcomes[0])


def test_a_range_and_its_report_in_one_call(park: Park, log: Log) -> None:
    entry = report(park, (METER, 1, READINGS + 1, total(READINGS + 1)))
    for outcome in log.submit([park.reading(READINGS + 1), entry]).outcomes:
        accepted(outcome)


def test_a_wrong_sum_is_refused_from_either_side_of_the_lock(park: Park, log: Log) -> None:
    whole = log.submit([report(park, (METER, 1, READINGS, total(READINGS + 1)))]).outcomes[0]
    late = log.submit([park.reading(READINGS + 1), report(park, (METER, 1, READINGS + 1, total(READINGS)))]).outcomes[1]
    assert [refused(outcome).error.rule for outcome in (whole, late)] == ["citation.sum", "citation.sum"]


def test_nothing_is_summed_for_who_may_not_cite_it_or_did_not_sign(park: Park, log: Log) -> None:
    """Summing a year of readings is work: a forged report, or one about another's meter, does not get it."""
    stranger = PrivateKey.generate(Algorithm.ED25519)
    other, meter = "88.608.7/B", "88.608.7/B_METER"
    added = [
        park.key(other, Kind.ENTERPRISE, PrivateKey.generate(Algorithm.ED25519), Purpose.STATEMENT),
        park.key(meter, Kind.DEVICE, PrivateKey.generate(Algorithm.ED25519), Purpose.DEVICE, parent=other),
    ]
    for outcome in log.submit(added).outcomes:
        accepted(outcome)
    forged = report(park, (METER, 1, READINGS, total(READINGS)), key=stranger)
    foreign = report(park, (meter, 1, 2, "1"))
    examination = log.examine([forged, foreign])
    assert examination.sums == {}
    rules = [refused(outcome).error.rule for outcome in log.settle(examination).outcomes]
    assert rules == ["key.unknown", "citation.issuer"]


@pytest.fixture
def passes(park: Park) -> Iterator[list[str]]:
    """The statements that read a range of entries."""
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM entries" in statement and "ORDER BY entries.seq" in statement:
            read.append(statement)

    event.listen(park.database.engine, "before_cursor_execute", note)
    yield read
    event.remove(park.database.engine, "before_cursor_execute", note)


def test_many_reports_about_one_stream_read_it_once(park: Park, log: Log, passes: list[str]) -> None:
    nested = [report(park, (METER, 1, READINGS - n, total(READINGS - n)), seq=n + 1) for n in range(20)]
    examination = log.examine(nested)
    assert len(passes) == 1
    assert {(last, found.total) for (*_, last), found in examination.sums.items() if found is not None} == {
        (READINGS - n, Decimal(total(READINGS - n))) for n in range(20)
    }


def test_mixed_units_are_found_before_the_lock_and_not_looked_for_again(
    park: Park, log: Log, passes: list[str]
) -> None:
    last = READINGS + 1
    start = START + last * QUARTER
    body = Reading(start=instant(start), end=instant(start + QUARTER), quantity="1", unit="MWh")
    accepted(log.submit([park.sign("reading", METER, park.meter, "electricity", last, body)]).outcomes[0])
    examination = log.examine([report(park, (METER, 1, last, "1"))])
    assert examination.sums == {(METER, "electricity", 1, last): None}
    passes.clear()
    assert refused(log.settle(examination).outcomes[0]).error.rule == "citation.readings"
    assert passes == []


@pytest.mark.parametrize("hole", ["open", "lost", "no reading"])
def test_a_range_that_is_not_whole_is_refused_without_being_read(
    park: Park, log: Log, passes: list[str], hole: str
) -> None:
    last = READINGS + 2
    accepted(log.submit([park.reading(last)]).outcomes[0])
    if hole == "lost":
        body = Loss(device=METER, stream="electricity", first_seq=last - 1, last_seq=last - 1, reason="pit flooded")
        accepted(log.submit([park.sign("loss", METER, park.meter, "losses", 1, body)]).outcomes[0])
    elif hole == "no reading":
        gone = Loss(device=METER, stream="gas", first_seq=1, last_seq=1, reason="pit flooded")
        entries = [
            park.reading(2, stream="gas"),
            park.sign("loss", METER, park.meter, "electricity", last - 1, gone),
        ]
        for outcome in log.submit(entries).outcomes:
            accepted(outcome)
    examination = log.examine([report(park, (METER, 1, last, "1"), seq=n) for n in (1, 2, 3)])
    passes.clear()
    assert {refused(outcome).error.rule for outcome in log.settle(examination).outcomes} == {"citation.readings"}
    assert passes == []


def test_while_others_wait_only_so_much_is_summed(
    park: Park, log: Log, passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.stream_answers.SUMMED_UNDER_LOCK", READINGS)
    entry = report(park, (METER, 1, READINGS + 1, total(READINGS + 1)))
    outcome = log.submit([park.reading(READINGS + 1), entry]).outcomes[1]
    assert refused(outcome).error.rule == "citation.unsettled"
    assert refused(outcome).error.value == f"{METER} electricity 1-{READINGS + 1}"
    accepted(log.submit([entry]).outcomes[0])


def test_a_range_that_several_reports_cite_is_summed_under_the_lock_once(
    park: Park, log: Log, passes: list[str]
) -> None:
    wrong = [report(park, (METER, 1, READINGS + 1, "1"), seq=n) for n in (1, 2, 3)]
    outcomes = log.submit([park.reading(READINGS + 1), *wrong]).outcomes
    assert [refused(outcome).error.rule for outcome in outcomes[1:]] == ["citation.sum"] * 3
    assert len(passes) == 1


def test_nothing_is_summed_for_a_place_that_is_taken_or_a_key_that_ended(
    park: Park, log: Log, passes: list[str]
) -> None:
    entry = report(park, (METER, 1, READINGS, total(READINGS)))
    accepted(log.submit([entry]).outcomes[0])
    passes.clear()
    assert accepted(log.submit([entry]).outcomes[0]).repeated
    other = report(park, (METER, 1, READINGS - 1, total(READINGS - 1)))
    assert refused(log.submit([other]).outcomes[0]).error.rule == "sequence.equivocation"
    body = RevokeKey(thumbprint=park.enterprise.public.kid_name, identifier=ENTERPRISE)
    accepted(log.submit([park.sign("key", ENTERPRISE, park.enterprise, "keys", 1, body)]).outcomes[0])
    late = report(park, (METER, 1, READINGS, total(READINGS)), seq=2)
    assert refused(log.submit([late]).outcomes[0]).error.rule == "key.revoked"
    assert passes == []


def test_a_meter_that_writes_a_report_about_itself_gets_no_sum(park: Park, log: Log, passes: list[str]) -> None:
    body = parse_report(report(park, (METER, 1, READINGS, total(READINGS))))
    entry = park.sign("report", METER, park.meter, "reports", 1, body)
    assert refused(log.submit([entry]).outcomes[0]).error.rule == "purpose.key"
    assert passes == []


def test_ranges_that_meet_are_refused_before_anything_is_summed(park: Park, log: Log, passes: list[str]) -> None:
    body = parse_report(report(park, (METER, 1, READINGS, total(READINGS))))
    twice = msgspec.structs.replace(body, lines=[body.lines[0], msgspec.structs.replace(body.lines[0], id="again")])
    entry = park.sign("report", ENTERPRISE, park.enterprise, "reports", 1, twice)
    assert refused(log.submit([entry]).outcomes[0]).error.rule == "evidence.counted_twice"
    assert passes == []


@settings(max_examples=150, deadline=None)
@given(
    stood=st.dictionaries(
        st.integers(1, 12), st.sampled_from(["1.25 kWh", "7 kWh", "2 kWh of/a", "3 kWh of/b", "2 MWh", "close"])
    ),
    ranges=st.sets(st.tuples(st.integers(1, 12), st.integers(0, 6)).map(lambda one: (one[0], one[0] + one[1]))),
    bridged=st.sampled_from([0, 2, 1000]),
)
def test_one_pass_sums_as_each_range_alone_would(
    stood: dict[int, str], ranges: set[tuple[int, int]], bridged: int
) -> None:
    class Held:
        """A stream in memory; the reads themselves are tested above."""

        def span(self, _stream: int, first: int, last: int) -> Iterator[Entry]:
            return (row for row in rows if first <= row.seq <= last)

    rows = [stored(seq, text) for seq, text in sorted(stood.items())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.citations._BRIDGED", bridged)
        found = sum_ranges(Held(), 1, ranges)
    for first, last in ranges:
        here = [stood.get(seq, "close").split() for seq in range(first, last + 1)]
        if ["close"] in here:
            assert (first, last) not in found
        elif len({unit for _, unit, *_ in here}) > 1:
            assert found[first, last] is None
        else:
            sums = sum((Decimal(quantity) for quantity, *_ in here), Decimal(0))
            named = [meter[0] if meter else None for _, _, *meter in here]
            # One where all name the same, else the last and the one that differs from it last.
            other = next((meter for meter in reversed(named) if meter != named[-1]), None)
            meters = (named[-1],) if set(named) == {named[-1]} else (other, named[-1])
            assert found[first, last] == CitedReadings(len(here), sums, here[0][1], first * 10, last * 10 + 10, meters)


def stored(seq: int, text: str) -> Entry:
    quantity, unit, meter = (*text.split(), "", "")[:3]
    body = Reading(start=instant(0), end=instant(10), quantity=quantity, unit=unit, meter=meter or None)
    entry = build("reading", log=ORIGIN, iss=METER, key=SIGNER, iat=0, stream="s", seq=seq, body=body)
    kind = "reading" if unit else "close"
    return Entry(seq=seq, type=kind, entry=entry, period_start=seq * 10, period_end=seq * 10 + 10)


def parse_report(entry: bytes) -> Report:
    return body_of(entry, Report)


def test_what_is_no_report_cites_nothing(park: Park, log: Log) -> None:
    items = log.examine([park.reading(1), b"nonsense"]).items
    assert not isinstance(items[0], Refused | Accepted)
    assert cited_ranges(items[0].statement) == set()
