"""Identifiers and their keys as the log answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.context import KeyRecord
from attestation.identifiers import account_id, parse_identifier
from attestation.resolution import IndexedValue, resolve
from ledger.db.log_models import IdentifierRow, KeyRow
from ledger.records import identifier_record, key_record


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key of an identifier and the log positions between which it signs."""

    thumbprint: str
    algorithm: str
    jwk: dict[str, str]
    purposes: tuple[str, ...]
    activated_index: int
    revoked_index: int | None


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """A resolved identifier."""

    identifier: str
    kind: str
    parent: str | None
    group: str | None
    account_id: bytes
    enrolled_index: int
    keys: tuple[KeyView, ...]
    values: tuple[IndexedValue, ...]


def identifier_view(row: IdentifierRow, keys: Sequence[KeyRow]) -> IdentifierView:
    """The identifier of a row with its keys."""
    records = [key_record(key) for key in keys]
    return IdentifierView(
        identifier=row.identifier,
        kind=row.kind,
        parent=row.parent,
        group=row.group,
        account_id=account_id(parse_identifier(row.identifier)),
        enrolled_index=row.enrolled_index,
        keys=tuple(_key_view(record) for record in records),
        values=resolve(identifier_record(row), records),
    )


def _key_view(record: KeyRecord) -> KeyView:
    return KeyView(
        thumbprint=record.key.kid_name,
        algorithm=record.key.algorithm.value,
        jwk=record.key.to_jwk(),
        purposes=record.purposes.names(),
        activated_index=record.activated_index,
        revoked_index=record.revoked_index,
    )
