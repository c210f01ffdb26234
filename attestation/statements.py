"""Signed statements: reading one as a value, building one, proving possession of a key.

The bodies are declared in :mod:`attestation.bodies`; what is true of a statement is judged in
:mod:`attestation.verification`.
"""

from __future__ import annotations

import msgspec

from attestation.bodies import (
    BODY_TYPES,
    LOSS_LIMIT,
    MAX_SEQ,
    TYPES,
    VERSION,
    AddKey,
    Adjustment,
    Appoint,
    Approval,
    Assignment,
    Body,
    CaseStep,
    Citation,
    Close,
    CompleteRecovery,
    CompromiseKey,
    Contribute,
    DecideObjection,
    Determination,
    DrawVerifier,
    EndAssignment,
    EnrolKey,
    Envelope,
    Facility,
    FactorSetRef,
    Finding,
    FindingItem,
    Introduction,
    Jwk,
    Key,
    KeyAction,
    Loss,
    NewKey,
    Objection,
    OpenDraw,
    Plan,
    PlanParameter,
    Policy,
    ProposeRecovery,
    RaiseObjection,
    Reading,
    Registration,
    Report,
    ReportLine,
    ReportPeriod,
    Resolution,
    RevokeKey,
    RotateKey,
    StatementType,
    Subject,
    Totals,
    Verification,
    VetoRecovery,
    subject_of,
)
from attestation.diagnosis import parse_body
from attestation.envelope import Statement, leaf_hash, statement_id, typ_of
from attestation.examination import examine
from attestation.json_schema import json_schemas
from attestation.jws import MAX_ENTRY_BYTES, sign_compact
from attestation.keys import Signer
from attestation.proofs import (
    Proofs,
    approve_recovery,
    complete_recovery,
    jwk_struct,
    key_body,
    possession_proof,
    prove_addition,
    prove_key,
    prove_possession,
    prove_recovery,
    prove_rotation,
    veto_recovery,
)
from attestation.refusals import refuse

__all__ = [
    "BODY_TYPES",
    "LOSS_LIMIT",
    "MAX_ENTRY_BYTES",
    "MAX_SEQ",
    "TYPES",
    "VERSION",
    "AddKey",
    "Adjustment",
    "Appoint",
    "Approval",
    "Assignment",
    "Body",
    "CaseStep",
    "Citation",
    "Close",
    "CompleteRecovery",
    "CompromiseKey",
    "Contribute",
    "DecideObjection",
    "Determination",
    "DrawVerifier",
    "EndAssignment",
    "EnrolKey",
    "Envelope",
    "Facility",
    "FactorSetRef",
    "Finding",
    "FindingItem",
    "Introduction",
    "Jwk",
    "Key",
    "KeyAction",
    "Loss",
    "NewKey",
    "Objection",
    "OpenDraw",
    "Plan",
    "PlanParameter",
    "Policy",
    "Proofs",
    "ProposeRecovery",
    "RaiseObjection",
    "Reading",
    "Registration",
    "Report",
    "ReportLine",
    "ReportPeriod",
    "Resolution",
    "RevokeKey",
    "RotateKey",
    "Statement",
    "StatementType",
    "Subject",
    "Totals",
    "Verification",
    "VetoRecovery",
    "approve_recovery",
    "build",
    "complete_recovery",
    "encode_payload",
    "json_schemas",
    "jwk_struct",
    "key_body",
    "leaf_hash",
    "parse_body",
    "possession_proof",
    "prove_addition",
    "prove_key",
    "prove_possession",
    "prove_recovery",
    "prove_rotation",
    "statement_id",
    "subject_of",
    "typ_of",
    "veto_recovery",
]


def encode_payload(type_: str, *, log: str, iss: str, iat: int, stream: str, seq: int, body: Body) -> bytes:
    """The canonical payload: compact UTF-8 JSON, members in declared order, absent options left out."""
    return msgspec.json.encode(
        Envelope(v=VERSION, type=type_, log=log, iss=iss, iat=iat, stream=stream, seq=seq, body=body)
    )


def build(type_: str, *, log: str, iss: str, key: Signer, iat: int, stream: str, seq: int, body: Body) -> bytes:
    """The signed entry. ``iat`` is unix seconds, ``log`` the log's origin.

    Raises StatementMalformed where the result is no statement (unknown type, bad stream name, too large) and
    TypeError for a body of another type. What it says is not judged here.
    """
    if type_ not in BODY_TYPES:
        raise refuse("envelope.type", type_, ", ".join(TYPES))
    if not isinstance(body, BODY_TYPES[type_]):
        raise TypeError(f"a {type_} statement is not made of a {type(body).__name__}")
    payload = encode_payload(type_, log=log, iss=iss, iat=iat, stream=stream, seq=seq, body=body)
    entry = sign_compact(iss, typ_of(type_), payload, key)
    return examine(entry, log).entry
