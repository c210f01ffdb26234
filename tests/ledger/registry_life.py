"""What a log asks of the registry contract in the life of a few keys, signed by those who must."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import (
    Domain,
    key_consent_digest,
    recovery_approval_digest,
    recovery_veto_digest,
    sign_compact_digest,
    sign_key_possession,
)
from ledger.chain.intents import (
    AddKeyIntent,
    CancelRecoveryIntent,
    CompleteRecoveryIntent,
    CompromiseKeyIntent,
    EnrolIntent,
    KeyGrant,
    ProposeRecoveryIntent,
    RevokeKeyIntent,
    RotateKeyIntent,
)

PARK, WORKS, BUREAU = "88.608.1/PARK", "88.608.5288/WORKS", "88.608.2/BUREAU"
WANG, LI = "88.608.1/WANG", "88.608.2/LI"
VERIFIER, AUDITOR = "88.608.3/VERIFIER", "88.608.4/AUDITOR"
BOTH = Purpose.STATEMENT | Purpose.ASSET
OFFICE = Purpose.ADMINISTRATION
REASON = "丢失"
_KINDS = {PARK: 1, WORKS: 2, BUREAU: 5, WANG: 6, LI: 6, VERIFIER: 4, AUDITOR: 4}
_PARENTS = {WANG: PARK, LI: BUREAU}
_NUMBERS = {Algorithm.ED25519: 1, Algorithm.ES256K: 2, Algorithm.ES256: 3}


def key(seed: int, algorithm: Algorithm = Algorithm.ES256K) -> PrivateKey:
    """The same key in every run."""
    return PrivateKey(algorithm, hashlib.sha256(b"%d" % seed).digest())


@dataclass
class Life:
    """Makes intents, each of an entry of its own, one index after the other."""

    domain: Domain
    index: int = 0
    leaves: dict[int, bytes] = field(default_factory=dict)

    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index of the next entry."""
        self.index += 1
        self.leaves[self.index] = hashlib.sha256(b"entry %d" % self.index).digest()
        return self.leaves[self.index], self.index

    def enrol(self, identifier: str, first: PrivateKey, purposes: Purpose) -> EnrolIntent:
        grant = self.grant(identifier, first, purposes)
        place = (identifier, _KINDS[identifier], _PARENTS.get(identifier), None)
        return EnrolIntent(
            *place, grant.algorithm, int(purposes), grant.public_key, grant.leaf_hash, grant.log_index, grant.possession
        )

    def everybody(self) -> list[EnrolIntent]:
        """Park, works, bureau, and a person each of park and bureau; keys 1 to 5."""
        whose = ((PARK, OFFICE), (WORKS, BOTH), (BUREAU, OFFICE), (WANG, OFFICE), (LI, OFFICE))
        return [self.enrol(name, key(seed), purposes) for seed, (name, purposes) in enumerate(whose, 1)]

    def grant(self, identifier: str, new: PrivateKey, purposes: Purpose) -> KeyGrant:
        possession = bytes(64)
        if new.public.algorithm is Algorithm.ES256K:
            possession = sign_key_possession(self.domain, account_id(identifier), new, purposes)
        leaf, index = self.entry()
        number = _NUMBERS[new.public.algorithm]
        return KeyGrant(number, int(purposes), new.public.on_chain, leaf, index, possession)

    def consent(self, identifier: str, new: PrivateKey, purposes: Purpose, by: PrivateKey | None) -> bytes:
        if by is None:
            return bytes(64)
        digest = key_consent_digest(self.domain, account_id(identifier), new.public.thumbprint, int(purposes))
        return sign_compact_digest(digest, by)

    def add(self, new: PrivateKey, *, by: PrivateKey | None, purposes: Purpose = BOTH) -> AddKeyIntent:
        return AddKeyIntent(WORKS, self.grant(WORKS, new, purposes), self.consent(WORKS, new, purposes, by))

    def rotate(self, old: PrivateKey, new: PrivateKey, *, by: PrivateKey | None, whose: str = WORKS) -> RotateKeyIntent:
        grant = self.grant(whose, new, BOTH)
        return RotateKeyIntent(old.public.kid_name, grant, self.consent(whose, new, BOTH, by))

    def revoke(self, old: PrivateKey) -> RevokeKeyIntent:
        return RevokeKeyIntent(old.public.kid_name, self.entry()[1])

    def compromise(self, old: PrivateKey, since: int) -> CompromiseKeyIntent:
        leaf, index = self.entry()
        return CompromiseKeyIntent(old.public.kid_name, leaf, since, index)

    def propose(
        self, old: PrivateKey, new: PrivateKey, by: tuple[PrivateKey, PrivateKey] = (key(4), key(5))
    ) -> ProposeRecoveryIntent:
        grant, account = self.grant(WORKS, new, BOTH), account_id(WORKS)
        digest = recovery_approval_digest(
            self.domain, account, old.public.thumbprint, new.public.thumbprint, int(BOTH), REASON
        )
        approvals = tuple(sign_compact_digest(digest, person) for person in by)
        return ProposeRecoveryIntent(old.public.kid_name, grant, REASON, approvals)

    def veto(self, new: PrivateKey, *, by: PrivateKey) -> bytes:
        """The holder's word for the contract."""
        return sign_compact_digest(recovery_veto_digest(self.domain, account_id(WORKS), new.public.thumbprint), by)

    def cancel(self, new: PrivateKey) -> CancelRecoveryIntent:
        leaf, index = self.entry()
        return CancelRecoveryIntent(new.public.kid_name, leaf, index)

    def complete(self, new: PrivateKey) -> CompleteRecoveryIntent:
        leaf, index = self.entry()
        return CompleteRecoveryIntent(new.public.kid_name, new.public.on_chain, leaf, index)
