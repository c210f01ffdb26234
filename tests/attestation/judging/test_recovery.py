from __future__ import annotations

import msgspec
import pytest

from attestation.context import RecoveryOnChain
from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import (
    Approval,
    approve_recovery,
    complete_recovery,
    prove_addition,
    prove_recovery,
    veto_recovery,
)
from attestation.typed_data import Domain, recovery_approval_digest, sign_compact_digest

DOMAIN = Domain(31337, b"\x11" * 20, b"\x5a" * 32)
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION
VERIFIER, REGULATOR = "88.608.700/verifier", "88.608.800/regulator"
PARK_PERSON, VERIFIER_PERSON, OTHER_VERIFIER_PERSON = "person:wang", "person:li", "person:zhao"
REGULATOR_PERSON, WORKS_PERSON = "person:chen", "person:sun"
REASON = "the safe burned, 保险柜烧毁"


def key(seed: int, algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
    return PrivateKey(algorithm, seed.to_bytes(32))


def chain_key(seed: int) -> PrivateKey:
    return key(seed, Algorithm.ES256K)


NEW, NEW_CHAIN = key(900), chain_key(901)


@pytest.fixture
def park(world):
    """A park with a registry, an enterprise with a key on chain and one beside it, and persons of five bodies."""
    park = world.Park(domain=DOMAIN)
    park.enrol(world.PARK, Kind.PARK, BOTH)
    park.enrol(world.WORKS, Kind.ENTERPRISE, BOTH, parent=world.PARK, algorithm=Algorithm.ES256K)
    park.enrol(world.METER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    park.enrol(VERIFIER, Kind.VERIFIER, BOTH)
    park.enrol(REGULATOR, Kind.REGULATOR, BOTH)
    for person, parent in (
        (PARK_PERSON, world.PARK),
        (VERIFIER_PERSON, VERIFIER),
        (OTHER_VERIFIER_PERSON, VERIFIER),
        (REGULATOR_PERSON, REGULATOR),
        (WORKS_PERSON, world.WORKS),
    ):
        park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=parent, algorithm=Algorithm.ES256K)
    return park


class Recovery:
    """A recovery of the enterprise's first key, until a test says otherwise."""

    def __init__(self, world, park) -> None:
        self.world, self.park = world, park
        self.subject, self.old, self.new, self.purposes = world.WORKS, park.keys[world.WORKS], NEW, BOTH

    def approval(self, person: str, *, by: PrivateKey | None = None, **changed) -> Approval:
        members = {
            "domain": DOMAIN,
            "identifier": person,
            "by": by or self.park.keys[person],
            "subject": self.subject,
            "replaces": self.old.public.kid_name,
            "key": self.new.public,
            "purposes": self.purposes,
            "reason": REASON,
        }
        return approve_recovery(**(members | changed))

    def body(self, *persons: str | Approval, **changed):
        approvals = [one if isinstance(one, Approval) else self.approval(one) for one in persons]
        members = {
            "log": self.world.ORIGIN,
            "subject": self.subject,
            "replaces": self.old.public.kid_name,
            "key": self.new,
            "purposes": self.purposes,
            "iat": self.world.NOW,
            "domain": DOMAIN,
            "reason": REASON,
            "approvals": approvals or [self.approval(PARK_PERSON), self.approval(VERIFIER_PERSON)],
        }
        return prove_recovery(**(members | changed))

    def propose(self, body=None) -> bytes:
        """The statement id of the logged proposal."""
        self.proposed = body or self.body()
        self.park.accept_key(self.proposed)
        return self.park.log.entries[-1].statement.statement_id

    def complete(self, proposal: bytes, **changed):
        body = complete_recovery(proposal, self.proposed)
        return self.park.accept_key(msgspec.structs.replace(body, **changed))

    def veto(self, proposal: bytes, *, iss: str | None = None, by: PrivateKey | None = None):
        body = veto_recovery(proposal, subject=self.subject, thumbprint=self.new.public.thumbprint)
        return self.park.accept_key(body, iss=iss or self.subject, key=by or self.old)


@pytest.fixture
def recovery(world, park) -> Recovery:
    return Recovery(world, park)


def test_two_persons_of_two_bodies_recover_a_key_after_the_delay(world, park, recovery) -> None:
    proposal = recovery.propose()
    record = park.log.recovery(proposal)
    assert (record.state, record.subject, record.key) == ("pending", world.WORKS, NEW.public)
    assert park.log.recovery_of(NEW.public.kid_name) == record
    with world.refused("key.unknown", 4):
        park.add(world.WORKS, key(50), BOTH, by=NEW)
    park.log.now += world.WAIT
    recovery.complete(proposal)
    index = len(park.log.entries) - 1
    old, new = (park.log.key(world.WORKS, one.public.kid_name) for one in (recovery.old, NEW))
    assert (old.revoked_index, new.activated_index, new.authorised_by, new.depth) == (index, index, None, 1)
    with world.refused("key.revoked", 7):
        park.add(world.WORKS, key(50), BOTH, by=recovery.old)
    park.add(world.WORKS, key(50), BOTH, by=NEW)


@pytest.mark.parametrize("persons", [(PARK_PERSON, REGULATOR_PERSON), (VERIFIER_PERSON, REGULATOR_PERSON)])
def test_any_two_of_park_verifier_and_regulator_approve(world, park, recovery, persons) -> None:
    recovery.propose(recovery.body(*persons))


def test_keys_on_chain_keys_of_devices_and_revoked_ones_are_recovered(world, park, recovery) -> None:
    recovery.new = NEW_CHAIN
    recovery.propose()
    recovery.subject, recovery.old, recovery.new = world.METER, park.keys[world.METER], key(902)
    recovery.purposes = Purpose.DEVICE
    park.revoke(world.METER, recovery.old)
    proposal = recovery.propose()
    park.log.now += world.WAIT
    recovery.complete(proposal)
    park.log.accept(park.reading(1, key=key(902)))
    assert park.log.key(world.METER, recovery.old.public.kid_name).revoked_index == len(park.log.entries) - 4


def test_recovery_makes_the_chain_of_keys_short_again(world, park, recovery) -> None:
    last = recovery.old
    for number in range(4):
        consent = {"consent": last} if last.algorithm is Algorithm.ES256K else {}
        park.rotate(world.WORKS, key(500 + number), by=last, **consent)
        last = key(500 + number)
    assert park.log.key(world.WORKS, last.public.kid_name).depth == 5
    recovery.old = last
    proposal = recovery.propose()
    park.log.now += world.WAIT
    recovery.complete(proposal)
    park.add(world.WORKS, key(600), BOTH, by=NEW)
    assert park.log.key(world.WORKS, key(600).public.kid_name).depth == 2


# --- approvals ---


def test_one_person_alone_recovers_nothing(world, park, recovery) -> None:
    for persons in ((PARK_PERSON,), (PARK_PERSON, VERIFIER_PERSON, REGULATOR_PERSON)):
        with world.refused("approval.count", 9, str(len(persons))):
            recovery.propose(recovery.body(*persons))
    with world.refused("approval.same_person", 12, PARK_PERSON):
        recovery.propose(recovery.body(PARK_PERSON, PARK_PERSON))


def test_one_person_with_two_keys_is_one_person(world, park, recovery) -> None:
    park.add(PARK_PERSON, chain_key(70), Purpose.ADMINISTRATION, consent=park.keys[PARK_PERSON])
    second = recovery.approval(PARK_PERSON, by=chain_key(70))
    with world.refused("approval.same_person", 12, PARK_PERSON):
        recovery.propose(recovery.body(PARK_PERSON, second))


def test_two_persons_of_one_body_recover_nothing(world, park, recovery) -> None:
    with world.refused("approval.same_body", 12, VERIFIER):
        recovery.propose(recovery.body(VERIFIER_PERSON, OTHER_VERIFIER_PERSON))


def test_only_persons_of_park_verifier_or_regulator_approve(world, park, recovery) -> None:
    unknown = recovery.approval("person:nobody", by=chain_key(70))
    with world.refused("approval.unknown", 12, "person:nobody"):
        recovery.propose(recovery.body(PARK_PERSON, unknown))
    with world.refused("approval.kind", 12, VERIFIER):
        recovery.propose(recovery.body(PARK_PERSON, recovery.approval(VERIFIER, by=chain_key(70))))
    with world.refused("approval.body", 12, world.WORKS):
        recovery.propose(recovery.body(PARK_PERSON, WORKS_PERSON))


def test_an_approval_by_a_revoked_or_rotated_key_counts_for_nothing(world, park, recovery) -> None:
    body = recovery.body()
    park.rotate(PARK_PERSON, chain_key(70), consent=park.keys[PARK_PERSON])
    with world.refused("approval.revoked", 12, park.keys[PARK_PERSON].public.kid_name):
        recovery.propose(body)
    recovery.propose(recovery.body(recovery.approval(PARK_PERSON, by=chain_key(70)), VERIFIER_PERSON))


def test_an_approval_needs_a_key_that_administers(world, park, recovery) -> None:
    park.add(PARK_PERSON, chain_key(70), Purpose.STATEMENT, consent=park.keys[PARK_PERSON])
    with world.refused("approval.purpose", 12, "statement"):
        recovery.propose(recovery.body(recovery.approval(PARK_PERSON, by=chain_key(70)), VERIFIER_PERSON))


def test_an_approval_is_for_one_account_key_purpose_and_reason(world, park, recovery) -> None:
    """Nobody's approval is replayed for something else."""
    other_contract = Domain(DOMAIN.chain_id, b"\x12" * 20, DOMAIN.salt)
    wrong = [
        recovery.approval(PARK_PERSON, by=chain_key(70)),
        recovery.approval(PARK_PERSON, by=park.keys[VERIFIER_PERSON]),
        recovery.approval(PARK_PERSON, domain=other_contract),
        recovery.approval(PARK_PERSON, subject=world.METER),
        recovery.approval(PARK_PERSON, replaces=NEW.public.kid_name),
        recovery.approval(PARK_PERSON, key=NEW_CHAIN.public),
        recovery.approval(PARK_PERSON, purposes=Purpose.STATEMENT),
        recovery.approval(PARK_PERSON, reason="another"),
        Approval(identifier=PARK_PERSON, signature="0x" + "00" * 64),
        Approval(identifier=PARK_PERSON, signature="0x" + "ff" * 64),
    ]
    for approval in wrong:
        with world.refused("approval.signature", 12) as caught:
            recovery.propose(recovery.body(VERIFIER_PERSON, approval))
        assert PARK_PERSON in caught.value.message
    with world.refused("hex.format", 9):
        recovery.propose(recovery.body(VERIFIER_PERSON, Approval(identifier=PARK_PERSON, signature="0x")))
    with world.refused("identifier.form", 9):
        recovery.propose(recovery.body(VERIFIER_PERSON, Approval(identifier="wang", signature="0x" + "00" * 64)))
    recovery.propose()


# --- the proposal ---


def test_the_root_key_proposes_and_completes(world, park, recovery) -> None:
    for iss in (world.WORKS, VERIFIER):
        with world.refused("purpose.registrar", 8, iss):
            park.accept_key(recovery.body(), iss=iss)
    park.add(world.PARK, key(70), Purpose.ADMINISTRATION)
    with world.refused("purpose.root", 8):
        park.accept_key(recovery.body(), key=key(70))
    proposal = recovery.propose()
    park.log.now += world.WAIT
    with world.refused("purpose.registrar", 8):
        park.accept_key(complete_recovery(proposal, recovery.proposed), iss=world.WORKS)


def test_a_recovery_needs_a_registry(world, park, recovery) -> None:
    body = recovery.body()
    park.log.registry_domain = None
    with world.refused("recovery.no_registry", 11):
        park.accept_key(body)


@pytest.mark.parametrize(
    ("changed", "step", "rule"),
    [
        ({"subject": "works"}, 9, "identifier.form"),
        ({"subject": "88.608.9/unknown"}, 11, "recovery.subject"),
        ({"subject": VERIFIER}, 11, "key.absent"),
        ({"replaces": "A" * 42}, 9, "thumbprint.format"),
        ({"replaces": "A" * 43}, 11, "key.absent"),
        ({"reason": ""}, 9, "body.reason"),
        ({"possession_evm": "0x"}, 9, "hex.format"),
    ],
)
def test_other_proposals_are_refused(world, park, recovery, changed, step: int, rule: str) -> None:
    with world.refused(rule, step):
        park.accept_key(msgspec.structs.replace(recovery.body(), **changed))


def test_the_root_key_is_not_recovered(world, park, recovery) -> None:
    recovery.subject, recovery.old = world.PARK, park.keys[world.PARK]
    with world.refused("key.root", 11):
        recovery.propose()


def test_a_recovered_key_keeps_the_purposes(world, park, recovery) -> None:
    for purposes in (Purpose.STATEMENT, BOTH | Purpose.ASSET):
        recovery.purposes = purposes
        with world.refused("recovery.purposes", 11, "statement"):
            recovery.propose()
    recovery.purposes = Purpose.DEVICE
    with world.refused("purposes.kind", 9, "device"):
        recovery.propose()


def test_the_new_keys_holder_proves_possession(world, park, recovery) -> None:
    stolen = recovery.body()
    for wrong, rule in (
        (recovery.body(log="park.example/log/" + "5b" * 32), "possession.content"),
        (msgspec.structs.replace(stolen, possession="a.b.c"), "possession.form"),
        (msgspec.structs.replace(stolen, possession_evm="0x" + "11" * 64), "possession.evm_unexpected"),
    ):
        with world.refused(rule, 12):
            park.accept_key(wrong)
    recovery.new = NEW_CHAIN
    with world.refused("possession.evm_missing", 12):
        park.accept_key(msgspec.structs.replace(recovery.body(), possession_evm=None))


def test_a_key_is_proposed_once_and_never_comes_another_way(world, park, recovery) -> None:
    """Its proof of possession is public from the proposal on."""
    proposal = recovery.propose()
    again = [
        lambda: recovery.propose(recovery.body(PARK_PERSON, REGULATOR_PERSON)),
        lambda: park.add(world.WORKS, NEW, BOTH, by=recovery.old),
        lambda: park.enrol("88.608.9/new", Kind.ENTERPRISE, BOTH, parent=world.PARK, key=NEW),
    ]
    for call in again:
        with world.refused("recovery.repeated", 11, NEW.public.kid_name):
            call()
    recovery.veto(proposal)
    for call in again:
        with world.refused("recovery.repeated", 11) as caught:
            call()
        assert "vetoed" in caught.value.message


def test_an_enrolled_key_is_not_proposed(world, park, recovery) -> None:
    recovery.new = park.keys[VERIFIER]
    with world.refused("key.repeated", 11):
        recovery.propose()


# --- the veto ---


def test_any_active_key_of_the_holder_vetoes(world, park, recovery) -> None:
    park.add(world.WORKS, key(50), Purpose.STATEMENT)
    proposal = recovery.propose()
    recovery.veto(proposal, by=key(50))
    assert park.log.recovery(proposal).state == "vetoed"
    park.log.now += world.WAIT
    with world.refused("recovery.state", 11, "vetoed"):
        recovery.complete(proposal)
    with world.refused("recovery.state", 11, "vetoed"):
        recovery.veto(proposal)


def test_a_veto_comes_in_time_until_the_completion(world, park, recovery) -> None:
    proposal = recovery.propose()
    park.log.now += 10 * world.DELAY
    recovery.veto(proposal)
    with world.refused("recovery.state", 11):
        recovery.complete(proposal)


def test_a_revoked_key_vetoes_nothing(world, park, recovery) -> None:
    """A thief with a stolen key would stop every recovery from it."""
    proposal = recovery.propose()
    park.revoke(world.WORKS, recovery.old)
    with world.refused("key.revoked", 7):
        recovery.veto(proposal)
    park.log.now += world.WAIT
    recovery.complete(proposal)
    assert park.log.recovery(proposal).state == "completed"


def test_only_the_holder_vetoes(world, park, recovery) -> None:
    proposal = recovery.propose()
    for iss in (world.PARK, VERIFIER, world.METER):
        with world.refused("recovery.veto_subject", 11, iss):
            recovery.veto(proposal, iss=iss, by=park.keys[iss])


def test_a_veto_names_a_logged_proposal(world, park, recovery) -> None:
    with world.refused("recovery.unknown", 11):
        recovery.veto(bytes(32))
    park.add(world.WORKS, key(50), Purpose.STATEMENT)
    with world.refused("recovery.unknown", 11):
        recovery.veto(park.log.entries[-1].statement.statement_id)
    with world.refused("statement_id.format", 9):
        recovery.veto(bytes(31))


def test_a_veto_may_speak_to_the_registry_too(world, park, recovery) -> None:
    park.add(world.WORKS, key(50), Purpose.STATEMENT)
    proposal = recovery.propose()
    good = veto_recovery(
        proposal, subject=world.WORKS, thumbprint=NEW.public.thumbprint, domain=DOMAIN, by=recovery.old
    )
    for thumbprint, by in (
        (bytes(32), recovery.old),
        (NEW.public.thumbprint, NEW_CHAIN),
        (NEW.public.thumbprint, park.keys[PARK_PERSON]),
    ):
        wrong = veto_recovery(proposal, subject=world.WORKS, thumbprint=thumbprint, domain=DOMAIN, by=by)
        with world.refused("veto.evm_signature", 12):
            park.accept_key(wrong, iss=world.WORKS, key=key(50))
    with world.refused("hex.format", 9):
        park.accept_key(msgspec.structs.replace(good, veto_evm="0x"), iss=world.WORKS, key=key(50))
    park.log.registry_domain = None
    with world.refused("veto.evm_unexpected", 12):
        park.accept_key(good, iss=world.WORKS, key=key(50))
    park.log.registry_domain = DOMAIN
    park.accept_key(good, iss=world.WORKS, key=key(50))
    assert park.log.recovery(proposal).state == "vetoed"


# --- the completion ---


def test_the_delay_is_waited_for_however_iat_is_set(world, park, recovery) -> None:
    proposal = recovery.propose()
    for waited in (0, world.WAIT - 1):
        park.log.now = world.NOW + waited
        with world.refused("recovery.early", 11, str(park.log.now)):
            recovery.complete(proposal)
    park.log.now = world.NOW + world.WAIT
    recovery.complete(proposal)
    with world.refused("recovery.state", 11, "completed"):
        recovery.complete(proposal)
    with world.refused("recovery.state", 11, "completed"):
        recovery.veto(proposal, by=NEW)


def test_the_contracts_clock_and_its_vetoes_count_beside_the_logs(world, park, recovery) -> None:
    """A holder whom the service does not let in objects on chain; nothing completes before that could be read."""
    proposal = recovery.propose()
    thumbprint = park.log.recovery(proposal).key.kid_name
    park.log.now = world.NOW + world.WAIT
    park.log.on_chain[thumbprint] = None
    with world.refused("recovery.not_on_chain", 11, proposal.hex()):
        recovery.complete(proposal)
    park.log.on_chain[thumbprint] = RecoveryOnChain(world.NOW + world.DELAY + 10, withdrawn=False)
    with world.refused("recovery.early", 11):
        recovery.complete(proposal)
    park.log.now += 10
    park.log.on_chain[thumbprint] = RecoveryOnChain(world.NOW + world.DELAY + 10, withdrawn=True)
    with world.refused("recovery.state", 11, f"vetoed on chain {proposal.hex()}"):
        recovery.complete(proposal)
    park.log.on_chain[thumbprint] = RecoveryOnChain(world.NOW + world.DELAY + 10, withdrawn=False)
    recovery.complete(proposal)


def test_a_chain_that_was_not_read_since_the_delay_ended_completes_nothing(world, park, recovery) -> None:
    """Whoever reads it may have stood still while the holder objected there."""
    proposal = recovery.propose()
    thumbprint = park.log.recovery(proposal).key.kid_name
    ready = world.NOW + world.DELAY
    park.log.now = ready + 10 * world.WAIT
    share = world.DELAY // 100
    for read_at in (0, ready, ready + share - 1):
        park.log.on_chain[thumbprint] = RecoveryOnChain(ready, withdrawn=False, read_at=read_at)
        with world.refused("recovery.early", 11, f"the chain read at {read_at}"):
            recovery.complete(proposal)
    park.log.on_chain[thumbprint] = RecoveryOnChain(ready, withdrawn=False, read_at=ready + share)
    recovery.complete(proposal)


def test_the_completion_repeats_the_proposal(world, park, recovery) -> None:
    proposal = recovery.propose()
    proposed = recovery.proposed
    park.log.now += world.WAIT
    park.add(world.WORKS, key(50), BOTH)
    other = prove_addition(**park.new_key(world.WORKS, key(51), BOTH))
    narrower = msgspec.structs.replace(proposed.key, purposes=("statement",))
    for changed, named in (
        ({"subject": world.METER}, "body.subject"),
        ({"replaces": key(50).public.kid_name}, "body.replaces"),
        ({"key": other.key, "possession": other.possession}, "body.key.jwk"),
        ({"key": narrower}, "body.key.purposes"),
    ):
        with world.refused("recovery.content", 11) as caught:
            recovery.complete(proposal, **changed)
        assert named in caught.value.message
    with world.refused("possession.kid", 12):
        recovery.complete(proposal, possession=other.possession)
    with world.refused("recovery.unknown", 11):
        recovery.complete(bytes(32))
    recovery.complete(proposal)


def test_the_reason_is_signed_as_utf_8(world, park, recovery) -> None:
    account, old = account_id(world.WORKS), recovery.old.public.thumbprint
    digest = recovery_approval_digest(DOMAIN, account, old, NEW.public.thumbprint, int(BOTH), REASON)
    signature = "0x" + sign_compact_digest(digest, park.keys[PARK_PERSON]).hex()
    assert recovery.approval(PARK_PERSON).signature == signature
