"""``KeyLife``: one method per action; what the log would refuse is refused before anybody sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Approval, ProposeRecovery, approve_recovery, prove_recovery
from ledger.merkle import leaf_hash
from tanlu.client import Client, Credentials, KeyLife
from tanlu.client.promises import statement_id
from tanlu.errors import InputRefused
from tanlu.signed import SignedStatements

from ..conftest import METER, PARK, World
from .test_lying_service import Liar

WORKS, BUREAU, WANG, LI = "88.608.5288/W", "88.608.2/BUREAU", "88.608.1/WANG", "88.608.2/LI"
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION


class People:
    """A works with one key and two persons of two bodies, enrolled; whoever speaks, speaks through ``client``."""

    def __init__(self, client: Client, world: World) -> None:
        self.client, self.world = client, world
        self.keys = {PARK: world.registrar, METER: world.meter}
        for identifier, kind, algorithm, purposes, parent in (
            (WORKS, Kind.ENTERPRISE, Algorithm.ED25519, BOTH, None),
            (BUREAU, Kind.REGULATOR, Algorithm.ED25519, Purpose.STATEMENT, None),
            (WANG, Kind.PERSON, Algorithm.ES256K, Purpose.ADMINISTRATION, PARK),
            (LI, Kind.PERSON, Algorithm.ES256K, Purpose.ADMINISTRATION, BUREAU),
        ):
            self.keys[identifier] = PrivateKey.generate(algorithm)
            client.enrol(world.key(identifier, kind, self.keys[identifier], purposes, parent))

    def life(self, who: str, key: PrivateKey | None = None) -> KeyLife:
        return KeyLife(self.client, Credentials(who, key or self.keys[who]), self.world.trust)

    def request(self, key: PrivateKey, reason: str = "lost") -> tuple[ProposeRecovery, list[Approval]]:
        """What a new key's holder asks, and both approvals of it."""
        domain, lost = self.world.trust.registry_domain, self.keys[WORKS].public.kid_name
        approvals = [
            approve_recovery(
                domain=domain, identifier=who, by=self.keys[who], subject=WORKS, replaces=lost, key=key.public,
                purposes=BOTH, reason=reason,
            )
            for who in (WANG, LI)
        ]  # fmt: skip
        asked = prove_recovery(
            log=self.world.trust.log, subject=WORKS, replaces=lost, key=key, purposes=BOTH, iat=int(time.time()),
            domain=domain, reason=reason, approvals=(),
        )  # fmt: skip
        return asked, approvals


@pytest.fixture
def people(client: Client, world: World) -> People:
    return People(client, world)


def test_the_life_of_a_key_in_one_method_each(people: People) -> None:
    client = people.client
    second, third = (PrivateKey.generate(Algorithm.ES256) for _ in range(2))
    added = people.life(WORKS).add(second, Purpose.STATEMENT)
    rotated = people.life(WORKS, second).rotate(third)
    revoked = people.life(WORKS).revoke(third.public.kid_name, reason="no use any more")
    declared = people.life(PARK).compromise(third.public.kid_name, revoked.index, "found on the street")
    ends = []
    for key in (second, third):
        found = client.keys.find(key.public.kid_name)
        assert found is not None
        ends.append((found.activated_index, found.revoked_index, found.compromised_since))
    assert ends == [(added.index, rotated.index, None), (rotated.index, revoked.index, revoked.index)]
    assert declared.checked == ("statement_id", "leaf_hash", "promise")


def test_a_recovery_is_proposed_and_vetoed(people: People) -> None:
    asked, approvals = people.request(PrivateKey.generate(Algorithm.ED25519))
    proposed = people.life(PARK).propose_recovery(asked, approvals)
    found = people.client.keys.find(people.keys[WORKS].public.kid_name)
    assert found is not None
    assert [(each.index, each.state) for each in found.recoveries] == [(proposed.index, "pending")]
    people.life(WORKS).veto_recovery(proposed.index)
    with pytest.raises(AttestationError) as refused:
        people.life(PARK).complete_recovery(proposed.index)
    assert refused.value.rule == "recovery.state"


def test_what_would_be_refused_is_not_sent(people: People, tmp_path: Path) -> None:
    client, kept = people.client, SignedStatements(tmp_path / "a.key", people.world.trust.log)
    life = KeyLife(client, Credentials(WORKS, people.keys[WORKS]), people.world.trust, kept=kept)
    with pytest.raises(AttestationError) as refused:
        life.revoke(people.keys[PARK].public.kid_name)
    assert (refused.value.rule, refused.value.step) == ("purpose.holder", 8)
    with pytest.raises(AttestationError) as refused:
        life.add(PrivateKey.generate(Algorithm.ED25519), Purpose.DEVICE)
    assert (refused.value.rule, refused.value.step) == ("purposes.kind", 9)
    with pytest.raises(AttestationError) as refused:
        life.add(people.keys[METER], Purpose.STATEMENT)
    assert (refused.value.rule, refused.value.step) == ("key.repeated", 11)
    assert (client.stream(WORKS, "keys").last_seq, kept.last_seq("keys")) == (0, 0)


def test_other_words_than_those_that_were_kept_get_a_place_of_their_own(people: People, tmp_path: Path) -> None:
    kept = SignedStatements(tmp_path / "a.key", people.world.trust.log)
    life = KeyLife(people.client, Credentials(WORKS, people.keys[WORKS]), people.world.trust, kept=kept)
    thumbprint = people.keys[WORKS].public.kid_name
    first = life.prepare(life.bodies.revocation(thumbprint, "lost"))
    kept.sign("keys", first.seq, lambda _: first.entry)
    assert life.prepare(life.bodies.revocation(thumbprint, "lost")) == first
    other = life.prepare(life.bodies.revocation(thumbprint, "stolen"))
    assert other.seq == first.seq + 1


def test_an_entry_that_proposes_nothing_is_not_vetoed(people: People) -> None:
    with pytest.raises(InputRefused) as refused:
        people.life(WORKS).veto_recovery(1)
    assert refused.value.rule == "recovery.entry"


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


def test_a_proposal_that_the_root_key_did_not_sign_is_not_completed(people: People, liar: Liar, tmp_path: Path) -> None:
    """The service's word is not enough to make the registrar put a key in place."""
    asked, approvals = people.request(PrivateKey.generate(Algorithm.ED25519))
    body = msgspec.structs.replace(asked, approvals=tuple(approvals))
    thief, world = PrivateKey.generate(Algorithm.ED25519), people.world

    def told(entry: bytes) -> bytes:
        members = {
            "index": 8, "statement_id": statement_id(entry), "leaf_hash": leaf_hash(entry).hex(), "type": "key",
            "issuer": PARK, "stream": "keys", "seq": 9, "accepted_at": 1, "state": "accepted", "entry": entry.decode(),
        }  # fmt: skip
        return json.dumps(members).encode()

    good = world.sign("key", PARK, world.registrar, "keys", 9, body)
    by_thief = world.sign("key", PARK, thief, "keys", 9, body)
    # The root key's name over the thief's signature.
    header, _, _ = good.split(b".")
    forged = b".".join((header, *by_thief.split(b".")[1:]))
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client:
        life = KeyLife(client, world.administration, world.trust)
        for entry, rule in ((by_thief, "purpose.root"), (forged, "signature.invalid")):
            liar.script = lambda path, _, entry=entry: (200, told(entry))
            with pytest.raises(AttestationError) as refused:
                life.complete_recovery(8)
            assert refused.value.rule == rule
        liar.script = lambda path, _: (200, told(good))
        assert life.bodies.proposal(8).statement_id == examine(good, world.trust.log).statement_id
