"""Bodies of ``key`` statements by a holder, from what the service says of keys and what the trust file says of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from attestation.bodies import (
    AddKey,
    Approval,
    CompleteRecovery,
    CompromiseKey,
    ProposeRecovery,
    RevokeKey,
    RotateKey,
    VetoRecovery,
)
from attestation.examination import examine
from attestation.judging.newcomers import new_key
from attestation.keys import Algorithm, PrivateKey, PublicKey, Purpose
from attestation.proofs import complete_recovery, prove_addition, prove_rotation, veto_recovery
from attestation.refusals import refuse
from ledger.trust import Trust
from tanlu.client.keys import KeyLog
from tanlu.client.sign_in import Credentials
from tanlu.errors import InputRefused

if TYPE_CHECKING:
    from tanlu.client.client import Client


@dataclass(frozen=True, slots=True)
class Proposal:
    """A logged proposal, its signature by the root key of the trust file checked."""

    statement_id: bytes
    body: ProposeRecovery


class KeyBodies:
    """One method per action; ``KeyLife.bodies``. Nothing is signed here but proofs, consents and vetoes.

    Raises AttestationError (``key.unknown``, ``key.absent``), InputRefused and what ``Client`` raises.
    """

    def __init__(self, client: Client, holder: Credentials, trust: Trust) -> None:
        self._client = client
        self._holder = holder
        self._trust = trust

    def addition(self, key: PrivateKey, purposes: Purpose, consent: PrivateKey | None = None) -> AddKey:
        """One more key of the holder. ``consent``: an active ES256K key of the holder, where the registry contract
        asks for one and the signing key is none."""
        return prove_addition(
            log=self._trust.log,
            identifier=self._holder.identifier,
            key=key,
            purposes=purposes,
            iat=int(time.time()),
            domain=self._trust.registry_domain,
            consent=self._consent(key, None, consent),
        )

    def rotation(self, key: PrivateKey, consent: PrivateKey | None = None) -> RotateKey:
        """A key in place of the signing one, with the purposes that the log says it has. ``consent``: as above."""
        return prove_rotation(
            log=self._trust.log,
            identifier=self._holder.identifier,
            key=key,
            purposes=Purpose.parse(self.require_active().purposes),
            iat=int(time.time()),
            domain=self._trust.registry_domain,
            consent=self._consent(key, self._holder.key.public, consent),
        )

    def revocation(self, thumbprint: str, reason: str | None = None) -> RevokeKey:
        """The key of that thumbprint signs nothing any more."""
        return RevokeKey(thumbprint=thumbprint, identifier=self.require(thumbprint).identifier, reason=reason)

    def declaration(self, thumbprint: str, since: int, reason: str) -> CompromiseKey:
        """The key's entries from the log index ``since`` on are not believed."""
        holder = self.require(thumbprint).identifier
        return CompromiseKey(thumbprint=thumbprint, identifier=holder, invalid_since=since, reason=reason)

    def proposition(self, request: ProposeRecovery, approvals: Sequence[Approval]) -> ProposeRecovery:
        """``request`` (``tanlu.recovery``) with what two persons of two bodies signed about it."""
        return msgspec.structs.replace(request, approvals=tuple(approvals))

    def objection(self, proposal: Proposal) -> VetoRecovery:
        """The holder's veto; with an ES256K key for the registry contract too."""
        key = self._es256k()
        return veto_recovery(
            proposal.statement_id,
            subject=proposal.body.subject,
            thumbprint=new_key(proposal.body.key.jwk).thumbprint,
            domain=self._trust.registry_domain,
            by=key,
        )

    def completion(self, proposal: Proposal) -> CompleteRecovery:
        """The proposed key takes its place."""
        return complete_recovery(proposal.statement_id, proposal.body)

    def proposal(self, index: int) -> Proposal:
        """The recovery proposed at a log position. Raises InputRefused (``recovery.entry``) for another entry, and
        AttestationError where the root key did not sign it: the service's word is not enough to put a key in place."""
        entry = self._client.entry(index).entry.encode("ascii")
        statement = examine(entry, self._trust.log)
        body = statement.body
        if not isinstance(body, ProposeRecovery):
            raise InputRefused(
                rule="recovery.entry",
                value=f"entry {index}: {statement.type} {getattr(body, 'action', '')}".rstrip(),
                expected="the log position of a proposed recovery",
                message=f"Entry {index} proposes no recovery",
                message_zh=f"第 {index} 条记录不是恢复提议",
            )
        if statement.kid_key != self._trust.registrar.kid_name:
            raise refuse("purpose.root", statement.kid_key, self._trust.registrar.kid_name)
        self._trust.registrar.verify(statement.jws.signing_input, statement.jws.signature)
        return Proposal(statement.statement_id, body)

    def require(self, thumbprint: str) -> KeyLog:
        """What the log says of a key that it must have. Raises AttestationError (``key.absent``)."""
        found = self._client.keys.find(thumbprint)
        if found is None:
            raise refuse("key.absent", thumbprint)
        return found

    def require_active(self) -> KeyLog:
        """What the log says of the signing key. Raises KeyRefused (``key.unknown``, ``key.revoked``): asked before
        signing in, which such a key could not."""
        signing = self._holder.key.public.kid_name
        found = self._client.keys.find(signing)
        if found is None or found.identifier != self._holder.identifier:
            raise refuse("key.unknown", f"{self._holder.identifier}#{signing}")
        if found.revoked_index is not None:
            raise refuse(
                "key.revoked", signing, f"a key that nothing ended; entry {found.revoked_index} ended this one"
            )
        return found

    def _consent(self, key: PrivateKey, replaced: PublicKey | None, given: PrivateKey | None) -> PrivateKey | None:
        """Whose consent the registry contract asks for: where an account that ever had an ES256K key takes another
        one, or gives one away. Elsewhere a consent is refused."""
        algorithms = {key.algorithm} | ({replaced.algorithm} if replaced else set())
        if Algorithm.ES256K not in algorithms:
            return None
        had = any(each.algorithm == Algorithm.ES256K for each in self._client.keys.of(self._holder.identifier))
        return (given or self._es256k()) if had else None

    def _es256k(self) -> PrivateKey | None:
        key = self._holder.key
        return key if isinstance(key, PrivateKey) and key.algorithm is Algorithm.ES256K else None
