"""Who verifies a case: appointed or drawn, never with a tie to the enterprise (DOMAIN 8, 44)."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.bodies import Accredit, DeclareTie
from attestation.draws import LAPSE_SECONDS, choose
from attestation.keys import Kind, Purpose


def test_an_appointed_verifier_is_the_case_s_current_one(case, cases) -> None:
    entry = case.appoint()
    (found,) = case.log.assignments_of(case.works, cases.YEAR)
    assert (found.verifier, found.statement_id, found.ended_index) == (cases.V1, entry.statement_id, None)
    # Whole days of China Standard Time.
    assert (found.start % cases.DAY, found.until % cases.DAY) == (57_600, 57_600)
    assert found.start < case.log.now < found.until


def test_a_case_has_one_verifier_at_a_time(world, case, cases) -> None:
    case.appoint()
    with world.refused("assignment.standing", 11, case.works):
        case.appoint(cases.V2)
    with world.refused("assignment.standing", 11):
        case.open_draw()
    case.appoint(cases.V2, year=2022)
    case.end()
    case.appoint(cases.V2)
    assert [one.verifier for one in case.log.assignments_of(case.works, cases.YEAR)] == [cases.V1, cases.V2]


def test_an_assignment_ends_once(world, case) -> None:
    entry = case.appoint()
    with world.refused("assignment.absent", 11, "ab" * 32):
        case.end("ab" * 32)
    case.end()
    with world.refused("assignment.ended", 11, entry.statement_id.hex()):
        case.end(entry.statement_id.hex())


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"verifier": "88.608.5288/works"}, "assignment.kind", 11),
        ({"verifier": "88.608.9/nobody"}, "assignment.unknown", 11),
        ({"enterprise": "88.608.9/nobody"}, "assignment.unknown", 11),
        ({"enterprise": "88.608.702/verifier"}, "assignment.kind", 11),
        ({"verifier": "nobody"}, "identifier.form", 9),
        ({"year": 23}, "body.integer", 9),
        ({"start": "2023-13-01"}, "date.format", 9),
        ({"start": "2023-12-01", "end": "2023-12-01"}, "assignment.period", 9),
        ({"start": "2023-01-01", "end": "2023-02-01"}, "assignment.past", 10),
        ({"start": "1969-12-31"}, "assignment.period", 9),
        ({"start": "0001-01-01"}, "assignment.period", 9),
    ],
)
def test_other_appointments_are_refused(world, case, changed: dict[str, object], rule: str, step: int) -> None:
    with world.refused(rule, step):
        case.appoint(**changed)


def test_only_the_registrar_appoints(world, case, cases) -> None:
    with world.refused("purpose.registrar", 8, case.works):
        case.accept("assignment", case.appointment(), iss=case.works)
    with world.refused("purpose.registrar", 8, cases.V1):
        case.accept("assignment", case.appointment(), iss=cases.V1)
    with world.refused("purpose.kind", 8, "verifier"):
        case.contribute(case.open_draw(), iss=cases.V1)


# --- DOMAIN 8 and 44: who may verify ------------------------------------------------------------------------------


def test_a_verifier_whose_accreditation_is_over_is_not_assigned(world, case, cases) -> None:
    accredit = Accredit(verifier=cases.V1, number="A-1", until=case.date(10), document_hash="ab" * 32)
    case.accept("admission", accredit, iss=cases.OFFICER)
    case.appoint(last=90)
    (found,) = case.log.assignments_of(case.works, cases.YEAR)
    # The whole last day of the accreditation, and no day more.
    assert found.until == case.log.accreditation(cases.V1).until
    case.end()
    case.at(12)
    with world.refused("eligibility.accreditation", 11, cases.V1):
        case.appoint()


def test_an_assignment_that_would_begin_after_the_accreditation_is_refused(world, case, cases) -> None:
    accredit = Accredit(verifier=cases.V1, number="A-1", until=case.date(10), document_hash="ab" * 32)
    case.accept("admission", accredit, iss=cases.OFFICER)
    with world.refused("eligibility.accreditation", 11):
        case.appoint(first=20)
    with world.refused("eligibility.accreditation", 11):
        case.open_draw(start=case.date(20))


def test_verifier_and_enterprise_of_one_group_do_not_meet(world, case, cases) -> None:
    other = "88.608.6000/works"
    case.park.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK, group="holding")
    with world.refused("eligibility.group", 11, "holding"):
        case.appoint(cases.V3, enterprise=other)
    case.appoint(cases.V3)


def test_tied_verifiers_are_neither_appointed_nor_candidates(world, case, cases) -> None:
    tie = DeclareTie(a=case.works, b=cases.V1, reason="shared director")
    case.accept("admission", tie, iss=cases.OFFICER)
    with world.refused("eligibility.tie", 11, cases.V1):
        case.appoint()
    with world.refused("eligibility.tie", 11):
        case.open_draw()


def test_who_compiled_a_report_is_not_its_verifier(world, case, cases) -> None:
    case.report(compiled_by=cases.V1)
    with world.refused("eligibility.compiled", 11, cases.V1):
        case.appoint()
    case.appoint(cases.V2)


def test_who_belongs_to_the_compiler_s_body_is_not_the_verifier_either(world, case, cases) -> None:
    clerk = "88.608.701/clerk"
    case.park.enrol(clerk, Kind.PERSON, Purpose.STATEMENT, parent=cases.V1)
    case.report(compiled_by=clerk)
    with world.refused("eligibility.compiled", 11, clerk):
        case.appoint()


# --- the draw -----------------------------------------------------------------------------------------------------


def test_a_draw_assigns_whom_both_sides_bytes_choose(case, cases) -> None:
    opened = case.open_draw(cases.V1, cases.V2, cases.V3)
    case.contribute(opened)
    entry = case.draw(opened)
    (found,) = case.log.assignments_of(case.works, cases.YEAR)
    # Computed here from the definition alone.
    digest = sha256(b"tanlu-draw\x00" + opened.statement_id + cases.SECRET + b"\x07" * 32).digest()
    assert found.verifier == (cases.V1, cases.V2, cases.V3)[int.from_bytes(digest, "big") % 3]
    assert found.statement_id == entry.statement_id


def test_without_a_contribution_zeros_stand_for_it_once_the_time_is_over(world, case, cases) -> None:
    opened = case.open_draw(until=2)
    with world.refused("draw.early", 11):
        case.draw(opened)
    case.at(2)
    with world.refused("draw.late", 11):
        case.contribute(opened)
    case.draw(opened)
    digest = sha256(b"tanlu-draw\x00" + opened.statement_id + cases.SECRET + bytes(32)).digest()
    found = case.log.assignments_of(case.works, cases.YEAR)[-1]
    assert found.verifier == (cases.V1, cases.V2)[int.from_bytes(digest, "big") % 2]


def test_a_draw_is_what_was_committed_to(world, case, cases) -> None:
    opened = case.open_draw()
    case.contribute(opened)
    with world.refused("draw.secret", 12):
        case.draw(opened, secret=b"\x01" * 32)
    chosen = choose(opened.statement_id, cases.SECRET, b"\x07" * 32, 2)
    with world.refused("draw.verifier", 12):
        case.draw(opened, verifier=(cases.V1, cases.V2)[1 - chosen])
    case.draw(opened)
    with world.refused("draw.done", 11, opened.statement_id.hex()):
        case.draw(opened)


def test_a_contribution_is_the_enterprise_s_and_comes_once(world, case) -> None:
    other = "88.608.6000/works"
    case.park.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    opened = case.open_draw()
    with world.refused("draw.enterprise", 11, other):
        case.contribute(opened, iss=other)
    case.contribute(opened)
    with world.refused("draw.contributed", 11):
        case.contribute(opened, b"\x08" * 32)


def test_a_draw_that_waits_keeps_others_out_until_it_lapses(world, case, cases) -> None:
    opened = case.open_draw(until=2)
    with world.refused("draw.pending", 11, case.works):
        case.appoint()
    with world.refused("draw.pending", 11):
        case.open_draw()
    case.at(2 + LAPSE_SECONDS / cases.DAY)
    with world.refused("draw.lapsed", 11):
        case.draw(opened)
    with world.refused("draw.lapsed", 11):
        case.contribute(opened)
    case.appoint()


def test_a_draw_is_over_before_its_days_are(world, case, cases) -> None:
    with world.refused("draw.until", 10):
        case.open_draw(end=case.date(3), until=2)
    case.open_draw(end=case.date(3), until=1)


def test_who_was_tied_after_the_draw_was_opened_is_not_assigned(world, case, cases) -> None:
    opened = case.open_draw()
    case.contribute(opened)
    place = choose(opened.statement_id, cases.SECRET, b"\x07" * 32, 2)
    tie = DeclareTie(a=case.works, b=(cases.V1, cases.V2)[place], reason="bought shares")
    case.accept("admission", tie, iss=cases.OFFICER)
    with world.refused("eligibility.tie", 11):
        case.draw(opened)


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"candidates": ("88.608.701/verifier",)}, "draw.candidates", 9),
        ({"candidates": ("88.608.702/verifier", "88.608.701/verifier")}, "draw.candidates", 9),
        ({"candidates": ("88.608.701/verifier", "88.608.701/verifier")}, "draw.candidates", 9),
        ({"candidates": ("88.608.701/verifier", "88.608.999/verifier")}, "assignment.unknown", 11),
        ({"commitment": "AB" * 32}, "bytes32.format", 9),
        ({"contribute_until": "tomorrow"}, "instant.format", 9),
        ({"contribute_until": "2023-01-01T00:00:00Z"}, "draw.until", 10),
        ({"contribute_until": "2023-12-15T00:00:00Z"}, "draw.until", 10),
    ],
)
def test_other_draws_are_not_opened(world, case, changed: dict[str, object], rule: str, step: int) -> None:
    with world.refused(rule, step):
        case.open_draw(**changed)


def test_a_draw_that_nobody_opened_is_not_drawn(world, case) -> None:
    opened = case.open_draw()
    stranger = msgspec.structs.replace(opened, statement_id=b"\xab" * 32)
    with world.refused("draw.unknown", 11, "ab" * 32):
        case.draw(stranger)


BYTES = st.binary(min_size=32, max_size=32)


@settings(max_examples=200)
@given(draw=BYTES, secret=BYTES, mine=BYTES, other=BYTES, n=st.integers(2, 40))
def test_everybody_computes_the_draw_again(draw: bytes, secret: bytes, mine: bytes, other: bytes, n: int) -> None:
    place = choose(draw, secret, mine, n)
    assert 0 <= place < n
    assert place == int(sha256(b"tanlu-draw\0" + draw + secret + mine).hexdigest(), 16) % n
    assert choose(draw, secret, None, n) == choose(draw, secret, bytes(32), n)


@settings(max_examples=10)
@given(draw=BYTES, fixed=BYTES, n=st.integers(2, 5))
def test_neither_side_alone_chooses(draw: bytes, fixed: bytes, n: int) -> None:
    """With one side's bytes fixed, the other side's reach every candidate, each about as often."""
    others = [sha256(fixed + number.to_bytes(4)).digest() for number in range(1_000)]
    for places in (
        [choose(draw, fixed, other, n) for other in others],
        [choose(draw, other, fixed, n) for other in others],
    ):
        counts = [places.count(place) for place in range(n)]
        expected = len(others) / n
        # Six standard deviations of a fair draw.
        assert all(abs(count - expected) < 6 * (expected * (1 - 1 / n)) ** 0.5 for count in counts), counts
