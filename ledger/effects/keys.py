"""``key``: keys begin and end, and the registry contract is told (docs/design.md §2, docs/chain.md)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.judging.enrolment import new_key
from attestation.judging.positions import lineage
from attestation.keys import Algorithm, Kind, Purpose
from attestation.statements import (
    AddKey,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Key,
    ProposeRecovery,
    RevokeKey,
    RotateKey,
    Statement,
    VetoRecovery,
)
from ledger.chain import outbox
from ledger.chain.intents import EnrolIntent, RevokeIntent
from ledger.context import LedgerContext
from ledger.db.log_models import IdentifierRow, KeyRow, RecoveryRow

# The contract's numbers of the kinds and algorithms (docs/contracts.md, IdentifierRegistry).
_KIND_NUMBERS = {
    Kind.PARK: 1,
    Kind.ENTERPRISE: 2,
    Kind.DEVICE: 3,
    Kind.VERIFIER: 4,
    Kind.REGULATOR: 5,
    Kind.PERSON: 6,
}
_ALGORITHM_NUMBERS = {Algorithm.ED25519: 1, Algorithm.ES256K: 2, Algorithm.ES256: 3}


def record_action(session: Session, context: LedgerContext, statement: Statement, body: Key, index: int) -> None:
    """Write what an action on keys establishes. Whoever signed it was found and judged before."""
    recorder = _Recorder(session, context, statement, index)
    match body:
        case EnrolKey():
            recorder.enrol(body)
        case AddKey():
            recorder.begin(statement.iss, body)
        case RotateKey():
            recorder.begin(statement.iss, body)
            recorder.end(context.identities.require_key(statement.kid_key))
        case RevokeKey():
            recorder.end(context.identities.require_key(body.thumbprint))
        case CompromiseKey():
            recorder.compromise(context.identities.require_key(body.thumbprint), body.invalid_since)
        case ProposeRecovery():
            recorder.propose(body)
        case VetoRecovery():
            context.identities.require_recovery(bytes.fromhex(body.proposal)).vetoed_index = index
        case CompleteRecovery():
            recorder.complete(body)
    # What was read before this entry is not so any more.
    context.forget_keys()


class _Recorder:
    """One entry's effects on keys."""

    def __init__(self, session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
        self._session = session
        self._context = context
        self._statement = statement
        self._index = index

    def enrol(self, body: EnrolKey) -> None:
        """A new identifier with its first key."""
        subject = body.subject
        self._context.identities.add(
            IdentifierRow(
                identifier=subject.identifier,
                kind=subject.kind,
                parent=subject.parent,
                group=subject.group,
                enrolled_index=self._index,
            )
        )
        self.begin(subject.identifier, body)

    def begin(self, identifier: str, body: EnrolKey | AddKey | RotateKey | CompleteRecovery) -> None:
        """A key that signs from the next entry on."""
        key, purposes = new_key(body.key.jwk), Purpose.parse(body.key.purposes)
        authorised_by, depth = self._lineage()
        self._context.identities.add(
            KeyRow(
                thumbprint=key.kid_name,
                identifier=identifier,
                algorithm=key.algorithm.value,
                raw=key.raw,
                purposes=int(purposes),
                activated_index=self._index,
                authorised_by=authorised_by,
                depth=depth,
            )
        )
        if self._context.registry_domain is None:
            return
        holder = self._context.identities.require_identifier(identifier)
        intent = EnrolIntent(
            identifier=identifier,
            kind=_KIND_NUMBERS[Kind(holder.kind)],
            parent=holder.parent,
            group=holder.group,
            algorithm=_ALGORITHM_NUMBERS[key.algorithm],
            purposes=int(purposes),
            public_key=key.on_chain,
            leaf_hash=self._statement.leaf_hash,
            log_index=self._index,
            **({"possession": bytes.fromhex(body.possession_evm[2:])} if body.possession_evm else {}),
        )
        outbox.enqueue_enrol(self._session, self._context.parameters.deployment_id, intent, now=self._context.now)

    def end(self, row: KeyRow) -> None:
        """A key that signs nothing from here on, unless it ended before."""
        if row.revoked_index is not None:
            return
        row.revoked_index = self._index
        self._session.flush()
        if self._context.registry_domain is None:
            return
        intent = RevokeIntent(row.thumbprint, self._index)
        outbox.enqueue_revoke(self._session, self._context.parameters.deployment_id, intent, now=self._context.now)

    def compromise(self, row: KeyRow, since: int) -> None:
        """A key whose entries from ``since`` on are flagged, and with it every key that it brought from there on."""
        if row.compromised_since is None or since < row.compromised_since:
            row.compromised_since, row.compromised_index = since, self._index
        self.end(row)
        for child in self._context.identities.authorised_by(row.thumbprint, since):
            if child.compromised_since is None or child.compromised_since > child.activated_index:
                self.compromise(child, child.activated_index)

    def propose(self, body: ProposeRecovery) -> None:
        """A recovery that waits."""
        key = new_key(body.key.jwk)
        self._session.add(
            RecoveryRow(
                statement_id=self._statement.statement_id,
                proposed_index=self._index,
                subject=body.subject,
                replaces=body.replaces,
                thumbprint=key.kid_name,
                algorithm=key.algorithm.value,
                raw=key.raw,
                purposes=int(Purpose.parse(body.key.purposes)),
                proposed_at=self._context.now,
            )
        )
        self._session.flush()

    def complete(self, body: CompleteRecovery) -> None:
        """The new key signs from the next entry on, the replaced one no more."""
        self._context.identities.require_recovery(bytes.fromhex(body.proposal)).completed_index = self._index
        self.begin(body.subject, body)
        self.end(self._context.identities.require_key(body.replaces))

    def _lineage(self) -> tuple[str | None, int]:
        signer = self._context.key(self._statement.iss, self._statement.kid_key)
        # The registrar's own first entry brings the key that signs it.
        return (None, 1) if signer is None else lineage(signer, self._context)
