"""Lives of keys thrown with dice: through the real log, the relayer and the contract, to be compared at the end."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import (
    CompromiseKey,
    ProposeRecovery,
    RevokeKey,
    approve_recovery,
    build,
    complete_recovery,
    examine,
    prove_addition,
    prove_key,
    prove_recovery,
    prove_rotation,
    veto_recovery,
)
from attestation.typed_data import recovery_veto_digest, sign_compact_digest
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.errors import RequestRefused
from ledger.context import LogParameters
from ledger.db.log_models import KeyRow, LogState, RecoveryRow
from ledger.log import Accepted, Log

PARK, BUREAU, VERIFIER = "88.608.1/PARK", "88.608.2/BUREAU", "88.608.3/VERIFIER"
WORKS, MILL, METER = "88.608.5288/WORKS", "88.608.5288/MILL", "88.608.5288/WORKS_METER"
WANG, LI, ZHAO = "88.608.1/WANG", "88.608.2/LI", "88.608.3/ZHAO"
PERSONS = (WANG, LI, ZHAO)
_OFFICE = Purpose.ADMINISTRATION
_FULL = Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION
_EVERYBODY = (
    (BUREAU, Kind.REGULATOR, _OFFICE, None, Algorithm.ED25519),
    (VERIFIER, Kind.VERIFIER, _OFFICE, None, Algorithm.ES256),
    (WORKS, Kind.ENTERPRISE, _FULL, PARK, Algorithm.ES256K),
    (MILL, Kind.ENTERPRISE, _FULL, PARK, Algorithm.ED25519),
    (METER, Kind.DEVICE, Purpose.DEVICE, WORKS, Algorithm.ES256K),
    (WANG, Kind.PERSON, _OFFICE, PARK, Algorithm.ES256K),
    (LI, Kind.PERSON, _OFFICE, BUREAU, Algorithm.ES256K),
    (ZHAO, Kind.PERSON, _OFFICE, VERIFIER, Algorithm.ES256K),
)
_LIVING = (*(WORKS, MILL, METER) * 4, *PERSONS)


@dataclass
class Held:
    """A key that somebody made, and what for."""

    key: PrivateKey
    purposes: Purpose


@dataclass
class Proposed:
    """A recovery that was sent to the log."""

    statement_id: bytes
    body: ProposeRecovery
    key: PrivateKey


@dataclass
class Lives:
    """Random lives in ``world``; the same ``seed`` throws the same dice."""

    world: Any
    seed: int
    ahead: int = 0
    made: int = 0
    held: dict[str, list[Held]] = field(default_factory=dict)
    proposed: list[Proposed] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.root = self.fresh(Algorithm.ED25519)
        with self.world.database.read() as session:
            self.origin = session.get_one(LogState, 1).origin
        delay = self.world.parameters.recovery_delay
        parameters = LogParameters(
            *(self.origin, self.world.deployment_id, PARK, self.root.public, self.world.registry_domain),
            recovery_delay=delay,
        )
        self.domain = self.world.registry_domain
        self.log = Log(self.world.database, parameters, self.fresh(Algorithm.ED25519), self.now)
        self.submit([("enrol", self._enrol(PARK, Kind.PARK, _OFFICE, None, self.root))])
        for name, kind, purposes, parent, algorithm in _EVERYBODY:
            self.submit([("enrol", self._enrol(name, kind, purposes, parent, self.fresh(algorithm)))])

    # --- time and keys ---

    def now(self) -> float:
        """The clock of log and relayer."""
        return time.time() + self.ahead

    def wait(self, seconds: int) -> None:
        """Time passes, everywhere."""
        self.ahead += seconds
        self.world.pass_time(seconds)

    def fresh(self, algorithm: Algorithm | None = None) -> PrivateKey:
        """A key that nobody had."""
        self.made += 1
        chosen = algorithm or self.dice.choice(list(Algorithm))
        return PrivateKey(chosen, hashlib.sha256(b"%d %d" % (self.seed, self.made)).digest())

    def _next(self, name: str) -> PrivateKey:
        """Persons who cannot approve any more would end the story early."""
        return self.fresh(Algorithm.ES256K if name in PERSONS and self.dice.random() < 0.8 else None)

    def any_of(self, identifier: str) -> Held:
        """One of its keys, rather one that speaks."""
        keys = self.held[identifier]
        speaking = [held for held in keys if self.active.get(held.key.public.kid_name, True)]
        return self.dice.choice(speaking if speaking and self.dice.random() < 0.9 else keys)

    # --- what is sent ---

    def submit(self, entries: list[tuple[str, bytes]]) -> None:
        """One request of several lines; what became of each is counted."""
        outcomes = self.log.submit([entry for _, entry in entries]).outcomes
        for (what, _), outcome in zip(entries, outcomes, strict=True):
            if isinstance(outcome, Accepted):
                self.accepted[what] = self.accepted.get(what, 0) + 1
            else:
                self.rules[outcome.error.rule] = self.rules.get(outcome.error.rule, 0) + 1
        self._forget_refused()

    def _forget_refused(self) -> None:
        """Keys that did not come sign nothing more; those that ended seldom do."""
        with self.world.database.read() as session:
            self.active = {row.thumbprint: row.revoked_index is None for row in session.scalars(select(KeyRow))}
            waiting = set(session.scalars(select(RecoveryRow.statement_id)))
        for name, keys in self.held.items():
            self.held[name] = [held for held in keys if held.key.public.kid_name in self.active]
        self.proposed = [proposal for proposal in self.proposed if proposal.statement_id in waiting]

    def sign(self, iss: str, key: PrivateKey, body: Any) -> bytes:
        """A statement in a stream of its own, so that no place is taken twice."""
        self.made += 1
        place = {"stream": f"s{self.made}", "seq": 1, "iat": int(self.now())}
        return build("key", log=self.origin, iss=iss, key=key, body=body, **place)

    def _proofs(self, identifier: str, key: PrivateKey, purposes: Purpose) -> dict[str, Any]:
        said = {"identifier": identifier, "key": key, "purposes": purposes}
        return said | {"log": self.origin, "iat": int(self.now()), "domain": self.domain}

    def _enrol(self, name: str, kind: Kind, purposes: Purpose, parent: str | None, key: PrivateKey) -> bytes:
        self.held.setdefault(name, []).append(Held(key, purposes))
        return self.sign(PARK, self.root, prove_key(**self._proofs(name, key, purposes), kind=kind, parent=parent))

    def enrol(self) -> bytes:
        """Somebody new, now and then below a parent that is as new."""
        name = f"88.608.5288/N{self.made}"
        kind, parent, purposes = self.dice.choice(
            [(Kind.ENTERPRISE, PARK, _FULL), (Kind.DEVICE, MILL, Purpose.DEVICE), (Kind.PERSON, BUREAU, _OFFICE)]
        )
        return self._enrol(name, kind, purposes, parent, self.fresh())

    def _consent(self, name: str, needed: bool) -> PrivateKey | None:
        mine = [held.key for held in self.held[name] if held.key.algorithm is Algorithm.ES256K]
        wanted = needed and bool(mine)
        if self.dice.random() < 0.05:
            wanted = not wanted
        return self.dice.choice(mine[-3:]) if wanted and mine else None

    def add(self) -> bytes:
        """One more key."""
        name = self.dice.choice([WORKS, MILL, *PERSONS])
        signer, key = self.any_of(name), self._next(name)
        purposes = self.dice.choice([signer.purposes, _OFFICE])
        consent = self._consent(name, key.algorithm is Algorithm.ES256K)
        entry = self.sign(name, signer.key, prove_addition(**self._proofs(name, key, purposes), consent=consent))
        self.held[name].append(Held(key, purposes))
        return entry

    def rotate(self) -> bytes:
        """A key in the place of another."""
        name = self.dice.choice(_LIVING)
        signer, key = self.any_of(name), self._next(name)
        consent = self._consent(name, Algorithm.ES256K in {key.algorithm, signer.key.algorithm})
        body = prove_rotation(**self._proofs(name, key, signer.purposes), consent=consent)
        self.held[name].append(Held(key, signer.purposes))
        return self.sign(name, signer.key, body)

    def revoke(self) -> bytes:
        """A key that ends, by the root key or by its holder."""
        name = self.dice.choice(_LIVING)
        target, signer = self.any_of(name), self.any_of(name)
        body = RevokeKey(thumbprint=target.key.public.kid_name, identifier=name)
        return self.sign(PARK, self.root, body) if self.dice.random() < 0.5 else self.sign(name, signer.key, body)

    def compromise(self) -> bytes:
        """A key that is flagged, and what it brought."""
        name = self.dice.choice(_LIVING)
        with self.world.database.read() as session:
            upto = session.get_one(LogState, 1).next_index
            known = session.get(KeyRow, (target := self.any_of(name)).key.public.kid_name)
        since = self.dice.randint(1 if known is None else known.activated_index + 1, upto + 1)
        body = CompromiseKey(
            thumbprint=target.key.public.kid_name, identifier=name, invalid_since=since, reason="stolen"
        )
        return self.sign(PARK, self.root, body)

    def propose(self, whose: str | None = None) -> bytes:
        """A recovery, now and then of a key that was proposed before, or for another."""
        name = whose or self.dice.choice(_LIVING)
        replaced = self.any_of(name)
        key = self._next(name)
        if self.proposed and self.dice.random() < 0.1:
            key = self.dice.choice(self.proposed).key
        said = {"subject": name, "replaces": replaced.key.public.kid_name, "reason": "lost"}
        members: dict[str, Any] = {**said, "purposes": replaced.purposes}
        approvals = [
            approve_recovery(domain=self.domain, identifier=who, by=self._approver(who), key=key.public, **members)
            for who in self.dice.sample(PERSONS, 2)
        ]
        body = prove_recovery(
            log=self.origin, key=key, iat=int(self.now()), domain=self.domain, approvals=approvals, **members
        )
        entry = self.sign(PARK, self.root, body)
        self.proposed.append(Proposed(examine(entry, self.origin).statement_id, body, key))
        return entry

    def _approver(self, who: str) -> PrivateKey:
        usable = [held.key for held in self.held[who] if held.key.algorithm is Algorithm.ES256K]
        speaking = [key for key in usable if self.active.get(key.public.kid_name, True)]
        return self.dice.choice(speaking if speaking and self.dice.random() < 0.95 else usable)

    def veto(self) -> bytes:
        """The holder objects in the log, with or without a word for the contract."""
        proposal = self.dice.choice(self.proposed)
        signer = self.any_of(proposal.body.subject)
        word: dict[str, Any] = {}
        if signer.key.algorithm is Algorithm.ES256K and self.dice.random() < 0.5:
            word = {"domain": self.domain, "by": signer.key}
        subject, thumbprint = proposal.body.subject, proposal.key.public.thumbprint
        body = veto_recovery(proposal.statement_id, subject=subject, thumbprint=thumbprint, **word)
        return self.sign(subject, signer.key, body)

    def complete(self) -> bytes:
        """A recovery takes effect."""
        proposal = self.dice.choice(self.proposed[-6:])
        self.held[proposal.body.subject].append(Held(proposal.key, Purpose.parse(proposal.body.key.purposes)))
        return self.sign(PARK, self.root, complete_recovery(proposal.statement_id, proposal.body))

    def veto_on_chain(self) -> bool:
        """A holder's word, carried by a stranger; whether the contract took it."""
        proposal = self.dice.choice(self.proposed)
        subject = proposal.body.subject
        digest = recovery_veto_digest(self.domain, account_id(subject), proposal.key.public.thumbprint)
        contract = self.registry()
        for held in self.held[subject]:
            if held.key.algorithm is Algorithm.ES256K:
                word = sign_compact_digest(digest, held.key)
                data = contract.data("vetoRecovery", proposal.key.public.thumbprint, (word[:32], word[32:]))
                try:
                    self.world.rpc.call(contract.address, data)
                except RequestRefused:
                    continue
                self.world.send(self.world.stranger, contract.address, data)
                return True
        return False

    def line(self) -> tuple[str, bytes]:
        """The next statement, whatever the dice say."""
        ways: list[Callable[[], bytes]] = [self.enrol, *[self.add] * 2, *[self.rotate] * 4, self.revoke]
        ways += [self.compromise, *[self.propose] * 3]
        if self.proposed:
            ways += [self.veto, self.veto, *[self.complete] * 4]
        way = self.dice.choice(ways)
        return way.__name__, way()

    # --- the contract ---

    def registry(self) -> IdentifierRegistry:
        """The contract."""
        return IdentifierRegistry(self.world.rpc, self.world.deploy().addresses[IDENTIFIER_REGISTRY])
