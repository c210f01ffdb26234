"""The approvals of a recovery: two persons, two bodies, each with a key of its own on chain."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.bodies import APPROVALS, Approval
from attestation.context import Context
from attestation.identifiers import parse_identifier
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.positions import is_active
from attestation.judging.words import signer_of
from attestation.keys import Kind, Purpose
from attestation.refusals import refuse

APPROVING_BODIES = frozenset({Kind.PARK, Kind.VERIFIER, Kind.REGULATOR})
"""Whose persons approve recoveries; enterprises are who recoveries are about."""


def check_form(approvals: Sequence[Approval]) -> None:
    """Step 9: two, of identifiers, with signatures (``approval.count``, ``identifier.*``, ``hex.format``)."""
    if len(approvals) != APPROVALS:
        raise refuse("approval.count", f"{len(approvals)} approvals")
    for number, approval in enumerate(approvals):
        parse_identifier(approval.identifier, step=9)
        check_signature_hex(approval.signature, f"body.approvals[{number}].signature")


def check_approvals(approvals: Sequence[Approval], digest: bytes, context: Context) -> None:
    """Step 12: two different persons of two different bodies signed the digest.

    Raises RecomputationRefused (``approval.same_person``, ``.unknown``, ``.kind``, ``.body``, ``.same_body``,
    ``.signature``, ``.revoked``, ``.purpose``).
    """
    persons = [approval.identifier for approval in approvals]
    if len(set(persons)) != len(persons):
        raise refuse("approval.same_person", persons[0])
    bodies = [_body_of(person, context) for person in persons]
    if len(set(bodies)) != len(bodies):
        raise refuse("approval.same_body", f"{' and '.join(persons)} of {bodies[0]}")
    for approval in approvals:
        _check_signature(approval, digest, context)


def _body_of(person: str, context: Context) -> str:
    record = context.identifier(person)
    if record is None:
        raise refuse("approval.unknown", person)
    if record.kind is not Kind.PERSON:
        raise refuse("approval.kind", f"{record.kind.value} {person}")
    body = None if record.parent is None else context.identifier(record.parent)
    if body is None or body.kind not in APPROVING_BODIES:
        found = "no body" if body is None else f"{body.kind.value} {body.identifier}"
        raise refuse("approval.body", f"{person} of {found}")
    return body.identifier


def _check_signature(approval: Approval, digest: bytes, context: Context) -> None:
    person = approval.identifier
    address = signer_of("approval.signature", approval.signature, digest, person)
    record = next((key for key in context.keys_of(person) if key.key.evm_address == address), None)
    if record is None:
        # Of other bytes than were signed, recovery gives a stranger's address: which of the two it is cannot be told.
        raise refuse(
            "approval.signature",
            f"signed by 0x{address.hex()}",
            f"an ES256K key of {person}; the same is said where this differs from what was approved",
            expected_zh=f"{person} 的 ES256K 密钥；所提交内容与批准时不同，也会得此结果",
            at=person,
        )
    if not is_active(record, context.next_index):
        raise refuse("approval.revoked", record.key.kid_name, at=person)
    if Purpose.ADMINISTRATION not in record.purposes:
        raise refuse("approval.purpose", ", ".join(record.purposes.names()), at=person)
