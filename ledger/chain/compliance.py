"""Bindings of ``Compliance`` (docs/contracts.md)."""

from __future__ import annotations

from dataclasses import dataclass

from attestation.asset_messages import CarryOver, ReferencePrice, Surrender, YearTerms
from ledger.chain.asset_intents import AssessIntent, CloseIntent, CreditIntent, SignedIntent
from ledger.chain.contracts import COMPLIANCE, Contract, signature_words
from ledger.chain.rpc import BlockTag, Rpc

ComplianceIntent = SignedIntent | AssessIntent | CreditIntent | CloseIntent
"""What the book of obligations is told."""


@dataclass(frozen=True, slots=True)
class PositionOnChain:
    """Where an account's year stands, as ``positionOf`` gives it."""

    emissions: int
    revision: int
    offset_cap: int
    quota: int
    offsets_used: int
    offsets_counted: int
    credit_in: int
    credit_out: int
    due: int
    missed: int
    charge_fen: int
    carried: int
    deadline: int
    assessed: bool


class Compliance(Contract):
    """Calls to the book of obligations at one address."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, COMPLIANCE, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def deployment_id(self) -> bytes:
        """The 32-byte deployment id that the contract signs under."""
        return bytes(self.view("deploymentId")[0])

    def tell(self, op_id: bytes, intent: ComplianceIntent) -> bytes:
        """Call data of what an intent asks for."""
        match intent:
            case SignedIntent():
                return self._signed(intent)
            case AssessIntent():
                return self.data("assess", op_id, intent.account, intent.year, intent.entry)
            case CreditIntent():
                return self.data("credit", op_id, intent.account, intent.year, intent.entry)
            case CloseIntent():
                return self.data("close", op_id, intent.year, intent.accounts, intent.entry)

    def _signed(self, intent: SignedIntent) -> bytes:
        message, words = intent.message.as_tuple(), [signature_words(each) for each in intent.signatures]
        match intent.message:
            case YearTerms():
                return self.data("setTerms", message, words, intent.entry)
            case ReferencePrice():
                return self.data("setPrice", message, words, intent.entry)
            case Surrender():
                return self.data("surrender", message, words[0], intent.entry)
            case CarryOver():
                return self.data("carryOver", message, words[0], intent.net_sold, intent.entry)
            case other:
                raise TypeError(f"{other.name()} is not signed for the book of obligations")

    def position_of(self, account: bytes, year: int, *, block: BlockTag = "latest") -> PositionOnChain:
        """Where the account's year stands."""
        return PositionOnChain(*self.view("positionOf", account, year, block=block)[0])

    def price_of(self, year: int, *, block: BlockTag = "latest") -> tuple[int, bool]:
        """The price of a missing tonne of the year, in fen (0: none), and whether something was charged by it."""
        fen, charged = self.view("priceOf", year, block=block)
        return fen, charged
