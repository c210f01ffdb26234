"""Files by which every act of two persons goes from hand to hand (DOMAIN 23): one proposal, two approvals.

A proposal holds the body of the statement to be, without approvals; what a person signs is the contract's message of
exactly that body, so that a proposal which is altered afterwards has no approval.

    {"v": 1, "type": "asset-proposal", "log": …, "statement": "holding", "body": {…}, "freeze"?: {…}}
    {"v": 1, "type": "asset-approval", "log": …, "op_id": …, "identifier": …, "signature": …}

``freeze`` is the body of the emergency freeze that a ``confirm-freeze`` is about: its message is what is signed again.
A ``payout`` names nobody but the withdrawal's operation: where the log was asked, its proposal carries that entry, so
that both persons read whom the bank pays, how much, and where to.

    {…, "withdrawal"?: {"index": …, "entry": …}}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from attestation.bodies import Approval, Body, ConfirmFreeze, FreezeUnits, SettleWithdrawal, WithdrawCash
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import parse_identifier
from attestation.judging.newcomers import check_signature_hex
from attestation.refusals import refuse
from attestation.statements import BODY_TYPES
from ledger.trust import Trust
from tanlu import assets
from tanlu.admission import file_hash
from tanlu.errors import InputRefused
from tanlu.files import write_new
from tanlu.handed_files import HandedFile
from tanlu.keyring import HeldKey

PROPOSAL_TYPE = "asset-proposal"
APPROVAL_TYPE = "asset-approval"
TYPES = ("holding", "compliance", "allocation", "market", "cash")
"""Types of statements that two persons approve in such files."""
_PROPOSAL = HandedFile(PROPOSAL_TYPE, "tanlu quota, compliance, allocation, market or cash")
_APPROVAL = HandedFile(APPROVAL_TYPE, "tanlu quota approve")


@dataclass(frozen=True, slots=True)
class AskedWithdrawal:
    """What a holder asked the bank to pay: fen, to the bank account of that hash, in the log's entry ``index``, which
    is the compact JWS ``entry``."""

    index: int
    entry: str
    payee: str
    fen: int
    bank_account: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act before it is approved: the statement's type, its body without approvals, for the confirmation of an
    emergency freeze the body of that ``freeze``, and for a payout the ``withdrawal`` where the log was asked for it."""

    type: str
    body: Any
    freeze: FreezeUnits | None = None
    withdrawal: AskedWithdrawal | None = None

    @property
    def op_id(self) -> str:
        """The operation that is signed, 64 hex digits."""
        return str(self.signed.op_id)

    @property
    def signed(self) -> Any:
        """The body whose message is signed."""
        return self.body if self.freeze is None else self.freeze

    @property
    def action(self) -> str:
        """What it does: the body's action, or its type where that has no actions."""
        return str(getattr(self.body, "action", self.type))

    @property
    def message(self) -> assets.SignedMessage:
        """What each person signs. Raises AttestationError and ValueError for a body of bad form."""
        return assets.message_of(self.type, self.signed)

    @property
    def document_hash(self) -> str | None:
        """SHA-256 of the document that the act rests on, in hex; None for one that holds all that it rests on."""
        found: str | None = getattr(self.signed, "document_hash", None)
        return found

    def approved(self, approvals: Sequence[Approval]) -> Body:
        """The body with the approvals, in the order of the persons' identifiers."""
        ordered = tuple(sorted(approvals, key=lambda one: one.identifier.encode()))
        body: Body = replace(self.body, approvals=ordered)
        return body


def write_proposal(path: Path, trust: Trust, proposal: Proposal) -> dict[str, object]:
    """Write the file; what it holds. Raises InputRefused (``file.exists``, ``file.folder``)."""
    document: dict[str, object] = {
        "v": 1,
        "type": PROPOSAL_TYPE,
        "log": trust.log,
        "statement": proposal.type,
        "body": _without_approvals(proposal.body),
    }
    if proposal.freeze is not None:
        document["freeze"] = _without_approvals(proposal.freeze)
    if proposal.withdrawal is not None:
        document["withdrawal"] = {"index": proposal.withdrawal.index, "entry": proposal.withdrawal.entry}
    write_new(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    return document


def read_proposal(path: Path, trust: Trust) -> Proposal:
    """The act to be. Raises InputRefused (``asset.proposal``, ``request.log``)."""
    document = _PROPOSAL.read(path, trust.log)
    type_ = document.get("statement")
    if type_ not in TYPES:
        raise _PROPOSAL.unusable(path, f"statement {type_}")
    body = _read_body(path, str(type_), document.get("body"))
    freeze = None
    if isinstance(body, ConfirmFreeze):
        freeze = _read_body(path, "holding", document.get("freeze"))
        if not isinstance(freeze, FreezeUnits) or freeze.op_id != body.freeze:
            raise _PROPOSAL.unusable(path, "another freeze than is to be confirmed")
    elif "freeze" in document:
        raise _PROPOSAL.unusable(path, "a freeze beside an act of another kind")
    withdrawal = _read_withdrawal(path, body, document.get("withdrawal"), trust.log)
    found = Proposal(str(type_), body, freeze, withdrawal)
    try:
        _ = found.message
    except (AttestationError, ValueError) as error:
        raise _PROPOSAL.unusable(path, str(error)) from error
    return found


def asked_withdrawal(entry: str, index: int, op_id: str, log: str) -> AskedWithdrawal:
    """What the entry asks for. Raises AttestationError for no entry of ``log``, InputRefused (``asset.proposal``) for
    one that is not the withdrawal of that operation."""
    statement = examine(entry.encode("utf-8"), log)
    body = statement.body
    if not isinstance(body, WithdrawCash) or body.op_id != op_id:
        raise InputRefused(
            rule="asset.proposal",
            value=f"entry {index}, {statement.type}",
            expected=f"the withdrawal {op_id}",
            expected_zh=f"提款 {op_id}",
            message="The entry is not the withdrawal that the payout names",
            message_zh="该记录不是出金结果所指的提款",
        )
    return AskedWithdrawal(index, entry, statement.iss, body.fen, body.bank_account)


def check_document(proposal: Proposal, document: Path) -> None:
    """The file is the document that the act rests on. Raises InputRefused (``asset.document``)."""
    found = file_hash(document)
    if found != proposal.document_hash:
        raise InputRefused(
            rule="asset.document",
            value=found,
            expected=proposal.document_hash or "no document: what it rests on is in the proposal",
            expected_zh=proposal.document_hash or "无依据文件：内容均在提案内",
            message=f"{document.name} is not the document that the proposal names",
            message_zh=f"{document.name} 不是提案所依据的文件",
        )


def make_approval(held: HeldKey, trust: Trust, proposal: Proposal) -> dict[str, object]:
    """A person's approval, as it is handed over. Raises what ``tanlu.assets.approve`` raises, and RecomputationRefused
    (``approval.kind``) for the registrar: of nobody else does a trust file or a card say the kind."""
    if held.card.identifier == trust.registrar_identifier:
        raise refuse("approval.kind", f"the registrar {held.card.identifier}", at=held.card.identifier)
    approval = assets.approve(trust, held, proposal.message)
    return {
        "v": 1,
        "type": APPROVAL_TYPE,
        "log": trust.log,
        "op_id": proposal.op_id,
        **msgspec.to_builtins(approval),
    }


def read_approval(path: Path, log: str, proposal: Proposal) -> Approval:
    """The approval of that proposal in a file. Raises InputRefused (``asset.approval``, ``request.log``) and
    SchemaRefused."""
    document = _APPROVAL.read(path, log)
    if document.get("op_id") != proposal.op_id:
        raise _APPROVAL.unusable(path, f"an approval of operation {document.get('op_id')}")
    try:
        approval = msgspec.convert({name: document.get(name) for name in ("identifier", "signature")}, Approval)
    except msgspec.ValidationError as error:
        raise _APPROVAL.unusable(path, str(error)) from error
    parse_identifier(approval.identifier, step=9)
    check_signature_hex(approval.signature, "signature")
    return approval


def _without_approvals(body: Body) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(body)
    members.pop("approvals", None)
    return members


def _read_withdrawal(path: Path, body: Any, told: object, log: str) -> AskedWithdrawal | None:
    if told is None:
        return None
    if not isinstance(body, SettleWithdrawal):
        raise _PROPOSAL.unusable(path, "a withdrawal beside an act of another kind")
    match told:
        case {"index": int(index), "entry": str(entry)}:
            try:
                return asked_withdrawal(entry, index, body.withdrawal, log)
            except AttestationError as error:
                raise _PROPOSAL.unusable(path, str(error)) from error
    raise _PROPOSAL.unusable(path, "a withdrawal without its entry")


def _read_body(path: Path, type_: str, members: object) -> Any:
    if not isinstance(members, dict) or "approvals" in members:
        raise _PROPOSAL.unusable(path, "no body without approvals")
    try:
        # An act of the registrar alone has no approvals: it is refused as having one member too many.
        body = msgspec.convert(members | {"approvals": ()}, BODY_TYPES[type_])
    except msgspec.ValidationError as error:
        raise _PROPOSAL.unusable(path, str(error)) from error
    return body
