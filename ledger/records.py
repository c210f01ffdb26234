"""Rows of identifiers and keys as the values that verification and resolution speak of."""

from __future__ import annotations

from attestation.context import IdentifierRecord, KeyRecord, RecoveryOnChain, RecoveryRecord, RecoveryState
from attestation.keys import Algorithm, Kind, PublicKey, Purpose
from ledger.db.chain_models import ChainRecoveryRow
from ledger.db.log_models import IdentifierRow, KeyRow, RecoveryRow


def identifier_record(row: IdentifierRow) -> IdentifierRecord:
    """The enrolled identifier of a row."""
    return IdentifierRecord(row.identifier, Kind(row.kind), row.parent, row.group, row.enrolled_index)


def public_key(row: KeyRow) -> PublicKey:
    """The public key of a row."""
    return PublicKey(Algorithm(row.algorithm), row.raw)


def key_record(row: KeyRow) -> KeyRecord:
    """The key of a row with its purposes and log positions."""
    purposes = Purpose(row.purposes)
    return KeyRecord(
        row.identifier,
        public_key(row),
        purposes,
        row.activated_index,
        row.revoked_index,
        row.compromised_since,
        row.authorised_by,
        row.depth,
    )


def recovery_record(row: RecoveryRow) -> RecoveryRecord:
    """The proposed recovery of a row."""
    state: RecoveryState = "pending"
    if row.completed_index is not None:
        state = "completed"
    elif row.vetoed_index is not None:
        state = "vetoed"
    return RecoveryRecord(
        row.statement_id,
        row.proposed_index,
        row.subject,
        row.replaces,
        PublicKey(Algorithm(row.algorithm), row.raw),
        Purpose(row.purposes),
        row.proposed_at,
        state,
    )


def recovery_on_chain(row: ChainRecoveryRow, read_at: int | None = None) -> RecoveryOnChain:
    """What the contract said of a recovery, from its projected row; ``read_at``: when it was asked last."""
    withdrawn = row.vetoed_number is not None or row.cancelled_number is not None
    return RecoveryOnChain(row.ready_at, withdrawn, read_at)
