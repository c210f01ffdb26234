"""Payloads of the statement types: the envelope and one body per type (design §2).

Members are declared in canonical order; a payload that is built is compact UTF-8 JSON in that order. Readers
accept any order. Decimal quantities and instants stay text here, as they were signed; verification
parses them. Optional members are absent, never null.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Struct

from attestation.bodies.admissions import (
    Accredit,
    AccreditationPart,
    Admission,
    ApproveApplication,
    DeclareTie,
    ReviewApplication,
)
from attestation.bodies.allocations import Allocation, AllocationShare
from attestation.bodies.assignments import (
    Appoint,
    Assignment,
    AssignmentAction,
    Contribute,
    DrawVerifier,
    EndAssignment,
    OpenDraw,
)
from attestation.bodies.cash import (
    BindBankAccount,
    Cash,
    CashAction,
    DepositCash,
    ReconcileCash,
    SettleWithdrawal,
)
from attestation.bodies.compliance import (
    AssessYear,
    CloseYear,
    Compliance,
    ComplianceAction,
    CreditExcess,
    SetPrice,
    SetTerms,
)
from attestation.bodies.devices import (
    CalibrateDevice,
    Device,
    DeviceEvent,
    InstallDevice,
    RemoveDevice,
    ReplaceDevice,
)
from attestation.bodies.findings import Finding, FindingItem
from attestation.bodies.holdings import (
    CancelUnits,
    CarryIn,
    CollectOwed,
    ConfirmFreeze,
    EnterOffsets,
    FreezeUnits,
    Holding,
    HoldingAction,
    IssueUnits,
    LapseFreeze,
    Monitoring,
    ReleaseUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.bodies.intents import (
    CancelOwnUnits,
    CarryOverUnits,
    Intent,
    IntentAction,
    ReturnUnits,
    SurrenderUnits,
)
from attestation.bodies.keys import (
    APPROVALS,
    AddKey,
    Approval,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Introduction,
    Jwk,
    Key,
    KeyAction,
    NewKey,
    ProposeRecovery,
    RevokeKey,
    RotateKey,
    Subject,
    VetoRecovery,
    subject_of,
)
from attestation.bodies.labels import Activity, Label, Sector
from attestation.bodies.market import (
    Award,
    ClearAuction,
    ClockWindow,
    CloseDay,
    HaltDay,
    Market,
    MarketAction,
    MarketHours,
    OpenAuction,
    OpenDay,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    Window,
)
from attestation.bodies.measured import LOSS_LIMIT, Close, Loss, Reading
from attestation.bodies.objections import DecideObjection, Objection, ObjectionAction, RaiseObjection
from attestation.bodies.openings import BaseOutput, BaseYear, Opening
from attestation.bodies.orders import (
    CancelEveryOrder,
    CancelPlaced,
    CommitBid,
    MoveTrading,
    Order,
    OrderAction,
    PlaceOrder,
    WithdrawCash,
)
from attestation.bodies.plans import Facility, Plan, PlanParameter
from attestation.bodies.policies import Policy
from attestation.bodies.registered import Determination, Registration
from attestation.bodies.report_lines import (
    Analysis,
    CemsBlock,
    Certificate,
    Citation,
    Flow,
    ReportLine,
    Weighing,
)
from attestation.bodies.reports import FactorSetRef, GasTotal, Intensity, Output, Report, ReportPeriod, Totals
from attestation.bodies.scores import (
    CommentScore,
    ProposeScore,
    PublishScore,
    Score,
    ScoreAction,
    ScoreAsOf,
    WithdrawScore,
)
from attestation.bodies.texts import (
    BOUNDS,
    FIRST_YEAR,
    LAST_YEAR,
    MAX_SEQ,
    NAME_LIMIT,
    REASON_LIMIT,
    SIGNATURE_HEX_PATTERN,
    STATEMENT_ID_PATTERN,
    STREAM_PATTERN,
    THUMBPRINT_PATTERN,
    IdentifierText,
    SeqNumber,
    StreamText,
    integer,
)
from attestation.bodies.verdicts import Adjustment, Resolution, Verification
from attestation.instants import LATEST

__all__ = [
    "APPROVALS",
    "BODY_TYPES",
    "BOUNDS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "LOSS_LIMIT",
    "MAX_SEQ",
    "NAME_LIMIT",
    "REASON_LIMIT",
    "SIGNATURE_HEX_PATTERN",
    "STATEMENT_ID_PATTERN",
    "STREAM_PATTERN",
    "THUMBPRINT_PATTERN",
    "TYPES",
    "VERSION",
    "Accredit",
    "AccreditationPart",
    "Activity",
    "AddKey",
    "Adjustment",
    "Admission",
    "Allocation",
    "AllocationShare",
    "Analysis",
    "Appoint",
    "Approval",
    "ApproveApplication",
    "AssessYear",
    "AssetStep",
    "Assignment",
    "AssignmentAction",
    "Award",
    "BaseOutput",
    "BaseYear",
    "BindBankAccount",
    "Body",
    "BodyT",
    "CalibrateDevice",
    "CancelEveryOrder",
    "CancelOwnUnits",
    "CancelPlaced",
    "CancelUnits",
    "CarryIn",
    "CarryOverUnits",
    "CaseStep",
    "Cash",
    "CashAction",
    "CemsBlock",
    "Certificate",
    "Citation",
    "ClearAuction",
    "ClockWindow",
    "Close",
    "CloseDay",
    "CloseYear",
    "CollectOwed",
    "CommentScore",
    "CommitBid",
    "CompleteRecovery",
    "Compliance",
    "ComplianceAction",
    "CompromiseKey",
    "ConfirmFreeze",
    "Contribute",
    "CreditExcess",
    "DecideObjection",
    "DeclareTie",
    "DepositCash",
    "Determination",
    "Device",
    "DeviceEvent",
    "DrawVerifier",
    "EndAssignment",
    "EnrolKey",
    "EnterOffsets",
    "Envelope",
    "Facility",
    "FactorSetRef",
    "Finding",
    "FindingItem",
    "Flow",
    "FreezeUnits",
    "GasTotal",
    "HaltDay",
    "Holding",
    "HoldingAction",
    "InstallDevice",
    "Intensity",
    "Intent",
    "IntentAction",
    "Introduction",
    "IssueUnits",
    "Jwk",
    "Key",
    "KeyAction",
    "Label",
    "LapseFreeze",
    "Loss",
    "Market",
    "MarketAction",
    "MarketHours",
    "MarketStep",
    "Monitoring",
    "MoveTrading",
    "NewKey",
    "Objection",
    "ObjectionAction",
    "OpenAuction",
    "OpenDay",
    "OpenDraw",
    "Opening",
    "Order",
    "OrderAction",
    "Output",
    "PlaceOrder",
    "Plan",
    "PlanParameter",
    "Policy",
    "ProposeRecovery",
    "ProposeScore",
    "PublishScore",
    "RaiseObjection",
    "Reading",
    "ReconcileCash",
    "Registration",
    "ReleaseUnits",
    "RemoveDevice",
    "ReplaceDevice",
    "Report",
    "ReportLine",
    "ReportPeriod",
    "Resolution",
    "ResumeDay",
    "ReturnUnits",
    "ReviewApplication",
    "RevokeKey",
    "RotateKey",
    "Score",
    "ScoreAction",
    "ScoreAsOf",
    "Sector",
    "SetMarketReference",
    "SetMarketTerms",
    "SetPrice",
    "SetTerms",
    "SettleWithdrawal",
    "StatementType",
    "Subject",
    "SurrenderUnits",
    "SuspendAccount",
    "Totals",
    "TransferUnits",
    "Verification",
    "VetoRecovery",
    "Weighing",
    "Window",
    "WithdrawCash",
    "WithdrawScore",
    "subject_of",
]

VERSION = 1

StatementType = Literal[
    "key",
    "reading",
    "close",
    "loss",
    "report",
    "policy",
    "plan",
    "assignment",
    "finding",
    "verification",
    "objection",
    "registration",
    "determination",
    "device",
    "admission",
    "opening",
    "label",
    "holding",
    "compliance",
    "intent",
    "allocation",
    "score",
    "order",
    "market",
    "cash",
]

CaseStep = Plan | Assignment | Finding | Verification | Objection | Registration | Determination
"""What happens in a case: an enterprise's compliance year."""

AssetStep = Holding | Compliance | Intent | Allocation | Score
"""What changes units, the terms on which they count, or the record of having kept them."""

MarketStep = Order | Market | Cash
"""What happens on the market, and to the cash behind it."""

Body = (
    Key
    | Reading
    | Close
    | Loss
    | Report
    | Policy
    | Plan
    | Assignment
    | Finding
    | Verification
    | Objection
    | Registration
    | Determination
    | Device
    | Admission
    | Opening
    | Label
    | Holding
    | Compliance
    | Intent
    | Allocation
    | Score
    | Order
    | Market
    | Cash
)
BodyT = TypeVar("BodyT")

BODY_TYPES: dict[str, Any] = {
    "key": Key,
    "reading": Reading,
    "close": Close,
    "loss": Loss,
    "report": Report,
    "policy": Policy,
    "plan": Plan,
    "assignment": Assignment,
    "finding": Finding,
    "verification": Verification,
    "objection": Objection,
    "registration": Registration,
    "determination": Determination,
    "device": Device,
    "admission": Admission,
    "opening": Opening,
    "label": Label,
    "holding": Holding,
    "compliance": Compliance,
    "intent": Intent,
    "allocation": Allocation,
    "score": Score,
    "order": Order,
    "market": Market,
    "cash": Cash,
}
"""The body of each type: a struct, or a union of structs that one member tells apart."""

TYPES: tuple[str, ...] = tuple(BODY_TYPES)


class Envelope(Struct, Generic[BodyT], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The members that every payload has."""

    v: Annotated[int, integer(VERSION, VERSION)]
    type: str
    log: str
    iss: IdentifierText
    iat: Annotated[int, integer(0, LATEST)]
    stream: StreamText
    seq: SeqNumber
    body: BodyT
