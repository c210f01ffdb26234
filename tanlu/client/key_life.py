"""What becomes of keys, said by one of them: built, judged, signed and submitted. Private keys go nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attestation.bodies import Approval, CompromiseKey, Key, ProposeRecovery
from attestation.keys import PrivateKey, Purpose
from attestation.refusals import refuse
from ledger.trust import Trust
from tanlu.client.answers import Acceptance
from tanlu.client.key_bodies import KeyBodies, Proposal
from tanlu.client.keys import NOT_FOUND
from tanlu.client.saying import Kept, Prepared, Saying
from tanlu.client.service_context import ServiceContext
from tanlu.client.sign_in import Credentials
from tanlu.errors import RefusedByService

if TYPE_CHECKING:
    from tanlu.client.client import Client

STREAM = "keys"


class KeyLife:
    """Says what becomes of keys, as ``holder`` and with the holder's key: one method per action.

    Every action is judged by the rules of acceptance before it is sent, with what the service says of the log
    (``ServiceContext``): what the log would refuse raises the same refusal here, and takes no place in the stream.
    The log judges again. ``kept`` keeps what is signed; without it a statement whose answer was lost is for the
    caller to find again.

    Every action raises AttestationError (a rule of docs/statements.md), InputRefused and what ``Client`` raises.
    """

    def __init__(
        self, client: Client, holder: Credentials, trust: Trust, *, stream: str = STREAM, kept: Kept | None = None
    ) -> None:
        self._client = client
        self._trust = trust
        self._saying = Saying(client, holder, trust, stream, kept)
        self.bodies = KeyBodies(client, holder, trust)
        """What is said, before it is signed."""

    def add(self, key: PrivateKey, purposes: Purpose, *, consent: PrivateKey | None = None) -> Acceptance:
        """One more key for the holder; signed by an ``administration`` key. ``consent``: an active ES256K key of the
        holder, where the registry contract asks for one and the signing key is none."""
        return self._say(self.bodies.addition(key, purposes, consent))

    def rotate(self, key: PrivateKey, *, consent: PrivateKey | None = None) -> Acceptance:
        """A key in place of the signing one, with its purposes; the signing key signs nothing after this.
        ``consent``: as for :meth:`add`."""
        return self._say(self.bodies.rotation(key, consent))

    def revoke(self, thumbprint: str, *, reason: str | None = None) -> Acceptance:
        """The key of that thumbprint signs nothing any more; said by it, its holder, the holder's parent or the
        registrar."""
        return self._say(self.bodies.revocation(thumbprint, reason))

    def compromise(self, thumbprint: str, since: int, reason: str) -> Acceptance:
        """The registrar declares that the key's entries from the log index ``since`` on are not believed."""
        return self._say(self.bodies.declaration(thumbprint, since, reason))

    def propose_recovery(self, request: ProposeRecovery, approvals: Sequence[Approval]) -> Acceptance:
        """The registrar proposes a key for who lost one. ``request`` is what the new key's holder handed over
        (``tanlu.recovery``), ``approvals`` what two persons of two bodies signed about it."""
        return self._say(self.bodies.proposition(request, approvals))

    def veto_recovery(self, index: int) -> Acceptance:
        """The holder objects to the recovery that was proposed at the log position ``index``."""
        proposal = self.bodies.proposal(index)
        return self._say(self.bodies.objection(proposal), proposal)

    def complete_recovery(self, index: int) -> Acceptance:
        """After the delay, and without a veto, the registrar puts the proposed key in its place."""
        proposal = self.bodies.proposal(index)
        return self._say(self.bodies.completion(proposal), proposal)

    def prepare(self, body: Key, proposal: Proposal | None = None) -> Prepared:
        """Signed at the next free place of the stream, and judged; nobody has seen it yet. ``proposal`` is the one
        that a veto or a completion names.

        Words that were signed before and are not in the log (the answer was lost, or they came too early) are not
        signed anew: the kept bytes come back, at the place that they took.
        """
        self.bodies.require_active()
        context = ServiceContext(self._client, self._trust)
        self._tell(context, body, proposal)
        return self._saying.prepare("key", body, context)

    def submit(self, prepared: Prepared) -> Acceptance:
        """Keep it, then send it."""
        return self._saying.submit(prepared)

    def _say(self, body: Key, proposal: Proposal | None = None) -> Acceptance:
        return self.submit(self.prepare(body, proposal))

    def _tell(self, context: ServiceContext, body: Key, proposal: Proposal | None) -> None:
        """What the context cannot find by itself: the log's length, and the proposal that the statement names."""
        if isinstance(body, CompromiseKey) and body.invalid_since > 0 and not self._reaches(body.invalid_since - 1):
            raise refuse("compromise.since", body.invalid_since, "at most one above the log's last entry")
        if proposal is None:
            return
        wanted = proposal.statement_id.hex()
        recoveries = self.bodies.require(proposal.body.replaces).recoveries
        found = next((each for each in recoveries if each.statement_id == wanted), None)
        if found is None:
            raise refuse("recovery.unknown", wanted)
        context.propose(proposal.body, found)

    def _reaches(self, index: int) -> bool:
        try:
            self._client.entry(index)
        except RefusedByService as refused:
            if refused.status == NOT_FOUND:
                return False
            raise
        return True
