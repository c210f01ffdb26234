"""The contract's message of each body about units: what the signatures inside the statement are over.

Who builds a statement, who judges it and who tells the contract derive the message from the body by this one table.
Bodies of good form only: raises ValueError or a refusal of form for others.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from eth_utils.crypto import keccak

from attestation import asset_messages as messages
from attestation.allocation_parts import allocation_parts, items_hash, part_hashes
from attestation.assets import parse_asset
from attestation.bodies.allocations import Allocation
from attestation.bodies.compliance import SetPrice, SetTerms
from attestation.bodies.holdings import (
    CAUSES,
    CancelUnits,
    CarryIn,
    EnterOffsets,
    FreezeUnits,
    IssueUnits,
    ReleaseUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.bodies.intents import CancelOwnUnits, CarryOverUnits, Intent, ReturnUnits, SurrenderUnits
from attestation.identifiers import account_id
from attestation.instants import parse_instant

ApprovedHolding = (
    IssueUnits | TransferUnits | CancelUnits | FreezeUnits | ReleaseUnits | SuspendAccount | CarryIn | EnterOffsets
)
ApprovedCompliance = SetTerms | SetPrice
NO_FREEZE = bytes(32)

_OF_ONE_HOLDING: Mapping[type, type[messages.CancelByOrder | messages.Freeze | messages.OpeningBalance]] = (
    MappingProxyType(
        {CancelUnits: messages.CancelByOrder, FreezeUnits: messages.Freeze, CarryIn: messages.OpeningBalance}
    )
)


def holding_message(body: ApprovedHolding) -> messages.ApprovedMessage:
    """The message of ``CarbonLedger`` that two persons sign (of an emergency freeze: that they may yet confirm)."""
    op_id, document = bytes.fromhex(body.op_id), bytes.fromhex(body.document_hash)
    match body:
        case IssueUnits():
            return messages.Issue(op_id, account_id(body.account), body.vintage, body.tonnes, document)
        case TransferUnits():
            return messages.Transfer(
                op_id,
                account_id(body.sender),
                account_id(body.receiver),
                parse_asset(body.asset),
                body.tonnes,
                CAUSES.index(body.cause) + 1,
                NO_FREEZE if body.freeze is None else bytes.fromhex(body.freeze),
                document,
            )
        case CancelUnits() | FreezeUnits() | CarryIn():
            held = (account_id(body.account), parse_asset(body.asset), body.tonnes)
            return _OF_ONE_HOLDING[type(body)](op_id, *held, document)
        case ReleaseUnits():
            return messages.Release(op_id, bytes.fromhex(body.freeze), body.tonnes, document)
        case SuspendAccount():
            return messages.Suspension(op_id, account_id(body.account), body.suspended, document)
        case EnterOffsets():
            return messages.OffsetEntry(
                op_id,
                account_id(body.beneficiary),
                body.tonnes,
                keccak(text=body.series),
                body.first_serial,
                body.last_serial,
                keccak(text=body.cancellation),
                document,
            )


def compliance_message(body: ApprovedCompliance) -> messages.ApprovedMessage:
    """The message of ``Compliance`` that two persons sign."""
    op_id, document = bytes.fromhex(body.op_id), bytes.fromhex(body.document_hash)
    if isinstance(body, SetPrice):
        return messages.ReferencePrice(op_id, body.year, body.fen_per_tonne, document)
    return messages.YearTerms(
        op_id,
        body.year,
        body.offset_cap_bps,
        parse_instant(body.surrender_deadline),
        parse_instant(body.carry_over_until),
        parse_instant(body.closes_at),
        body.carry_base_bps,
        body.carry_multiple_bps,
        body.charge_multiple_bps,
        body.amendment_seconds,
        body.earlier_vintages,
        document,
    )


def allocation_message(body: Allocation) -> messages.AllocationRun:
    """The message of ``CarbonLedger`` that two persons sign for an allocation."""
    return messages.AllocationRun(
        bytes.fromhex(body.op_id),
        account_id(body.reserve),
        body.year,
        body.tonnes,
        items_hash(part_hashes(allocation_parts(body))),
        bytes.fromhex(body.input_root),
        parse_instant(body.return_due),
    )


def intent_message(body: Intent, holder: str) -> messages.HolderMessage:
    """The message that the holder's asset key signs; ``holder`` is its identifier."""
    op_id, account, deadline = bytes.fromhex(body.op_id), account_id(holder), parse_instant(body.deadline)
    match body:
        case SurrenderUnits():
            asset = parse_asset(body.asset)
            return messages.Surrender(op_id, account, body.year, asset, body.tonnes, deadline)
        case CarryOverUnits():
            return messages.CarryOver(op_id, account, body.vintage, body.tonnes, deadline)
        case CancelOwnUnits():
            return messages.Cancel(op_id, account, parse_asset(body.asset), body.tonnes, deadline)
        case ReturnUnits():
            return messages.Return(op_id, account, body.vintage, body.tonnes, deadline)
