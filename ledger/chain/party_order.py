"""In which order contracts may hear what entries say of cases and accounts, and whose keys have to wait for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from attestation.asset_messages import Checker
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.market_messages import CancelAll, CancelOrder, Order, TradingMove
from attestation.typed_data import Domain, emissions_determination_digest, recover_key, verified_emissions_digest
from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.asset_intents import AssetIntent, SignedIntent, stored_intent
from ledger.chain.contracts import Deployment
from ledger.chain.emission_intents import DetermineIntent, EmissionIntent, RegisterIntent, TieIntent, emission_intent
from ledger.chain.intents import Kind
from ledger.chain.market_intents import CloseDayIntent, HaltDayIntent, SettleIntent
from ledger.chain.operations import ASSET_KINDS, EMISSION_KINDS
from ledger.db.chain_models import OutboxRow

PARTY_KINDS = (*EMISSION_KINDS, *ASSET_KINDS)
"""What is about cases and accounts."""
_OBLIGATION_KINDS = frozenset({Kind.SURRENDER, Kind.CARRY_OVER, Kind.ASSESS, Kind.CREDIT})
"""What the contract judges by the registered figure."""


@dataclass(frozen=True, slots=True)
class SigningDomains:
    """EIP-712 domains of the contracts that check what people signed, ``None`` where a deployment has none."""

    emissions: Domain | None = None
    ledger: Domain | None = None
    compliance: Domain | None = None
    exchange: Domain | None = None

    def of(self, checker: Checker) -> Domain | None:
        """The domain of the contract that checks a message."""
        return {
            Checker.CARBON_LEDGER: self.ledger,
            Checker.COMPLIANCE: self.compliance,
            Checker.EXCHANGE: self.exchange,
        }[checker]


def signing_domains(deployment: Deployment) -> SigningDomains:
    """Those of a deployment."""
    return SigningDomains(
        deployment.emissions_domain,
        deployment.ledger_domain,
        deployment.compliance_domain,
        deployment.exchange_domain,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One intent: what it changes, what of that others wait for, what it waits for."""

    intent: EmissionIntent | AssetIntent
    changes: frozenset[str]
    holds_up: frozenset[str]
    rests_on: frozenset[str]


class PartyOrder:
    """What is about one enterprise or account takes effect in the order of the log, and waits for nobody else's.

    Who is assigned, registered, tied: a figure waits for its anchor, and holds up what is about the same case. What
    moves an account's units holds up what moves them later. What meets an obligation, or follows from how it was met,
    waits for the figure that was logged before it, and a figure for what was logged of the obligation before: on a
    chain that forgot its blocks an amendment would come too early. The end of one order waits for that order's fills
    and holds up nothing: the log matches nothing of it any more, and the exchange fills the account's other orders
    whether or not it was told. Were it the account's, a round of a busy day would stop where the first accounts end an
    order. What the contract takes only from a time on holds up nobody's units meanwhile.

    A contract judges a signature by the keys that are known at that moment: so what takes a signer's key away waits
    too, else a chain that forgot its blocks would hear of the key's end first, and refuse for good what it once held.

    Parameters
    ----------
    in_flight
        What is on its way.
    domains
        Of the contracts that check signatures.
    """

    def __init__(self, in_flight: Iterable[OutboxRow], domains: SigningDomains) -> None:
        self._domains = domains
        self._known: dict[tuple[str, str], _Told] = {}
        self._flying: set[str] = set()
        self._filling: set[str] = set()
        for row in in_flight:
            if row.kind in PARTY_KINDS:
                self._fly(self._told(row))
        # By the first intent that holds each up: one in doubt is looked at after those that wait for it.
        self._held: dict[str, int] = {}
        self.signers: set[str] = set()
        """Thumbprints (base64url) of the keys whose words still wait."""

    def holds(self, row: OutboxRow) -> bool:
        """Whether the intent has to wait for one before it; then what is about the same waits for it."""
        told = self._told(row)
        held = any(self._held.get(party, row.id) < row.id for party in told.rests_on)
        # A fill that is on its way may come back without effect, because of the one before it: the day is still to be
        # open then, its orders alive and what stands behind them there, else what was matched in time is refused.
        held = held or (_ends_trading(told.intent) and not self._filling.isdisjoint(told.rests_on))
        if held:
            self._wait(row)
        return held

    def alone(self, row: OutboxRow) -> bool:
        """Whether nothing that the intent rests on is on its way."""
        return not self._flying & self._told(row).rests_on

    def wait_for_keys(self, row: OutboxRow) -> None:
        """The identifier registry has to hear something first."""
        self._wait(row)

    def saw(self, row: OutboxRow, judged: Answer) -> None:
        """Take in what was decided of an intent."""
        told = self._told(row)
        if isinstance(judged, Call):
            self._fly(told)
        elif isinstance(judged, Wait) and judged.reason and row.doubt_number is None:
            if judged.not_ready and row.kind in ASSET_KINDS:
                self._keep_signers(told)
            else:
                self._wait(row)

    def _fly(self, told: _Told) -> None:
        self._flying |= told.changes
        if isinstance(told.intent, SettleIntent):
            self._filling |= told.changes

    def _wait(self, row: OutboxRow) -> None:
        told = self._told(row)
        for party in told.holds_up:
            self._held[party] = min(self._held.get(party, row.id), row.id)
        self._keep_signers(told)

    def _keep_signers(self, told: _Told) -> None:
        if isinstance(told.intent, SignedIntent):
            domain = self._domains.of(told.intent.message.CHECKER)
            if domain is not None:
                self.signers |= _recovered(told.intent.message.digest(domain), told.intent.signatures)
        elif isinstance(told.intent, SettleIntent) and self._domains.exchange is not None:
            self.signers |= _traders(told.intent, self._domains.exchange)
        elif isinstance(told.intent, RegisterIntent | DetermineIntent) and self._domains.emissions is not None:
            self.signers |= _figure_signers(told.intent, self._domains.emissions)

    def _told(self, row: OutboxRow) -> _Told:
        known = self._known.get((row.kind, row.payload))
        if known is None:
            if row.kind in EMISSION_KINDS:
                known = _emission(emission_intent(Kind(row.kind), json.loads(row.payload)))
            else:
                known = _asset(stored_intent(row.kind, row.payload))
            self._known[row.kind, row.payload] = known
        return known


def _ends_trading(intent: EmissionIntent | AssetIntent) -> bool:
    """Whether a fill that comes after it may be refused for it."""
    if isinstance(intent, SignedIntent):
        return isinstance(intent.message, CancelOrder | CancelAll | TradingMove)
    return isinstance(intent, CloseDayIntent | HaltDayIntent)


def _emission(intent: EmissionIntent) -> _Told:
    if isinstance(intent, TieIntent):
        # It comes after what was said before it, since it forbids that; nothing that the log says later needs it.
        cases = frozenset(map(_case, (intent.a, intent.b)))
        return _Told(intent, cases, frozenset(), cases)
    case = frozenset({_case(intent.enterprise)})
    if isinstance(intent, RegisterIntent | DetermineIntent):
        account = account_id(intent.enterprise).hex()
        changes = case | {_figure(account)}
        return _Told(intent, changes, changes, case | {_obligation(account)})
    return _Told(intent, case, case, case)


def _asset(intent: AssetIntent) -> _Told:
    changes, rests_on = intent.parties, intent.rests_on
    if isinstance(intent, SettleIntent):
        changes |= {_order(intent.buy), _order(intent.sell)}
    elif isinstance(intent, SignedIntent) and intent.extra is not None:
        changes = rests_on = frozenset({_order(intent.extra)})
    elif intent.kind in _OBLIGATION_KINDS:
        rests_on |= {_figure(account) for account in changes}
        changes |= {_obligation(account) for account in changes}
    return _Told(intent, changes, changes, rests_on)


def _order(order: Order) -> str:
    # Only its holder says the salt: nobody's salt keeps another's order from its end.
    return f"order-{order.account.hex()}-{order.salt.hex()}"


def _case(enterprise: str) -> str:
    return f"case-{enterprise}"


def _figure(account: str) -> str:
    return f"figure-{account}"


def _obligation(account: str) -> str:
    return f"obligation-{account}"


def _figure_signers(intent: RegisterIntent | DetermineIntent, domain: Domain) -> set[str]:
    """Thumbprints of the keys that signed a figure, recovered from its signatures."""
    case = (account_id(intent.enterprise), intent.year, intent.tonnes)
    if isinstance(intent, RegisterIntent):
        digest = verified_emissions_digest(domain, *case, intent.report_leaf, intent.statement_leaf, intent.revision)
        return _recovered(digest, (intent.signature,))
    digest = emissions_determination_digest(domain, *case, intent.document_hash, intent.revision)
    return _recovered(digest, intent.approvals)


def _traders(intent: SettleIntent, domain: Domain) -> set[str]:
    """Thumbprints of the keys that signed the two orders of a fill."""
    orders = ((intent.buy, intent.buy_signature), (intent.sell, intent.sell_signature))
    return {name for order, signature in orders for name in _recovered(order.digest(domain), (signature,))}


def _recovered(digest: bytes, signatures: Iterable[bytes]) -> set[str]:
    try:
        return {recover_key(digest, signature).kid_name for signature in signatures}
    except AttestationError:
        # The contract will say so; no key has to wait for that.
        return set()
