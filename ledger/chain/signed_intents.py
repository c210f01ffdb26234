"""What people signed about units and obligations, as a value that survives storage (``ledger.chain.asset_intents``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from attestation import market_messages
from attestation.asset_messages import (
    AllocationRun,
    AssetMessage,
    Cancel,
    CancelByOrder,
    CarryOver,
    Freeze,
    HolderMessage,
    Issue,
    OffsetEntry,
    OpeningBalance,
    ReferencePrice,
    Release,
    Return,
    Surrender,
    Suspension,
    Transfer,
    YearTerms,
)
from attestation.assets import vintage_of
from attestation.market_messages import (
    BankBinding,
    CancelAll,
    CancelOrder,
    Deposit,
    MarketReference,
    MarketTerms,
    Order,
    Payout,
    TradingMove,
    Withdrawal,
)
from attestation.typed_message import TypedStruct
from ledger.chain.asset_told import AssetTold, require_hash, year_party
from ledger.chain.entry_intents import require_compact, require_entry
from ledger.chain.market_intents import CASH_CHECK, CASH_MOVES, MARKET_TERMS_PARTY, TRADES, market_party, trades_party
from ledger.chain.operations import HASH_BYTES, LIMIT, Kind, operation_id

SignedMessage = AssetMessage | market_messages.HolderMessage | market_messages.ApprovedMessage
"""What people sign and one call brings to its contract; an order is brought with its trade."""

_KINDS: Mapping[type[SignedMessage], Kind] = {
    Issue: Kind.ISSUE,
    AllocationRun: Kind.APPROVE_RUN,
    Transfer: Kind.TRANSFER,
    CancelByOrder: Kind.CANCEL_ORDER,
    Freeze: Kind.FREEZE,
    Release: Kind.RELEASE,
    Suspension: Kind.SUSPEND,
    OpeningBalance: Kind.CARRY_IN,
    OffsetEntry: Kind.CCER,
    Cancel: Kind.CANCEL_UNITS,
    Return: Kind.RETURN,
    YearTerms: Kind.TERMS,
    ReferencePrice: Kind.PRICE,
    Surrender: Kind.SURRENDER,
    CarryOver: Kind.CARRY_OVER,
    MarketTerms: Kind.MARKET_TERMS,
    MarketReference: Kind.MARKET_REFERENCE,
    BankBinding: Kind.BIND,
    Deposit: Kind.DEPOSIT,
    Payout: Kind.PAYOUT,
    TradingMove: Kind.MOVE,
    Withdrawal: Kind.WITHDRAW,
    CancelOrder: Kind.CANCEL_PLACE,
    CancelAll: Kind.CANCEL_ALL,
}
_MESSAGES: Mapping[str, type[SignedMessage]] = {each.name(): each for each in _KINDS}
_NO_FREEZE = bytes(HASH_BYTES)
_Struct = TypeVar("_Struct", bound=TypedStruct)


@dataclass(frozen=True, slots=True)
class SignedIntent(AssetTold):
    """A message that two persons or a holder signed.

    Attributes
    ----------
    leaf_hash, log_index
        Of the entry that brings it.
    message
        What was signed; its class says which call it is.
    signatures
        EIP-2098 (64 bytes each) over the message: both approvals, or the holder's one. None for a freeze at once
        (DOMAIN 23), which is the registrar's alone until it is confirmed.
    account
        Whose freeze it is, for a ``Release``, or whose withdrawal, for a ``Payout``, which do not say so themselves (a
        payout need not); else ``None``.
    net_sold
        Tonnes sold less bought of the vintage, at least 0; of a ``CarryOver`` (DOMAIN 6).
    confirms
        A ``Freeze`` made at once is confirmed: its operation was used up by itself, so the confirmation is named by its
        entry.
    extra
        The order that a ``CancelOrder`` ends, as it was signed: the contract computes its hash anew.
    """

    message: SignedMessage
    signatures: tuple[bytes, ...]
    account: bytes | None = None
    net_sold: int = 0
    confirms: bool = False
    extra: Order | None = None

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        if not any(self.message.op_id):
            raise ValueError("an operation id is not zero")
        for signature in self.signatures:
            require_compact("signature", signature)
        if len(self.signatures) != self._needed():
            raise ValueError(f"{self.message.name()}: {len(self.signatures)} signatures, not {self._needed()}")
        if isinstance(self.message, Release) != (self.account is not None) and not isinstance(self.message, Payout):
            raise ValueError("a release names the account of its freeze, and nothing but a payout does so too")
        if self.account is not None:
            require_hash("account", self.account)
        if not 0 <= self.net_sold < LIMIT or (self.net_sold and not isinstance(self.message, CarryOver)):
            raise ValueError(f"{self.net_sold} t sold: out of range, or of no carry-over")
        if self.confirms and not isinstance(self.message, Freeze):
            raise ValueError("only a freeze is confirmed")
        if isinstance(self.message, CancelOrder) != (self.extra is not None):
            raise ValueError("the end of an order brings the order, and nothing else does")

    def _needed(self) -> int:
        if isinstance(self.message, HolderMessage | market_messages.HolderMessage):
            return 1
        at_once = isinstance(self.message, Freeze) and not self.signatures and not self.confirms
        return 0 if at_once else 2

    @property
    def kind(self) -> Kind:
        """By the message's class, and of a freeze by who signed it."""
        if isinstance(self.message, Freeze):
            if self.confirms:
                return Kind.CONFIRM_FREEZE
            return Kind.FREEZE if self.signatures else Kind.FREEZE_AT_ONCE
        return _KINDS[type(self.message)]

    @property
    def parties(self) -> frozenset[str]:
        """See above."""
        message = self.message
        match message:
            case Transfer(sender=sender, receiver=receiver, freeze=freeze):
                named = {sender, receiver} | ({freeze} if freeze != _NO_FREEZE else set())
            case AllocationRun(op_id=run, reserve=reserve):
                named = {run, reserve}
            case Freeze(op_id=freeze, account=account):
                named = {freeze, account}
            case Release(freeze=freeze):
                named = {freeze, self.account or freeze}
            case YearTerms(year=year) | ReferencePrice(year=year):
                return frozenset({year_party(year)})
            case MarketTerms():
                return frozenset({MARKET_TERMS_PARTY})
            case MarketReference(asset=asset):
                return frozenset({market_party(asset)})
            case Payout(withdrawal=withdrawal):
                named = {withdrawal, self.account or withdrawal}
            case Withdrawal(op_id=withdrawal, account=account):
                named = {withdrawal, account}
            case _:
                named = {message.account}
        changed = frozenset(each.hex() for each in named)
        return changed | {CASH_MOVES} if isinstance(message, Deposit | Payout) else changed

    @property
    def rests_on(self) -> frozenset[str]:
        """See above; what meets an obligation rests on the terms of its year too, what moves cash on the comparison
        with the bank's, and new terms or prices of the market on what was settled before."""
        own, besides = self.parties, frozenset[str]()
        match self.message:
            case Surrender(year=year) | CarryOver(vintage=year):
                besides = frozenset({year_party(year)})
            case MarketTerms():
                besides = frozenset({TRADES})
            case MarketReference(asset=asset):
                besides = frozenset({trades_party(asset)})
            case Deposit():
                # Not on the account: while cash is halted, fills of it wait for a comparison that waits for this.
                own, besides = frozenset(), frozenset({CASH_CHECK, MARKET_TERMS_PARTY})
            case Payout(withdrawal=withdrawal):
                own, besides = frozenset({withdrawal.hex()}), frozenset({CASH_CHECK})
            case Withdrawal():
                besides = frozenset({CASH_CHECK})
            case TradingMove(asset=asset) if vintage_of(asset) is None:
                besides = frozenset({CASH_CHECK})
            case _:
                pass
        return own | besides

    def operation_id(self, deployment_id: bytes) -> bytes:
        """The message's own, but for a confirmation."""
        if not self.confirms:
            return self.message.op_id
        return operation_id(deployment_id, Kind.CONFIRM_FREEZE, self.leaf_hash)

    def to_payload(self) -> dict[str, Any]:
        """JSON form: the struct's name and its members, what is not there left out."""
        payload = {
            "leaf_hash": self.leaf_hash.hex(),
            "log_index": self.log_index,
            "message": self.message.name(),
            "members": _to_members(self.message),
            "signatures": [signature.hex() for signature in self.signatures],
            "account": None if self.account is None else self.account.hex(),
            "net_sold": self.net_sold,
            "confirms": self.confirms,
        }
        # Only where there is one: what was stored before there were orders stays as it is.
        return payload if self.extra is None else {**payload, "extra": _to_members(self.extra)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> SignedIntent:
        """Inverse of :meth:`to_payload`."""
        order = payload.get("extra")
        return cls(
            leaf_hash=bytes.fromhex(payload["leaf_hash"]),
            log_index=payload["log_index"],
            message=_from_members(_MESSAGES[payload["message"]], payload["members"]),
            signatures=tuple(bytes.fromhex(each) for each in payload["signatures"]),
            account=None if payload["account"] is None else bytes.fromhex(payload["account"]),
            net_sold=payload["net_sold"],
            confirms=payload["confirms"],
            extra=None if order is None else _from_members(Order, order),
        )


def _to_members(message: TypedStruct) -> dict[str, Any]:
    members = {item.name: getattr(message, item.name) for item in fields(message)}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in members.items()}


def _from_members(struct: type[_Struct], given: Mapping[str, Any]) -> _Struct:
    texts = {item.name for item in fields(struct) if item.type == "bytes"}
    members: dict[str, Any] = {name: bytes.fromhex(value) if name in texts else value for name, value in given.items()}
    return struct(**members)
