"""Random lives of an enterprise's keys, against a model of which key signs at which index."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import (
    CompromiseKey,
    RevokeKey,
    VetoRecovery,
    approve_recovery,
    complete_recovery,
    prove_addition,
    prove_recovery,
    prove_rotation,
)
from attestation.typed_data import Domain

DOMAIN = Domain(31337, b"\x11" * 20, b"\x5a" * 32)
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION
VERIFIER = "88.608.700/verifier"
PERSONS = ("person:wang", "person:li")
REASON = "lost"
LONGEST = 16

picks = st.integers(0, 10**6)
flags = st.booleans()


@dataclass
class Held:
    """A key of the enterprise as the model sees it."""

    private: PrivateKey
    since: int
    by: Held | None
    until: int | None = None
    invalid: int | None = None

    @property
    def name(self) -> str:
        return self.private.public.kid_name

    @property
    def depth(self) -> int:
        return 1 if self.by is None else 1 + self.by.depth

    def signs(self, index: int) -> bool:
        return self.since < index and (self.until is None or index < self.until)


@dataclass
class Proposal:
    statement_id: bytes
    body: object
    held: Held
    replaces: Held
    at: int
    open: bool = True


class KeyLife(RuleBasedStateMachine):
    def __init__(self, world) -> None:
        super().__init__()
        self.world = world
        self.made = 1000

    @initialize()
    def start(self) -> None:
        park = self.park = self.world.Park(domain=DOMAIN)
        park.enrol(self.world.PARK, Kind.PARK, BOTH)
        park.enrol(self.world.WORKS, Kind.ENTERPRISE, BOTH, parent=self.world.PARK)
        park.enrol(VERIFIER, Kind.VERIFIER, BOTH)
        for person, parent in zip(PERSONS, (self.world.PARK, VERIFIER), strict=True):
            park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=parent, algorithm=Algorithm.ES256K)
        self.keys = [Held(park.keys[self.world.WORKS], 1, None)]
        self.proposals: list[Proposal] = []

    # --- helpers ---

    @property
    def index(self) -> int:
        return len(self.park.log.entries)

    def fresh(self) -> PrivateKey:
        self.made += 1
        return PrivateKey(Algorithm.ED25519, self.made.to_bytes(32))

    def held(self, pick: int) -> Held:
        return self.keys[pick % len(self.keys)]

    def send(self, body, signer: Held | None, wanted: str | None) -> bool:
        """Whether the statement was accepted; `wanted` is the rule that the model expects to refuse it."""
        iss = self.world.PARK if signer is None else self.world.WORKS
        key = None if signer is None else signer.private
        if signer is not None and not signer.signs(self.index):
            wanted = "key.revoked"
        before = self.index
        refusal = self.world.refusal_of(lambda: self.park.accept_key(body, iss=iss, key=key))
        assert (None if refusal is None else refusal.rule) == wanted
        assert self.index == before + (refusal is None)
        return refusal is None

    def end(self, held: Held, index: int) -> None:
        if held.until is None:
            held.until = index

    def newcomer(self, key: PrivateKey) -> dict[str, object]:
        return self.park.new_key(self.world.WORKS, key, BOTH)

    # --- what may happen ---

    @rule(pick=picks)
    def add(self, pick: int) -> None:
        signer, key, index = self.held(pick), self.fresh(), self.index
        wanted = "key.chain_length" if signer.depth >= LONGEST else None
        if self.send(prove_addition(**self.newcomer(key)), signer, wanted):
            self.keys.append(Held(key, index, signer))

    @rule(pick=picks)
    def rotate(self, pick: int) -> None:
        signer, key, index = self.held(pick), self.fresh(), self.index
        wanted = "key.chain_length" if signer.depth >= LONGEST else None
        if self.send(prove_rotation(**self.newcomer(key)), signer, wanted):
            self.keys.append(Held(key, index, signer))
            self.end(signer, index)

    @rule(pick=picks, times=st.integers(1, 6))
    def rotate_on_and_on(self, pick: int, times: int) -> None:
        self.rotate(pick)
        for _ in range(times):
            self.rotate(len(self.keys) - 1)

    @rule(pick=picks, other=picks, by_root=flags)
    def revoke(self, pick: int, other: int, by_root: bool) -> None:
        held, index = self.held(pick), self.index
        signer = None if by_root else self.held(other)
        wanted = None if held.until is None else "revocation.repeated"
        if self.send(RevokeKey(thumbprint=held.name, identifier=self.world.WORKS), signer, wanted):
            self.end(held, index)

    @rule(pick=picks, since=picks)
    def compromise(self, pick: int, since: int) -> None:
        held, index = self.held(pick), self.index
        chosen = since % (index + 2)
        wanted = None if held.since < chosen <= index else "compromise.since"
        if held.invalid is not None:
            wanted = "compromise.repeated"
        body = CompromiseKey(thumbprint=held.name, identifier=self.world.WORKS, invalid_since=chosen, reason="stolen")
        if not self.send(body, None, wanted):
            return
        flagged = {held.name: chosen}
        while True:  # until nothing more follows
            more = {
                key.name: key.since
                for key in self.keys
                if key.by is not None and key.by.name in flagged and key.since >= flagged[key.by.name]
            }
            if more.keys() <= flagged.keys():
                break
            flagged = more | flagged
        for key in self.keys:
            if key.name in flagged:
                key.invalid = min(flagged[key.name], flagged[key.name] if key.invalid is None else key.invalid)
                self.end(key, index)

    @rule(pick=picks)
    def propose(self, pick: int) -> None:
        replaces, key, index = self.held(pick), self.fresh(), self.index
        members = {"subject": self.world.WORKS, "replaces": replaces.name, "purposes": BOTH, "reason": REASON}
        approvals = [
            approve_recovery(domain=DOMAIN, identifier=person, by=self.park.keys[person], key=key.public, **members)
            for person in PERSONS
        ]
        body = prove_recovery(
            log=self.world.ORIGIN, key=key, iat=self.world.NOW, domain=DOMAIN, approvals=approvals, **members
        )
        self.send(body, None, None)
        statement_id = self.park.log.entries[index].statement.statement_id
        self.proposals.append(Proposal(statement_id, body, Held(key, -1, None), replaces, self.park.log.now))

    @precondition(lambda self: self.proposals)
    @rule(pick=picks, other=picks)
    def veto(self, pick: int, other: int) -> None:
        proposal = self.proposals[pick % len(self.proposals)]
        wanted = None if proposal.open else "recovery.state"
        if self.send(VetoRecovery(proposal=proposal.statement_id.hex()), self.held(other), wanted):
            proposal.open = False

    @precondition(lambda self: self.proposals)
    @rule(pick=picks)
    def complete(self, pick: int) -> None:
        proposal, index = self.proposals[pick % len(self.proposals)], self.index
        early = self.park.log.now < proposal.at + self.world.WAIT
        wanted = "recovery.early" if early else None
        if not proposal.open:
            wanted = "recovery.state"
        if self.send(complete_recovery(proposal.statement_id, proposal.body), None, wanted):
            proposal.open = False
            proposal.held.since = index
            self.keys.append(proposal.held)
            self.end(proposal.replaces, index)

    @rule(part=st.integers(1, 4))
    def wait(self, part: int) -> None:
        self.park.log.now += self.world.DELAY * part // 4

    # --- what is always so ---

    @invariant()
    def each_key_signs_where_the_model_says(self) -> None:
        """A veto against nothing passes every step up to 8 with any key: step 7 alone tells them apart."""
        log = self.park.log
        body = VetoRecovery(proposal="0" * 64)
        for key in self.keys[-6:]:
            entry = self.park.sign_key(body, iss=self.world.WORKS, key=key.private, iat=log.now)
            for index in {1, key.since, key.since + 1, (key.until or 2) - 1, key.until or 1, self.index} - {0}:
                log.index_override = index
                refusal = self.world.refusal_of(log.accept, entry)
                log.index_override = None
                assert (refusal.step, refusal.rule) == (
                    (11, "recovery.unknown")
                    if key.signs(index)
                    else (7, "key.not_active" if index <= key.since else "key.revoked")
                )

    @invariant()
    def records_say_what_the_model_says(self) -> None:
        for key in self.keys:
            record = self.park.log.key(self.world.WORKS, key.name)
            assert (record.activated_index, record.revoked_index) == (key.since, key.until)
            assert record.compromised_since == key.invalid
            assert record.depth == key.depth <= LONGEST
            assert record.authorised_by == (None if key.by is None else key.by.name)


def test_random_lives_of_keys(world) -> None:
    run_state_machine_as_test(
        lambda: KeyLife(world), settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
