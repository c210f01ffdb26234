"""The registered figure: an independent verifier's signature over it, or two persons' word (DOMAIN 2, 10, 44)."""

from __future__ import annotations

import msgspec
import pytest

from attestation.bodies import DeclareTie
from attestation.keys import Algorithm, Kind, Purpose

WINDOW_ENDS = 1_700_841_600
"""As in the tests of objections."""
REPORT_DUE = 1_711_900_800
"""2024-04-01 in UTC+8: 31 March is in time (DOMAIN 11)."""
REGISTRATION_DUE = 1_719_763_200
"""2024-07-01 in UTC+8."""


@pytest.fixture
def judged(case):
    """A case whose verdict can be registered."""
    case.report()
    case.appoint()
    case.verdict_entry = case.verify(**case.adjusted("90.00"))
    case.log.now = WINDOW_ENDS
    return case


def test_a_verdict_is_registered_after_the_objection_window(world, judged, cases) -> None:
    judged.log.now = WINDOW_ENDS - 1
    with world.refused("registration.early", 11):
        judged.register(judged.verdict_entry)
    judged.log.now = WINDOW_ENDS
    judged.register(judged.verdict_entry)
    (found,) = judged.log.registrations_of(judged.works, cases.YEAR)
    tonnes = judged.report_body("90.00").totals.obligation_tonnes
    assert (found.revision, found.tonnes, found.verdict) == (1, tonnes, judged.verdict_entry.statement_id)


def test_the_verifier_brings_it_itself(world, judged, cases) -> None:
    with world.refused("registration.party", 11, cases.V2):
        judged.register(judged.verdict_entry, iss=cases.V2)
    judged.register(judged.verdict_entry, iss=cases.V1)


def test_it_is_registered_once(world, judged) -> None:
    judged.register(judged.verdict_entry)
    with world.refused("registration.repeated", 11):
        judged.register(judged.verdict_entry)


def test_it_waits_for_the_decision_on_an_objection(world, judged) -> None:
    judged.log.now = WINDOW_ENDS - 1
    objection = judged.object(judged.verdict_entry)
    judged.log.now = WINDOW_ENDS
    with world.refused("registration.objection", 11):
        judged.register(judged.verdict_entry)
    judged.decide(objection, upheld=False)
    judged.register(judged.verdict_entry)


def test_a_void_or_rejecting_verdict_registers_nothing(world, judged, cases) -> None:
    judged.log.now = WINDOW_ENDS - 1
    judged.decide(judged.object(judged.verdict_entry), upheld=True)
    judged.appoint(cases.V2)
    rejecting = judged.verify(verifier=cases.V2, conclusion="rejected", verified=None)
    judged.at(60)
    with world.refused("registration.verdict", 11, "void"):
        judged.register(judged.verdict_entry)
    with world.refused("registration.verdict", 11, "rejected"):
        judged.register(rejecting)
    with world.refused("verdict.unknown", 11):
        judged.accept(
            "registration",
            msgspec.structs.replace(judged.registration(rejecting), verification="ab" * 32),
            iss=world.PARK,
        )


def test_a_verdict_on_a_superseded_report_is_not_registered(world, judged) -> None:
    judged.resubmit()
    with world.refused("registration.outdated", 11):
        judged.register(judged.verdict_entry)


def test_the_verifier_is_still_assigned_and_independent(world, judged, cases) -> None:
    body = judged.registration(judged.verdict_entry)
    tie = DeclareTie(a=judged.works, b=cases.V1, reason="hired by the plant")
    judged.accept("admission", tie, iss=cases.OFFICER)
    with world.refused("eligibility.tie", 11):
        judged.accept("registration", body, iss=world.PARK)
    judged.end()
    with world.refused("case.replaced", 11):
        judged.accept("registration", body, iss=world.PARK)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"tonnes": 1}, "body.tonnes"),
        ({"year": 2022}, "body.year"),
        ({"revision": 2}, "body.revision"),
        ({"enterprise": "88.608.100/park"}, "body.enterprise"),
    ],
)
def test_what_is_registered_is_what_was_verified(world, judged, changed: dict[str, object], place: str) -> None:
    with world.refused("registration.content", 11) as caught:
        judged.register(judged.verdict_entry, **changed)
    assert place in caught.value.message


def test_the_signature_is_the_verifier_s_over_that_very_figure(world, judged, cases) -> None:
    with world.refused("registration.signature", 12):
        judged.register(judged.verdict_entry, by=cases.V2)
    good = judged.registration(judged.verdict_entry)
    other = judged.registration(judged.verdict_entry, tonnes=1)
    with world.refused("registration.signature", 12):
        judged.accept("registration", msgspec.structs.replace(good, signature=other.signature), iss=world.PARK)
    with world.refused("hex.format", 9):
        judged.accept("registration", msgspec.structs.replace(good, signature="0x00"), iss=world.PARK)
    judged.accept("registration", good, iss=world.PARK)


def test_a_revoked_or_administrating_key_does_not_sign_figures(world, case, cases) -> None:
    verifier = "88.608.704/verifier"
    case.park.enrol(verifier, Kind.VERIFIER, Purpose.ADMINISTRATION, algorithm=Algorithm.ES256K)
    spare = world.seeded(Algorithm.ED25519, 77)
    case.park.add(verifier, spare, Purpose.STATEMENT)
    case.report()
    case.appoint(verifier)
    entry = case.log.accept(
        case.park.sign("verification", case.verdict(), iss=verifier, stream="verdicts", key=spare, iat=case.log.now)
    )
    assert entry.key.key == spare.public
    verdict = case.log.entries[-1].statement
    case.log.now = WINDOW_ENDS
    with world.refused("registration.signature", 12):
        case.register(verdict)


def test_an_amendment_is_the_next_revision(world, judged, cases) -> None:
    """DOMAIN 2: a verdict after the registration, on a new revision of the report, registers revision 2."""
    judged.register(judged.verdict_entry)
    judged.resubmit("80.00")
    second = judged.verify()
    judged.at(40)
    with world.refused("registration.content", 11):
        judged.register(second, revision=1)
    judged.register(second)
    assert [one.revision for one in judged.log.registrations_of(judged.works, cases.YEAR)] == [1, 2]


def test_without_a_contract_nothing_is_registered(world, judged) -> None:
    body = judged.registration(judged.verdict_entry)
    judged.log.emissions_domain = None
    with world.refused("registration.no_registry", 11):
        judged.accept("registration", body, iss=world.PARK)
    with world.refused("registration.no_registry", 11):
        judged.determine()


# --- determinations (DOMAIN 10) -----------------------------------------------------------------------------------


def test_who_does_not_report_is_determined_after_the_deadline(world, case, cases) -> None:
    case.log.now = REPORT_DUE - 1
    with world.refused("determination.early", 11):
        case.determine()
    case.log.now = REPORT_DUE
    case.determine()
    (found,) = case.log.registrations_of(case.works, cases.YEAR)
    assert (found.revision, found.tonnes, found.verdict) == (1, 999, None)


def test_a_report_that_nobody_verified_is_determined_after_the_deadline_of_registration(world, case) -> None:
    case.report()
    case.log.now = REPORT_DUE
    with world.refused("determination.cause", 11, "no-report"):
        case.determine()
    with world.refused("determination.early", 11):
        case.determine(cause="undelivered-verification")
    case.log.now = REGISTRATION_DUE
    case.determine(cause="undelivered-verification")


def test_a_rejected_report_counts_as_none(world, case) -> None:
    case.report()
    case.appoint(last=400)
    case.verify(conclusion="rejected", verified=None)
    case.log.now = REGISTRATION_DUE
    with world.refused("determination.cause", 11, "undelivered-verification"):
        case.determine(cause="undelivered-verification")
    case.determine()


def test_what_is_verified_is_not_determined(world, judged) -> None:
    judged.log.now = REGISTRATION_DUE
    with world.refused("determination.cause", 11, "undelivered-verification"):
        judged.determine(cause="undelivered-verification")
    judged.log.now = WINDOW_ENDS
    judged.register(judged.verdict_entry)
    judged.log.now = REGISTRATION_DUE
    with world.refused("determination.verified", 11, judged.works):
        judged.determine(cause="undelivered-verification")


def test_a_later_verdict_amends_a_determination(world, case, cases) -> None:
    case.log.now = REPORT_DUE
    case.determine()
    case.determine(tonnes=998)
    case.report()
    case.appoint(first=130, last=400)
    verdict = case.verify()
    case.log.now = REPORT_DUE + 30 * cases.DAY
    case.register(verdict)
    assert [one.revision for one in case.log.registrations_of(case.works, cases.YEAR)] == [1, 2, 3]


def test_two_persons_of_two_bodies_approve_the_very_figure(world, case, cases) -> None:
    case.log.now = REPORT_DUE
    with world.refused("approval.same_person", 12):
        case.determine(persons=(cases.OFFICER, cases.OFFICER))
    colleague = "88.608.100/colleague"
    case.park.enrol(colleague, Kind.PERSON, Purpose.ADMINISTRATION, parent=world.PARK, algorithm=Algorithm.ES256K)
    with world.refused("approval.same_body", 12):
        case.determine(persons=(cases.OFFICER, colleague))
    other = case.determination(tonnes=1)
    with world.refused("approval.signature", 12):
        case.determine(approvals=other.approvals)
    with world.refused("approval.count", 9):
        case.determine(approvals=other.approvals[:1])


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"cause": "late"}, "body.choice", 9),
        ({"document_hash": "00" * 32}, "bytes32.format", 9),
        ({"reason": ""}, "body.reason", 9),
        ({"method": ""}, "body.name", 9),
        ({"revision": 0}, "body.integer", 9),
        ({"revision": 2}, "registration.content", 11),
        ({"enterprise": "88.608.701/verifier"}, "assignment.kind", 11),
        ({"enterprise": "88.608.701/nobody"}, "assignment.unknown", 11),
    ],
)
def test_other_determinations_are_refused(world, case, changed: dict[str, object], rule: str, step: int) -> None:
    case.log.now = REPORT_DUE
    with world.refused(rule, step):
        case.determine(**changed)


def test_the_registrar_alone_determines(world, case) -> None:
    case.log.now = REPORT_DUE
    with world.refused("purpose.registrar", 8, case.works):
        case.accept("determination", case.determination(), iss=case.works)


# --- handover (DOMAIN 44: only the current assignee's verdict counts) ----------------------------------------------


def test_a_replaced_verifiers_verdict_stands_in_nobodys_way(world, judged, cases) -> None:
    judged.end()
    with world.refused("case.replaced", 11, cases.V1):
        judged.register(judged.verdict_entry)
    judged.appoint(cases.V2)
    second = judged.verify(verifier=cases.V2)
    with world.refused("registration.verdict", 11, "replaced"):
        judged.register(judged.verdict_entry)
    judged.log.now += 30 * cases.DAY
    judged.register(second)
    (found,) = judged.log.registrations_of(judged.works, cases.YEAR)
    assert found.verdict == second.statement_id


def test_who_is_assigned_again_has_its_verdict_again(world, judged, cases) -> None:
    judged.end()
    judged.appoint(cases.V2)
    judged.verify(verifier=cases.V2)
    judged.end()
    judged.appoint()
    with world.refused("verification.repeated", 11):
        judged.verify()
    judged.register(judged.verdict_entry)


def test_one_revision_of_a_report_registers_one_figure(world, judged, cases) -> None:
    """Another verifier's verdict on the revision that is registered waits for nothing, and amends nothing."""
    judged.end()
    judged.appoint(cases.V2)
    second = judged.verify(verifier=cases.V2)
    judged.end()
    judged.appoint()
    judged.register(judged.verdict_entry)
    judged.end()
    judged.appoint(cases.V2)
    judged.log.now += 30 * cases.DAY
    with world.refused("registration.verdict", 11, "replaced"):
        judged.register(second)
    with world.refused("verification.repeated", 11):
        judged.verify(verifier=cases.V2)


def test_a_verdict_of_who_is_assigned_no_more_does_not_keep_a_determination_away(world, judged, cases) -> None:
    """DOMAIN 10: else a tie declared in time would free an enterprise that corrects nothing."""
    tie = DeclareTie(a=judged.works, b=cases.V1, reason="hired by the plant")
    judged.accept("admission", tie, iss=cases.OFFICER)
    judged.log.now = REGISTRATION_DUE
    with world.refused("determination.cause", 11, "undelivered-verification"):
        judged.determine(cause="undelivered-verification")
    judged.end()
    judged.determine(cause="undelivered-verification")
