"""EIP-712 messages of ``CarbonLedger`` and ``Compliance``, hashed by hand: what people sign (DOMAIN 22, 23).

Each message names its operation (``op_id``: 32 random bytes, not zero), which is nonce and operation id at once: the
contract uses it up, and one entry of the log names it. Members stand in the order of the Solidity struct. Accounts are
account ids (Keccak-256 of the identifier's UTF-8), assets those of :mod:`attestation.assets`, tonnes whole tCO2e,
instants unix seconds, shares and multiples basis points. Tests compare with ``eth_account``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from attestation.typed_message import Checker, TypedMessage

__all__ = [
    "MESSAGES",
    "AllocationRun",
    "ApprovedMessage",
    "AssetMessage",
    "Cancel",
    "CancelByOrder",
    "CarryOver",
    "Checker",
    "Freeze",
    "HolderMessage",
    "Issue",
    "OffsetEntry",
    "OpeningBalance",
    "ReferencePrice",
    "Release",
    "Return",
    "Surrender",
    "Suspension",
    "Transfer",
    "YearTerms",
]


@dataclass(frozen=True, slots=True)
class Issue(TypedMessage):
    """New quota of a vintage to the park's account, which keeps the reserve; all issues together are the cap."""

    TYPE = "Issue(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,bytes32 documentHash)"

    account: bytes
    vintage: int
    tonnes: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class AllocationRun(TypedMessage):
    """A run out of the reserve (DOMAIN 30, 31). ``items_hash``: of the parts' hashes. ``input_root``: of its inputs.
    ``return_due``: until when what is owed comes back."""

    TYPE = (
        "AllocationRun(bytes32 opId,bytes32 reserve,uint16 vintage,uint64 tonnes,bytes32 itemsHash,bytes32 inputRoot,"
        "uint64 returnDue)"
    )

    reserve: bytes
    vintage: int
    tonnes: int
    items_hash: bytes
    input_root: bytes
    return_due: int


@dataclass(frozen=True, slots=True)
class Transfer(TypedMessage):
    """A transfer that is no trade. ``cause``: 1 succession, 2 enforcement, 3 correction, 4 reserve grant. ``freeze``:
    the operation of the freeze that the units are taken out of, or 32 zero bytes."""

    TYPE = (
        "Transfer(bytes32 opId,bytes32 from,bytes32 to,uint32 asset,uint64 tonnes,uint8 cause,bytes32 freeze,"
        "bytes32 documentHash)"
    )

    sender: bytes
    receiver: bytes
    asset: int
    tonnes: int
    cause: int
    freeze: bytes
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class CancelByOrder(TypedMessage):
    """Units cancelled by order of two persons."""

    TYPE = "CancelByOrder(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)"

    account: bytes
    asset: int
    tonnes: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Freeze(TypedMessage):
    """Units that do not move until they are released. Its operation is the freeze's id."""

    TYPE = "Freeze(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)"

    account: bytes
    asset: int
    tonnes: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Release(TypedMessage):
    """Units of a freeze that move again."""

    TYPE = "Release(bytes32 opId,bytes32 freeze,uint64 tonnes,bytes32 documentHash)"

    freeze: bytes
    tonnes: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Suspension(TypedMessage):
    """An account that nothing leaves, or that is free again."""

    TYPE = "Suspension(bytes32 opId,bytes32 account,bool suspended,bytes32 documentHash)"

    account: bytes
    suspended: bool
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class OpeningBalance(TypedMessage):
    """Quota from before the ledger, carried in once per account and asset, not proved here (DOMAIN 24)."""

    TYPE = "OpeningBalance(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,bytes32 documentHash)"

    account: bytes
    asset: int
    tonnes: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class OffsetEntry(TypedMessage):
    """CCER cancelled elsewhere for this account (DOMAIN 4): ``series`` and ``cancellation_hash`` are Keccak-256 of
    their texts, serials from ``first_serial`` to ``last_serial`` are one tonne each."""

    TYPE = (
        "OffsetEntry(bytes32 opId,bytes32 account,uint64 tonnes,bytes32 series,uint64 firstSerial,uint64 lastSerial,"
        "bytes32 cancellationHash,bytes32 documentHash)"
    )

    account: bytes
    tonnes: int
    series: bytes
    first_serial: int
    last_serial: int
    cancellation_hash: bytes
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Cancel(TypedMessage):
    """The holder cancels units of its own; the contract takes it before ``deadline``."""

    TYPE = "Cancel(bytes32 opId,bytes32 account,uint32 asset,uint64 tonnes,uint64 deadline)"

    account: bytes
    asset: int
    tonnes: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Return(TypedMessage):
    """The holder gives back what it owes after reconciliation (DOMAIN 31)."""

    TYPE = "Return(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)"

    account: bytes
    vintage: int
    tonnes: int
    deadline: int


@dataclass(frozen=True, slots=True)
class YearTerms(TypedMessage):
    """How a compliance year is met: cap of offsets, deadlines, carry-over, charge, amendments (DOMAIN 2 to 7, 11)."""

    TYPE = (
        "YearTerms(bytes32 opId,uint16 year,uint16 offsetCapBps,uint64 surrenderDeadline,uint64 carryOverUntil,"
        "uint64 closesAt,uint16 carryBaseBps,uint32 carryMultipleBps,uint32 chargeMultipleBps,uint32 amendmentSeconds,"
        "bool earlierVintages,bytes32 documentHash)"
    )
    CHECKER = Checker.COMPLIANCE

    year: int
    offset_cap_bps: int
    surrender_deadline: int
    carry_over_until: int
    closes_at: int
    carry_base_bps: int
    carry_multiple_bps: int
    charge_multiple_bps: int
    amendment_seconds: int
    earlier_vintages: bool
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class ReferencePrice(TypedMessage):
    """The price of a year's shortfall, in fen a tonne (DOMAIN 7)."""

    TYPE = "ReferencePrice(bytes32 opId,uint16 year,uint64 fenPerTonne,bytes32 documentHash)"
    CHECKER = Checker.COMPLIANCE

    year: int
    fen_per_tonne: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Surrender(TypedMessage):
    """The holder meets its obligation of a year with units of its own."""

    TYPE = "Surrender(bytes32 opId,bytes32 account,uint16 year,uint32 asset,uint64 tonnes,uint64 deadline)"
    CHECKER = Checker.COMPLIANCE

    account: bytes
    year: int
    asset: int
    tonnes: int
    deadline: int


@dataclass(frozen=True, slots=True)
class CarryOver(TypedMessage):
    """The holder turns units of a vintage into the next one's (DOMAIN 6)."""

    TYPE = "CarryOver(bytes32 opId,bytes32 account,uint16 vintage,uint64 tonnes,uint64 deadline)"
    CHECKER = Checker.COMPLIANCE

    account: bytes
    vintage: int
    tonnes: int
    deadline: int


HolderMessage = Cancel | Return | Surrender | CarryOver
"""What an asset key of the account signs."""

ApprovedMessage = (
    Issue
    | AllocationRun
    | Transfer
    | CancelByOrder
    | Freeze
    | Release
    | Suspension
    | OpeningBalance
    | OffsetEntry
    | YearTerms
    | ReferencePrice
)
"""What two persons of two bodies sign (DOMAIN 23)."""

AssetMessage = ApprovedMessage | HolderMessage
MESSAGES: tuple[type[AssetMessage], ...] = get_args(AssetMessage)
"""Every message."""
