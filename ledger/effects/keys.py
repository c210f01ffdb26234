"""``key``: keys begin and end, and the registry contract is told (docs/design.md §2, docs/chain.md)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.judging.enrolment import new_key
from attestation.judging.positions import lineage
from attestation.keys import Algorithm, Kind, PublicKey, Purpose
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
from ledger.chain.intents import (
    AddKeyIntent,
    CancelRecoveryIntent,
    CompleteRecoveryIntent,
    CompromiseKeyIntent,
    EnrolIntent,
    KeyGrant,
    ProposeRecoveryIntent,
    RegistryIntent,
    RevokeKeyIntent,
    RotateKeyIntent,
)
from ledger.chain.operations import NO_SIGNATURE
from ledger.context import LedgerContext
from ledger.db.log_models import IdentifierRow, KeyRow, RecoveryRow
from ledger.effects.admissions import record_activation
from ledger.effects.endings import end_by_entry

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
            recorder.add(body)
        case RotateKey():
            recorder.rotate(body)
        case RevokeKey():
            recorder.revoke(body)
        case CompromiseKey():
            recorder.compromise(context.identities.require_key(body.thumbprint), body.invalid_since)
        case ProposeRecovery():
            recorder.propose(body)
        case VetoRecovery():
            recorder.veto(body)
        case CompleteRecovery():
            recorder.complete(body)
    # What was read before this entry is not so any more.
    context.forget_keys()
    # The exchange settles nothing that an ended key signed.
    if recorder.ended:
        end_by_entry(context, context.market.open_orders(signers=recorder.ended), "key", index)


class _Recorder:
    """One entry's effects on keys."""

    def __init__(self, session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
        self._session = session
        self._context = context
        self._statement = statement
        self._index = index
        self.ended: list[str] = []

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
        key, purposes = self._begin(subject.identifier, body)
        record_activation(self._context, body, self._index)
        self._tell(
            EnrolIntent(
                identifier=subject.identifier,
                kind=_KIND_NUMBERS[Kind(subject.kind)],
                parent=subject.parent,
                group=subject.group,
                algorithm=_ALGORITHM_NUMBERS[key.algorithm],
                purposes=int(purposes),
                public_key=key.on_chain,
                leaf_hash=self._statement.leaf_hash,
                log_index=self._index,
                possession=_word(body.possession_evm),
            )
        )

    def add(self, body: AddKey) -> None:
        """One more key of the signer."""
        identifier = self._statement.iss
        self._begin(identifier, body)
        self._tell(AddKeyIntent(identifier, self._grant(body), _word(body.consent_evm)))

    def rotate(self, body: RotateKey) -> None:
        """A key in the place of the signing one."""
        replaced = self._context.identities.require_key(self._statement.kid_key)
        self._begin(self._statement.iss, body)
        self._end(replaced)
        self._tell(RotateKeyIntent(replaced.thumbprint, self._grant(body), _word(body.consent_evm)))

    def revoke(self, body: RevokeKey) -> None:
        """A key that signs nothing from here on."""
        row = self._context.identities.require_key(body.thumbprint)
        self._end(row)
        self._tell(RevokeKeyIntent(row.thumbprint, self._index))

    def compromise(self, row: KeyRow, since: int) -> None:
        """A key whose entries from ``since`` on are flagged, and with it every key that it brought from there on."""
        if row.compromised_since is None or since < row.compromised_since:
            row.compromised_since, row.compromised_index = since, self._index
            self._tell(CompromiseKeyIntent(row.thumbprint, self._statement.leaf_hash, since, self._index))
        self._end(row)
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
        approvals = tuple(_word(approval.signature) for approval in body.approvals)
        self._tell(ProposeRecoveryIntent(body.replaces, self._grant(body), body.reason, approvals))

    def veto(self, body: VetoRecovery) -> None:
        """The holder objects: the recovery is off."""
        row = self._context.identities.require_recovery(bytes.fromhex(body.proposal))
        row.vetoed_index = self._index
        self._tell(CancelRecoveryIntent(row.thumbprint, self._statement.leaf_hash, self._index))

    def complete(self, body: CompleteRecovery) -> None:
        """The new key signs from the next entry on, the replaced one no more."""
        self._context.identities.require_recovery(bytes.fromhex(body.proposal)).completed_index = self._index
        key, _ = self._begin(body.subject, body)
        self._end(self._context.identities.require_key(body.replaces))
        self._tell(CompleteRecoveryIntent(key.kid_name, key.on_chain, self._statement.leaf_hash, self._index))

    def _begin(
        self, identifier: str, body: EnrolKey | AddKey | RotateKey | CompleteRecovery
    ) -> tuple[PublicKey, Purpose]:
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
        return key, purposes

    def _end(self, row: KeyRow) -> None:
        """A key that signs nothing from here on, unless it ended before."""
        if row.revoked_index is None:
            row.revoked_index = self._index
            self.ended.append(row.thumbprint)
            self._session.flush()

    def _grant(self, body: AddKey | RotateKey | ProposeRecovery) -> KeyGrant:
        key = new_key(body.key.jwk)
        return KeyGrant(
            algorithm=_ALGORITHM_NUMBERS[key.algorithm],
            purposes=int(Purpose.parse(body.key.purposes)),
            public_key=key.on_chain,
            leaf_hash=self._statement.leaf_hash,
            log_index=self._index,
            possession=_word(body.possession_evm),
        )

    def _tell(self, intent: RegistryIntent) -> None:
        """Have the registry contract told, where there is one."""
        if self._context.registry_domain is not None:
            deployment_id = self._context.parameters.deployment_id
            outbox.enqueue_key(self._session, deployment_id, intent, now=self._context.now)

    def _lineage(self) -> tuple[str | None, int]:
        signer = self._context.key(self._statement.iss, self._statement.kid_key)
        # The registrar's own first entry brings the key that signs it.
        return (None, 1) if signer is None else lineage(signer, self._context)


def _word(signature: str | None) -> bytes:
    """An EVM signature of a body as bytes; two zero words where there is none."""
    return NO_SIGNATURE if signature is None else bytes.fromhex(signature[2:])
