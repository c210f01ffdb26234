"""Queries over what entries established: identifiers, keys, policies, reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.encoding import b64url_decode
from ledger.db.chain_models import ChainReadRow, ChainRecoveryRow
from ledger.db.log_models import IdentifierRow, KeyRow, Policy, RecoveryRow, ReportRow


class IdentityRepository:
    """Reads and writes of ``identifiers``, ``keys``, ``policies`` and ``reports`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def identifier(self, identifier: str) -> IdentifierRow | None:
        """The identifier's row."""
        return self._session.get(IdentifierRow, identifier)

    def children_of(self, identifier: str) -> Sequence[IdentifierRow]:
        """Identifiers whose parent this is, by name."""
        query = select(IdentifierRow).where(IdentifierRow.parent == identifier).order_by(IdentifierRow.identifier)
        return self._session.scalars(query).all()

    def key(self, thumbprint: str) -> KeyRow | None:
        """The key with this RFC 7638 thumbprint (base64url)."""
        return self._session.get(KeyRow, thumbprint)

    def identifiers(self, names: Collection[str]) -> Sequence[IdentifierRow]:
        """The rows of those identifiers that are enrolled."""
        return self._session.scalars(select(IdentifierRow).where(IdentifierRow.identifier.in_(names))).all()

    def keys(self, thumbprints: Collection[str]) -> Sequence[KeyRow]:
        """The keys with these thumbprints."""
        return self._session.scalars(select(KeyRow).where(KeyRow.thumbprint.in_(thumbprints))).all()

    def require_key(self, thumbprint: str) -> KeyRow:
        """The key of a logged entry's signature."""
        return self._session.get_one(KeyRow, thumbprint)

    def keys_of(self, identifier: str) -> Sequence[KeyRow]:
        """An identifier's keys in the order of their enrolment."""
        query = select(KeyRow).where(KeyRow.identifier == identifier).order_by(KeyRow.activated_index)
        return self._session.scalars(query).all()

    def require_identifier(self, identifier: str) -> IdentifierRow:
        """The row of an identifier that is enrolled."""
        return self._session.get_one(IdentifierRow, identifier)

    def authorised_by(self, thumbprint: str, since: int) -> Sequence[KeyRow]:
        """Keys whose entry that key signed, at the log position ``since`` or above."""
        query = select(KeyRow).where(KeyRow.authorised_by == thumbprint, KeyRow.activated_index >= since)
        return self._session.scalars(query.order_by(KeyRow.activated_index)).all()

    def recovery(self, statement_id: bytes) -> RecoveryRow | None:
        """The proposed recovery of this statement id (32 bytes)."""
        return self._session.get(RecoveryRow, statement_id)

    def require_recovery(self, statement_id: bytes) -> RecoveryRow:
        """The proposed recovery that a judged entry names."""
        return self._session.get_one(RecoveryRow, statement_id)

    def recovery_of(self, thumbprint: str) -> RecoveryRow | None:
        """The proposed recovery that brings this key."""
        return self._session.scalars(select(RecoveryRow).where(RecoveryRow.thumbprint == thumbprint)).one_or_none()

    def recovery_on_chain(self, thumbprint: str) -> ChainRecoveryRow | None:
        """What the projection holds of the recovery that brings this key."""
        return self._session.get(ChainRecoveryRow, b64url_decode(thumbprint))

    def chain_read_at(self) -> int:
        """When the chain was last read to its head (Unix seconds), 0 if what is known of it is not whole."""
        row = self._session.get(ChainReadRow, 1)
        return 0 if row is None else row.read_at

    def recoveries_in_place_of(self, thumbprint: str) -> Sequence[RecoveryRow]:
        """The recoveries that were proposed for the key of this thumbprint, in log order."""
        query = select(RecoveryRow).where(RecoveryRow.replaces == thumbprint)
        return self._session.scalars(query.order_by(RecoveryRow.proposed_index)).all()

    def policy(self, policy: str, policy_id: str, version: str) -> Policy | None:
        """The policy published under this name and version."""
        return self._session.get(Policy, (policy, policy_id, version))

    def policies(self, policy: str) -> Sequence[Policy]:
        """All versions of one kind of policy in log order."""
        query = select(Policy).where(Policy.policy == policy).order_by(Policy.entry_index)
        return self._session.scalars(query).all()

    def report(self, statement_id: bytes) -> ReportRow | None:
        """The report with this statement id (32 bytes)."""
        return self._session.scalars(select(ReportRow).where(ReportRow.statement_id == statement_id)).one_or_none()

    def send(self) -> None:
        """Send changed rows to the database, in this transaction."""
        self._session.flush()

    def add(self, row: IdentifierRow | KeyRow | Policy | ReportRow) -> None:
        """Add a row and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()
