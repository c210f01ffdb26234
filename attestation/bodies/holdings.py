"""``holding``: what the registrar does to accounts, by two persons where DOMAIN 23 says so. One struct per ``action``.

Accounts are identifiers, amounts whole tonnes. ``op_id`` is the operation that two persons signed; ``document_hash``
is the SHA-256 of the document that the act rests on, and is in what they signed, as everything is save ``reason`` and
``reverses``.
"""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.assets import Action, ApprovalPair, AssetText, OperationText, Tonnes
from attestation.bodies.texts import (
    DateText,
    IdentifierText,
    NameText,
    Part,
    ReasonText,
    SeqNumber,
    YearNumber,
    published,
)
from attestation.bodies.words import DigestText

CAUSES = ("succession", "enforcement", "correction", "reserve-grant")
"""Why units move without a trade, in the order of the contract's numbers from 1 on."""


class HoldingAction(Action, frozen=True, kw_only=True):
    """What every body of ``holding`` is."""


class IssueUnits(HoldingAction, frozen=True, kw_only=True, tag="issue"):
    """New quota of a vintage to the park's account; all that was issued of a vintage is its cap (DOMAIN 30)."""

    op_id: OperationText
    account: IdentifierText
    vintage: YearNumber
    tonnes: Tonnes
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class TransferUnits(HoldingAction, frozen=True, kw_only=True, tag="transfer"):
    """Units move without a trade. ``freeze``: the operation of the freeze that they are taken out of; ``reverses``: of
    the settled trade whose error they go back for, which is not part of what two persons sign (DOMAIN 22)."""

    op_id: OperationText
    sender: IdentifierText
    receiver: IdentifierText
    asset: AssetText
    tonnes: Tonnes
    cause: Annotated[str, published(enum=list(CAUSES))]
    freeze: OperationText | None = None
    reverses: OperationText | None = None
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class CancelUnits(HoldingAction, frozen=True, kw_only=True, tag="cancel"):
    """Units are cancelled by order."""

    op_id: OperationText
    account: IdentifierText
    asset: AssetText
    tonnes: Tonnes
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class FreezeUnits(HoldingAction, frozen=True, kw_only=True, tag="freeze"):
    """Units are frozen. Without approvals it is an emergency freeze: at once, and over after 24 hours unless two
    persons confirm it (DOMAIN 23)."""

    op_id: OperationText
    account: IdentifierText
    asset: AssetText
    tonnes: Tonnes
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair | None = None


class ConfirmFreeze(HoldingAction, frozen=True, kw_only=True, tag="confirm-freeze"):
    """Two persons approve an emergency freeze: they sign its own message."""

    freeze: OperationText
    approvals: ApprovalPair


class LapseFreeze(HoldingAction, frozen=True, kw_only=True, tag="lapse"):
    """An emergency freeze that nobody confirmed in 24 hours is over."""

    freeze: OperationText


class ReleaseUnits(HoldingAction, frozen=True, kw_only=True, tag="release"):
    """Units of a freeze move again."""

    op_id: OperationText
    freeze: OperationText
    tonnes: Tonnes
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class SuspendAccount(HoldingAction, frozen=True, kw_only=True, tag="suspend"):
    """From now on nothing leaves the account, or it is free again."""

    op_id: OperationText
    account: IdentifierText
    suspended: bool
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class CarryIn(HoldingAction, frozen=True, kw_only=True, tag="carry-in"):
    """Quota from before the ledger: once per account and asset, carried in, not proved here (DOMAIN 24)."""

    op_id: OperationText
    account: IdentifierText
    asset: AssetText
    tonnes: Tonnes
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class Monitoring(Part, frozen=True, kw_only=True):
    """The period in which the reductions came about: first and last day."""

    start: DateText
    end: DateText


class EnterOffsets(HoldingAction, frozen=True, kw_only=True, tag="ccer"):
    """CCER that were cancelled in their own registry for ``beneficiary`` (DOMAIN 4).

    ``project_start`` is the day on which the project began; ``claimed``, ``registered``, ``cancelled`` are the days of
    the claim, of its registration there, of the cancellation. Who signs says that nothing of it arose under quota
    management.
    ``series`` names the row of numbers that the serials are of, ``first_serial`` and ``last_serial`` are both
    included, a tonne each. ``cancellation`` is that registry's id of the cancellation.
    """

    op_id: OperationText
    beneficiary: IdentifierText
    project: NameText
    methodology: NameText
    monitoring: Monitoring
    project_start: DateText
    claimed: DateText
    registered: DateText
    cancelled: DateText
    series: NameText
    first_serial: SeqNumber
    last_serial: SeqNumber
    tonnes: Tonnes
    cancellation: NameText
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class CollectOwed(HoldingAction, frozen=True, kw_only=True, tag="collect"):
    """What an account owes back and did not return in time is taken, as far as it holds it freely (DOMAIN 31)."""

    account: IdentifierText
    vintage: YearNumber


Holding = (
    IssueUnits
    | TransferUnits
    | CancelUnits
    | FreezeUnits
    | ConfirmFreeze
    | LapseFreeze
    | ReleaseUnits
    | SuspendAccount
    | CarryIn
    | EnterOffsets
    | CollectOwed
)
"""Body of ``holding``: one of the actions."""
