"""The log as a statement of key life, a loss or an admission meets it, told by the service: what is certain to be
refused is judged here, by the rules of acceptance, before a signature leaves the program and takes its place in a
stream for ever."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attestation.bodies import Body, ProposeRecovery
from attestation.context import EntryRef, IdentifierRecord, KeyRecord, RecoveryOnChain, RecoveryRecord, StreamState
from attestation.encoding import MAX_INTEGER
from attestation.judging.newcomers import new_key
from attestation.keys import Kind, PublicKey, Purpose
from attestation.typed_data import Domain
from ledger.trust import Trust
from tanlu.client.admission_answers import ToldAdmissions
from tanlu.client.admission_types import ReviewDetail
from tanlu.client.answers import GapRange
from tanlu.client.keys import NOT_FOUND, Key, KeyLog, Recovery
from tanlu.errors import RefusedByService

if TYPE_CHECKING:
    from tanlu.client.client import Client

SKEW_SECONDS = 300


class Untold(Exception):
    """A fact that no service tells: from there on the log alone can judge."""


class ServiceContext(ToldAdmissions):
    """What verification asks about statements of type ``key``, ``loss``, ``admission`` and ``opening`` (the part of
    ``attestation.context.Context`` that they need), answered by a service and a trust file.

    The log goes on while one asks, so ``next_index`` is that of a log without end: who is active now counts as active.
    ``now`` is this machine's clock, in unix seconds.
    """

    def __init__(self, client: Client, trust: Trust) -> None:
        self._client = client
        self.origin = trust.log
        self.now = int(time.time())
        self.skew = SKEW_SECONDS
        self.next_index = MAX_INTEGER
        self.registrar: PublicKey = trust.registrar
        self.registrar_identifier = trust.registrar_identifier
        self.registry_domain: Domain | None = trust.registry_domain
        self.recovery_delay = 0
        self._proposals: dict[bytes, RecoveryRecord] = {}
        self._on_chain: dict[str, RecoveryOnChain] = {}
        self._last_reviews: dict[str, ReviewDetail] = {}

    def judge_untold(self, _type: str, _body: Body, /) -> None:
        """What follows from facts that were not told is left to the log, once it has the statement."""

    def propose(self, proposal: ProposeRecovery, told: Recovery) -> None:
        """The recovery that the statement is about: as it was signed, and what the service says became of it."""
        key = new_key(proposal.key.jwk)
        self.recovery_delay = told.delay
        statement_id = bytes.fromhex(told.statement_id)
        self._proposals[statement_id] = RecoveryRecord(
            statement_id,
            told.index,
            proposal.subject,
            proposal.replaces,
            key,
            Purpose.parse(proposal.key.purposes),
            told.proposed_at,
            told.state,
        )
        if told.on_chain is not None:
            self._on_chain[key.kid_name] = RecoveryOnChain(told.on_chain.ready_at, told.on_chain.withdrawn)

    def identifier(self, identifier: str, /) -> IdentifierRecord | None:
        """The enrolled identifier, or None."""
        found = self._client.identifier(identifier)
        if found is None:
            return None
        return IdentifierRecord(
            identifier, Kind(found["kind"]), found["parent"], found["group"], int(found["enrolled_index"])
        )

    def key(self, identifier: str, thumbprint: str, /) -> KeyRecord | None:
        """The identifier's key of that thumbprint, or None."""
        found = self._client.keys.find(thumbprint)
        if found is None or found.identifier != identifier:
            return None
        return _record(identifier, found)

    def key_owner(self, thumbprint: str, /) -> str | None:
        """Whose key that is, or None."""
        found = self._client.keys.find(thumbprint)
        return None if found is None else found.identifier

    def keys_of(self, identifier: str, /) -> Sequence[KeyRecord]:
        """The identifier's keys in the order of their activation."""
        return [_record(identifier, key) for key in self._client.keys.of(identifier)]

    def recovery(self, statement_id: bytes, /) -> RecoveryRecord | None:
        """The proposal of that id, of those that this statement is about."""
        return self._proposals.get(statement_id)

    def recovery_of(self, thumbprint: str, /) -> RecoveryRecord | None:
        """The proposal that brings the key of that thumbprint, of those that this statement is about."""
        return next((each for each in self._proposals.values() if each.key.kid_name == thumbprint), None)

    def recovery_on_chain(self, thumbprint: str, /) -> RecoveryOnChain | None:
        """What the contract says of the recovery that brings the key of that thumbprint, as far as the service read
        the chain."""
        return self._on_chain.get(thumbprint)

    def entry(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """The entry at that place, or None."""
        found = self._client.entry_at(issuer, stream, seq)
        if found is None:
            return None
        return EntryRef(found.index, bytes.fromhex(found.statement_id), bytes.fromhex(found.leaf_hash))

    def stream(self, issuer: str, stream: str, /) -> StreamState:
        """Where the stream stands."""
        found = self._client.stream(issuer, stream)
        return StreamState(found.last_seq, found.count, found.closed_seq, found.closed_until)

    def open_range(self, issuer: str, stream: str, seq: int, /) -> tuple[int, int] | None:
        """First and last of the open range that holds ``seq``, or None."""
        found = self._range(issuer, stream, seq)
        return None if found is None or found.state != "open" else (found.first_seq, found.last_seq)

    def loss_of(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """The loss that declares this seq lost, or None. Of the reference only the index is told: a meter may not read
        what its parent signed, and no refusal names more."""
        found = self._range(issuer, stream, seq)
        return None if found is None or found.entry_index is None else EntryRef(found.entry_index, b"", b"")

    def _range(self, issuer: str, stream: str, seq: int) -> GapRange | None:
        try:
            found = self._client.coverage(issuer, stream, seq, seq).ranges
        except RefusedByService as refused:
            if refused.status == NOT_FOUND:
                return None
            raise
        return found[0] if found else None


def _record(identifier: str, key: Key) -> KeyRecord:
    purposes = Purpose.parse(key.purposes)
    record = KeyRecord(identifier, key.public, purposes, key.activated_index, key.revoked_index)
    if not isinstance(key, KeyLog):
        return record
    return KeyRecord(
        identifier,
        key.public,
        purposes,
        key.activated_index,
        key.revoked_index,
        key.compromised_since,
        key.authorised_by,
        key.depth,
    )
