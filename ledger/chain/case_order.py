"""In which order the emissions registry may hear what entries say, and whose keys have to wait for it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.typed_data import Domain, emissions_determination_digest, recover_key, verified_emissions_digest
from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.emission_intents import DetermineIntent, EmissionIntent, RegisterIntent, TieIntent, emission_intent
from ledger.chain.intents import Kind
from ledger.chain.operations import EMISSION_KINDS
from ledger.db.chain_models import OutboxRow


class CaseOrder:
    """What is about an enterprise takes effect in the order of the log: who is assigned, registered, tied.

    A figure waits for its anchor, and holds up what is about the same enterprise, nobody else. The contract judges a
    signature by the keys that it knows at that moment: so what takes a signer's key away waits for the figure too, else
    a chain that forgot its blocks would hear of the key's end first, and refuse for good what it once held.

    Parameters
    ----------
    in_flight
        What is on its way.
    domain
        EIP-712 domain of the emissions registry; ``None`` where there is none.
    """

    def __init__(self, in_flight: Iterable[OutboxRow], domain: Domain | None) -> None:
        self._domain = domain
        self._flying = {party for row in in_flight if row.kind in EMISSION_KINDS for party in _parties(_intent(row))}
        self._held: set[str] = set()
        self.signers: set[str] = set()
        """Thumbprints (base64url) of the keys whose words still wait."""

    def holds(self, row: OutboxRow) -> bool:
        """Whether the intent has to wait for one before it; then what is about the same enterprise waits for it."""
        intent = _intent(row)
        held = bool(self._held & _parties(intent))
        if held:
            self._wait(intent)
        return held

    def alone(self, row: OutboxRow) -> bool:
        """Whether nothing about the same enterprise is on its way."""
        return not self._flying & _parties(_intent(row))

    def wait_for_keys(self, row: OutboxRow) -> None:
        """The identifier registry has to hear something first."""
        self._wait(_intent(row))

    def saw(self, row: OutboxRow, judged: Answer) -> None:
        """Take in what was decided of an intent."""
        intent = _intent(row)
        if isinstance(judged, Call):
            self._flying |= _parties(intent)
        elif isinstance(judged, Wait) and judged.reason and row.doubt_number is None:
            self._wait(intent)

    def _wait(self, intent: EmissionIntent) -> None:
        # A tie comes after what was said before it, since it forbids that; nothing that the log says later needs it.
        if not isinstance(intent, TieIntent):
            self._held |= _parties(intent)
        if self._domain is not None:
            self.signers |= _signers(intent, self._domain)


def _intent(row: OutboxRow) -> EmissionIntent:
    return emission_intent(Kind(row.kind), json.loads(row.payload))


def _parties(intent: EmissionIntent) -> set[str]:
    return {intent.a, intent.b} if isinstance(intent, TieIntent) else {intent.enterprise}


def _signers(intent: EmissionIntent, domain: Domain) -> set[str]:
    """Thumbprints of the keys that signed a figure, recovered from its signatures."""
    if isinstance(intent, RegisterIntent):
        case = (account_id(intent.enterprise), intent.year, intent.tonnes)
        digest = verified_emissions_digest(domain, *case, intent.report_leaf, intent.statement_leaf, intent.revision)
        signatures: tuple[bytes, ...] = (intent.signature,)
    elif isinstance(intent, DetermineIntent):
        case = (account_id(intent.enterprise), intent.year, intent.tonnes)
        digest = emissions_determination_digest(domain, *case, intent.document_hash, intent.revision)
        signatures = intent.approvals
    else:
        return set()
    try:
        return {recover_key(digest, signature).kid_name for signature in signatures}
    except AttestationError:
        # The contract will say so; no key has to wait for that.
        return set()
