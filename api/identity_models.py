"""Answers about identifiers and their keys. Hashes are lowercase hexadecimal, times unix seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field

from api.models import HASH, Acceptance, Answer
from attestation.context import KeyRecord, RecoveryOnChain, RecoveryRecord
from attestation.judging.recovery import ready_at
from attestation.resolution import IndexedValue
from ledger.identity_views import IdentifierView, KeyView


class IdentifierValue(Answer):
    """One typed, indexed value (DOMAIN 51; RFC 3651 §3.1)."""

    index: int
    type: str
    value: str

    @classmethod
    def of(cls, value: IndexedValue) -> Self:
        """From the log's view."""
        return cls(index=value.index, type=value.type, value=value.value)


class EnrolledKey(Answer):
    """A key and the log positions between which it signs."""

    thumbprint: str
    algorithm: str
    jwk: dict[str, str]
    purposes: list[str]
    activated_index: int
    revoked_index: int | None

    @classmethod
    def of(cls, view: KeyView) -> Self:
        """From the log's view."""
        return cls(
            thumbprint=view.thumbprint,
            algorithm=view.algorithm,
            jwk=view.jwk,
            purposes=list(view.purposes),
            activated_index=view.activated_index,
            revoked_index=view.revoked_index,
        )


class OnChain(Answer):
    """What the registry contract says of a recovery, as far as its chain was read."""

    ready_at: int = Field(description="The end of the contract's own delay.")
    withdrawn: bool = Field(description="Vetoed or cancelled on chain.")


class Recovery(Answer):
    """A proposed recovery: a key in place of one that its holder lost (law 7)."""

    index: int = Field(description="Log position of the proposal.")
    statement_id: str = Field(pattern=HASH)
    thumbprint: str = Field(description="The proposed key.")
    state: Literal["pending", "vetoed", "completed"]
    proposed_at: int
    ready_at: int = Field(description="From when on it may be completed, unless it is vetoed before.")
    delay: int = Field(description="Seconds for which the log waits for a veto.")
    on_chain: OnChain | None = Field(description="null: the contract was not told yet, and nothing completes it.")

    @classmethod
    def of(cls, record: RecoveryRecord, on_chain: RecoveryOnChain | None, delay: int) -> Self:
        """From the log's record and the projection; `delay` in seconds."""
        return cls(
            index=record.index,
            statement_id=record.statement_id.hex(),
            thumbprint=record.key.kid_name,
            state=record.state,
            proposed_at=record.proposed_at,
            ready_at=ready_at(record, on_chain, delay),
            delay=delay,
            on_chain=None if on_chain is None else OnChain(ready_at=on_chain.ready_at, withdrawn=on_chain.withdrawn),
        )


class KeyLife(EnrolledKey):
    """A key, whose it is, and what became of it."""

    identifier: str
    compromised_since: int | None = Field(description="Its entries from this log position on are flagged.")
    authorised_by: str | None = Field(description="Thumbprint of the key that brought it; null: the root key did.")
    depth: int = Field(description="Keys between it and the root key, itself included.")
    recoveries: list[Recovery] = Field(description="Proposed in place of this key, in log order.")

    @classmethod
    def told(
        cls, key: KeyRecord, recoveries: Sequence[tuple[RecoveryRecord, RecoveryOnChain | None]], delay: int
    ) -> Self:
        """From the log's records; `delay`: seconds from a proposal to its completion."""
        return cls(
            thumbprint=key.key.kid_name,
            algorithm=key.key.algorithm.value,
            jwk=key.key.to_jwk(),
            purposes=list(key.purposes.names()),
            activated_index=key.activated_index,
            revoked_index=key.revoked_index,
            identifier=key.identifier,
            compromised_since=key.compromised_since,
            authorised_by=key.authorised_by,
            depth=key.depth,
            recoveries=[Recovery.of(record, on_chain, delay) for record, on_chain in recoveries],
        )


class Identifier(Answer):
    """A resolved identifier."""

    identifier: str
    kind: str
    parent: str | None
    group: str | None
    account_id: str = Field(pattern=HASH, description="keccak-256 of the identifier's UTF-8.")
    enrolled_index: int
    keys: list[EnrolledKey]
    values: list[IdentifierValue]

    @classmethod
    def of(cls, view: IdentifierView) -> Self:
        """From the log's view."""
        return cls(
            identifier=view.identifier,
            kind=str(view.kind),
            parent=view.parent,
            group=view.group,
            account_id=view.account_id.hex(),
            enrolled_index=view.enrolled_index,
            keys=[EnrolledKey.of(key) for key in view.keys],
            values=[IdentifierValue.of(value) for value in view.values],
        )


class Enrolment(Acceptance):
    """A `key` statement is in the log, and what its identifier resolves to now."""

    identifier: Identifier


class Flagged(Answer):
    """An entry that a compromised key puts in doubt."""

    index: int
    type: str
    issuer: str
    stream: str
    seq: int
    why: Literal["direct", "derived", "citing", "resting"] = Field(
        description="The key signed it; a key signed it that this one brought; a report cites such readings; it "
        "rests on a policy, report, verdict or admission in doubt."
    )


class FlaggedEntries(Answer):
    """What a compromised key puts in doubt, in log order. `next`: ask with `after` set to it for more, if not null."""

    thumbprint: str
    identifier: str
    compromised_since: int | None
    entries: list[Flagged]
    next: int | None
