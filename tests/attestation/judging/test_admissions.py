"""Who is let in, by two persons of the park and a one-time code (DOMAIN 8, 23, 47)."""

from __future__ import annotations

import pytest

from attestation.admission_codes import code_hash
from attestation.bodies import Accredit, AccreditationPart, ApproveApplication, DeclareTie, ReviewApplication
from attestation.instants import parse_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Policy

REVIEWER = "88.608.100/li"
APPROVER = "88.608.100/wang"
APPLICANT = "88.608.7000/glass"
VERIFIER = "88.608.9000/verifier"
CODE = "000102030405060708090a0b0c0d0e0f"
OTHER_CODE = "ff" * 16
CREDIT_CODE = "91110000600037341L"
APPLICATION = "ab" * 32


class Desk:
    """A park with two persons who admit, and what they say."""

    def __init__(self, world, park) -> None:
        self.world, self.park = world, park
        for person in (REVIEWER, APPROVER):
            park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=world.PARK)

    def say(self, body, iss: str) -> str:
        """Accepted; gives the statement id."""
        self.park.log.accept(self.park.sign("admission", body, iss=iss, stream="admissions"))
        return self.park.log.entries[-1].statement.statement_id.hex()

    def review(self, iss: str = REVIEWER, **changed: object) -> str:
        return self.say(review_body(**changed), iss)

    def approve(self, review: str, iss: str = APPROVER, code: str = CODE) -> str:
        return self.say(ApproveApplication(review=review, code_hash=code_hash(code)), iss)

    def admit(self, code: str = CODE, **changed: object) -> str:
        return self.approve(self.review(**changed), code=code)

    def enrol(
        self, admission: str | None, code: str | None = CODE, *, identifier: str = APPLICANT, kind=Kind.ENTERPRISE, **of
    ):
        parent = {"parent": self.world.PARK} if kind is Kind.ENTERPRISE else {}
        body = self.park.key_body(identifier, kind, Purpose.STATEMENT, **(parent | of))
        return self.park.accept_key(type(body)(**(members(body) | {"admission": admission, "code": code})))


def members(body) -> dict[str, object]:
    return {name: getattr(body, name) for name in body.__struct_fields__}


def review_body(**changed: object) -> ReviewApplication:
    given: dict[str, object] = {
        "application": APPLICATION,
        "identifier": APPLICANT,
        "kind": "enterprise",
        "credit_code": CREDIT_CODE,
        "recommended": True,
        "reason": "licence and site seen",
    }
    return ReviewApplication(**(given | changed))


def verifier_review(until: str = "2024-06-30", **changed: object) -> dict[str, object]:
    accreditation = AccreditationPart(number="CNAS VV001", until=until)
    return {"identifier": VERIFIER, "kind": "verifier", "accreditation": accreditation} | changed


@pytest.fixture
def desk(world, park) -> Desk:
    return Desk(world, park)


def test_two_persons_and_a_code_let_an_enterprise_in(desk) -> None:
    admission = desk.admit(group="holding 甲")
    desk.enrol(admission, group="holding 甲")
    record = desk.park.log.identifier(APPLICANT)
    assert (record.kind, record.group) == (Kind.ENTERPRISE, "holding 甲")
    assert desk.park.log.approval(bytes.fromhex(admission)).used_index == record.enrolled_index


def test_nobody_approves_an_own_review(world, desk) -> None:
    review = desk.review()
    with world.refused("admission.same_person", 11, REVIEWER):
        desk.approve(review, iss=REVIEWER)
    desk.approve(review)


@pytest.mark.parametrize("action", ["review", "approve", "accredit", "tie"])
def test_persons_of_another_body_admit_nobody(world, desk, action: str) -> None:
    """Not even those of another park."""
    park = desk.park
    park.enrol("88.608.200/park", Kind.PARK, Purpose.STATEMENT)
    park.enrol("88.608.200/zhao", Kind.PERSON, Purpose.ADMINISTRATION, parent="88.608.200/park")
    review = desk.review()
    bodies = {
        "review": review_body(),
        "approve": ApproveApplication(review=review, code_hash=code_hash(CODE)),
        "accredit": Accredit(verifier=VERIFIER, number="1", until="2030-01-01", document_hash="0" * 64),
        "tie": DeclareTie(a=VERIFIER, b=world.WORKS, reason="one owner"),
    }
    with world.refused("admission.body", 11, "88.608.200/zhao of 88.608.200/park"):
        desk.say(bodies[action], "88.608.200/zhao")


def test_only_persons_with_an_administration_key_admit(world, desk) -> None:
    desk.park.enrol("88.608.100/clerk", Kind.PERSON, Purpose.STATEMENT, parent=world.PARK)
    with world.refused("purpose.key", 8, "statement"):
        desk.review(iss="88.608.100/clerk")
    with world.refused("purpose.kind", 8, "park"):
        desk.review(iss=world.PARK)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("sha256.format", {"application": "AB" * 32}),
        ("identifier.form", {"identifier": "glass"}),
        ("body.choice", {"kind": "park"}),
        ("body.name", {"group": ""}),
        ("credit_code.format", {"credit_code": "91110000600037341"}),
        ("credit_code.check", {"credit_code": "911100006000373410"}),
        ("admission.accreditation", {"accreditation": AccreditationPart(number="1", until="2030-01-01")}),
        ("admission.accreditation", {"kind": "verifier"}),
        ("body.name", verifier_review() | {"accreditation": AccreditationPart(number=" ", until="2030-01-01")}),
        ("date.format", verifier_review(until="2030-02-30")),
        ("body.reason", {"reason": ""}),
    ],
)
def test_a_review_of_bad_form_is_refused(world, desk, rule: str, changed: dict[str, object]) -> None:
    with world.refused(rule, 9):
        desk.review(**changed)


def test_who_is_enrolled_already_is_not_admitted(world, desk) -> None:
    with world.refused("admission.known", 11, world.WORKS):
        desk.review(identifier=world.WORKS)
    review = desk.review()
    desk.enrol(None, None)
    with world.refused("admission.known", 11, APPLICANT):
        desk.approve(review)


def test_what_nobody_recommends_nobody_approves(world, desk) -> None:
    review = desk.review(recommended=False, reason="the licence is another firm's")
    with world.refused("admission.not_recommended", 11, review):
        desk.approve(review)


def test_an_approval_names_a_logged_review(world, desk) -> None:
    with world.refused("admission.unknown", 11, "0" * 64):
        desk.approve("0" * 64)
    with world.refused("statement_id.format", 9):
        desk.approve("review")
    with world.refused("sha256.format", 9):
        desk.say(ApproveApplication(review="0" * 64, code_hash="0" * 63), APPROVER)


def test_a_review_is_approved_once(world, desk) -> None:
    review = desk.review()
    desk.approve(review)
    with world.refused("admission.approved", 11, review):
        desk.approve(review, code=OTHER_CODE)


def test_no_two_approvals_share_a_code(world, desk) -> None:
    desk.admit()
    with world.refused("admission.code_repeated", 11, code_hash(CODE)):
        desk.approve(desk.review(identifier="88.608.7000/other"))


def test_a_code_opens_once(world, desk) -> None:
    admission = desk.admit()
    desk.enrol(admission)
    for identifier in (APPLICANT, "88.608.7000/second"):
        with world.refused("admission.code_used", 11, admission):
            desk.enrol(admission, identifier=identifier)


def test_a_wrong_code_is_refused_and_not_repeated(world, desk) -> None:
    admission = desk.admit()
    with world.refused("admission.code", 11) as caught:
        desk.enrol(admission, OTHER_CODE)
    assert OTHER_CODE not in str(caught.value)
    desk.enrol(admission)


@pytest.mark.parametrize(("admission", "code"), [(None, CODE), ("0" * 64, None)])
def test_admission_and_code_come_together(world, desk, admission, code) -> None:
    with world.refused("admission.pair", 9):
        desk.enrol(admission, code)


def test_an_enrolment_names_a_logged_approval(world, desk) -> None:
    review = desk.review()
    with world.refused("admission.unknown", 11, review):
        desk.enrol(review)
    with world.refused("statement_id.format", 9):
        desk.enrol("approval")
    with world.refused("admission.code_form", 9):
        desk.enrol(review, "ABC")


@pytest.mark.parametrize(
    ("value", "changed"),
    [
        ("88.608.7000/another", {"identifier": "88.608.7000/another"}),
        ("verifier", {"kind": Kind.VERIFIER}),
        ("holding 乙", {"group": "holding 乙"}),
        ("no group", {}),
    ],
)
def test_what_is_enrolled_is_what_was_approved(world, desk, value: str, changed) -> None:
    admission = desk.admit(group="holding 甲")
    with world.refused("admission.content", 11, value):
        desk.enrol(admission, **({"group": "holding 甲"} | changed if changed else {}))
    desk.enrol(admission, group="holding 甲")


def test_a_later_review_takes_an_approval_back(world, desk) -> None:
    """Two applications for one identifier: only the one that was reviewed last may be let in; a lost code dies so."""
    lost = desk.admit()
    again = desk.review(application="cd" * 32)
    with world.refused("admission.superseded", 11):
        desk.enrol(lost)
    desk.enrol(desk.approve(again, code=OTHER_CODE), OTHER_CODE)


def test_a_review_that_is_not_the_last_is_not_approved(world, desk) -> None:
    first = desk.review()
    desk.review(recommended=False)
    with world.refused("admission.superseded", 11, first):
        desk.approve(first)


def test_a_verifier_is_accredited_as_approved(desk) -> None:
    desk.enrol(desk.admit(**verifier_review()), identifier=VERIFIER, kind=Kind.VERIFIER)
    found = desk.park.log.accreditation(VERIFIER)
    # The last day is whole, in China Standard Time.
    assert (found.number, found.until) == ("CNAS VV001", parse_instant("2024-07-01T00:00:00+08:00"))


def test_an_accreditation_that_is_over_lets_nobody_in(world, desk) -> None:
    over = verifier_review(until="2023-11-13")
    with world.refused("admission.expired", 11, "CNAS VV001"):
        desk.review(**over)
    desk.review(**over, recommended=False)
    review = desk.review(**verifier_review())
    desk.park.log.now = parse_instant("2024-07-01T00:00:00+08:00")
    with world.refused("admission.expired", 11, "2024-06-30T16:00:00Z"):
        desk.approve(review)
    desk.park.log.now -= 1
    admission = desk.approve(review)
    desk.park.log.now += 1
    with world.refused("admission.expired", 11):
        desk.enrol(admission, identifier=VERIFIER, kind=Kind.VERIFIER)


def test_the_last_word_on_an_accreditation_counts(world, desk) -> None:
    desk.enrol(desk.admit(**verifier_review()), identifier=VERIFIER, kind=Kind.VERIFIER)
    word = {"verifier": VERIFIER, "number": "CNAS VV002", "document_hash": "0" * 64}
    desk.say(Accredit(until="2027-06-30", **word), REVIEWER)
    assert desk.park.log.accreditation(VERIFIER).number == "CNAS VV002"
    desk.say(Accredit(until="2023-01-01", **word), APPROVER)
    assert desk.park.log.accreditation(VERIFIER).until < desk.park.log.now


@pytest.mark.parametrize("whom", ["88.608.9000/nobody", "88.608.5288/works"])
def test_only_enrolled_verifiers_are_accredited(world, desk, whom: str) -> None:
    with world.refused("accreditation.verifier", 11, whom):
        desk.say(Accredit(verifier=whom, number="1", until="2027-01-01", document_hash="0" * 64), REVIEWER)


def test_a_tie_is_one_whoever_is_named_first(world, desk) -> None:
    desk.park.enrol(VERIFIER, Kind.VERIFIER, Purpose.STATEMENT)
    log = desk.park.log
    assert not log.tied(VERIFIER, world.WORKS)
    desk.say(DeclareTie(a=world.WORKS, b=VERIFIER, reason="the same owner"), REVIEWER)
    assert log.tied(VERIFIER, world.WORKS)
    assert log.tied(world.WORKS, VERIFIER)
    assert not log.tied(VERIFIER, world.PARK)
    with world.refused("tie.repeated", 11, VERIFIER):
        desk.say(DeclareTie(a=VERIFIER, b=world.WORKS, reason="said again"), APPROVER)


@pytest.mark.parametrize(
    ("rule", "a", "b"),
    [
        ("tie.unknown", "88.608.9000/nobody", "88.608.5288/works"),
        ("tie.kind", "88.608.9000/verifier", "88.608.9000/verifier"),
        ("tie.kind", "88.608.5288/works", "88.608.100/park"),
        ("tie.kind", "88.608.9000/verifier", "88.608.100/li"),
    ],
)
def test_a_tie_is_between_a_verifier_and_whom_it_could_verify(world, desk, rule: str, a: str, b: str) -> None:
    desk.park.enrol(VERIFIER, Kind.VERIFIER, Purpose.STATEMENT)
    with world.refused(rule, 11):
        desk.say(DeclareTie(a=a, b=b, reason="one owner"), REVIEWER)


def test_rules_that_ask_for_admissions_are_kept(world, desk) -> None:
    """DOMAIN 47: a policy of the year; without one, enrolments are as they were."""
    desk.enrol(None, None, identifier="88.608.7000/before")
    rules = Policy(
        policy="rules",
        id="rules-2023",
        version="1",
        effective_from="2023-01-01",
        document={"year": 2023, "admission_required": True},
    )
    desk.park.log.accept(desk.park.sign("policy", rules, iss=world.PARK, stream="policies"))
    for kind in (Kind.ENTERPRISE, Kind.VERIFIER):
        with world.refused("admission.required", 11, APPLICANT):
            desk.enrol(None, None, kind=kind)
    desk.enrol(desk.admit())
    # Who does not apply is enrolled as before.
    desk.park.enrol("88.608.7000/meter", Kind.DEVICE, Purpose.DEVICE, parent=APPLICANT)
    desk.park.enrol("88.608.300/bureau", Kind.REGULATOR, Purpose.STATEMENT)


def test_a_person_with_two_keys_is_one_person(world, desk) -> None:
    # DOMAIN 23: two persons, not two keys; also where the first key was given up for the second.
    review, second = desk.review(), PrivateKey.generate(Algorithm.ED25519)
    body = ApproveApplication(review=review, code_hash=code_hash(CODE))
    desk.park.add(REVIEWER, second, Purpose.ADMINISTRATION)
    with world.refused("admission.same_person", 11, REVIEWER):
        desk.park.log.accept(desk.park.sign("admission", body, iss=REVIEWER, stream="admissions", key=second))
    third = PrivateKey.generate(Algorithm.ED25519)
    desk.park.rotate(REVIEWER, third)
    with world.refused("admission.same_person", 11, REVIEWER):
        desk.park.log.accept(desk.park.sign("admission", body, iss=REVIEWER, stream="admissions", key=third))
    desk.approve(review)


def test_a_person_whose_key_was_revoked_approves_nothing_and_what_it_reviewed_before_stands(world, desk) -> None:
    review, other = desk.review(), desk.review(identifier="88.608.7000/other")
    desk.park.revoke(APPROVER, desk.park.keys[APPROVER])
    refusal = world.refusal_of(desk.approve, review)
    assert refusal.rule.startswith("key."), refusal.rule
    desk.park.revoke(REVIEWER, desk.park.keys[REVIEWER])
    third = "88.608.100/third"
    desk.park.enrol(third, Kind.PERSON, Purpose.ADMINISTRATION, parent=world.PARK)
    desk.enrol(desk.approve(other, iss=third), identifier="88.608.7000/other")
