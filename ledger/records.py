"""Rows of identifiers and keys as the values that verification and resolution speak of."""

from __future__ import annotations

from attestation.context import IdentifierRecord, KeyRecord
from attestation.keys import Algorithm, Kind, PublicKey, Purpose
from ledger.db.log_models import IdentifierRow, KeyRow


def identifier_record(row: IdentifierRow) -> IdentifierRecord:
    """The enrolled identifier of a row."""
    return IdentifierRecord(row.identifier, Kind(row.kind), row.parent, row.group, row.enrolled_index)


def public_key(row: KeyRow) -> PublicKey:
    """The public key of a row."""
    return PublicKey(Algorithm(row.algorithm), row.raw)


def key_record(row: KeyRow) -> KeyRecord:
    """The key of a row with its purposes and log positions."""
    purposes = Purpose(row.purposes)
    return KeyRecord(row.identifier, public_key(row), purposes, row.activated_index, row.revoked_index)
