"""``key``: the registrar enrols a key, and with the first one its identifier."""

from __future__ import annotations

import re

from attestation.bodies import SIGNATURE_HEX_PATTERN, EnrolKey, Jwk, Subject
from attestation.context import Context, IdentifierRecord
from attestation.envelope import Statement
from attestation.identifiers import account_id, parse_identifier
from attestation.judging.common import Facts, check_choice, check_name, check_time, gap_below
from attestation.judging.possession import check_possession, check_possession_evm
from attestation.keys import Kind, PublicKey, Purpose
from attestation.refusals import refuse

PURPOSES_BY_KIND = {
    Kind.PARK: Purpose.STATEMENT | Purpose.ADMINISTRATION,
    Kind.ENTERPRISE: Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION,
    Kind.DEVICE: Purpose.DEVICE,
    Kind.VERIFIER: Purpose.STATEMENT | Purpose.ADMINISTRATION,
    Kind.REGULATOR: Purpose.STATEMENT | Purpose.ADMINISTRATION,
    Kind.PERSON: Purpose.STATEMENT | Purpose.ASSET,
}
"""What the keys of a kind may be for. Meters sign readings and nothing else; parks, verifiers and regulators hold
no assets, since they do not trade (DOMAIN 8); a person signs for the body that is its parent."""

PARENTS_BY_KIND: dict[Kind, tuple[Kind, ...]] = {
    Kind.PARK: (),
    Kind.ENTERPRISE: (Kind.PARK,),
    Kind.DEVICE: (Kind.ENTERPRISE, Kind.PARK),
    Kind.VERIFIER: (),
    Kind.REGULATOR: (),
    Kind.PERSON: (Kind.PARK, Kind.ENTERPRISE, Kind.VERIFIER, Kind.REGULATOR),
}
"""Which kinds the parent of a kind may have."""

PARENT_REQUIRED = frozenset({Kind.DEVICE, Kind.PERSON})

_SIGNATURE_HEX = re.compile(SIGNATURE_HEX_PATTERN)


def judge_key(statement: Statement, body: EnrolKey, context: Context) -> Facts:
    """Steps 9 to 12 of an enrolment."""
    # 9: body schema, units, bounds
    subject, kind = body.subject, _check_subject(body.subject)
    key = new_key(body.key.jwk)
    purposes = Purpose.parse(body.key.purposes)
    if purposes & ~PURPOSES_BY_KIND[kind]:
        allowed = ", ".join(PURPOSES_BY_KIND[kind].names())
        raise refuse("purposes.kind", ", ".join(purposes.names()), f"of {allowed} for kind {kind.value}")
    if body.possession_evm is not None and _SIGNATURE_HEX.fullmatch(body.possession_evm) is None:
        raise refuse("hex.format", body.possession_evm, at="body.possession_evm")

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of this identifier, its parent and this key
    if context.next_index == 0:
        _check_first(subject, kind, key, purposes, context)
    _check_enrolled(subject, kind, context)
    owner = context.key_owner(key.kid_name)
    if owner is not None:
        raise refuse("key.repeated", key.kid_name, at=f"{subject.identifier}, already a key of {owner}")
    gap = gap_below(statement, context.stream(statement.iss, statement.stream))

    # 12: recomputation: possession
    check_possession(body, key, context)
    check_possession_evm(body, key, account_id(subject.identifier), purposes, context)
    return Facts(opens_gap=gap)


def new_key(jwk: Jwk) -> PublicKey:
    """The public key of a ``key`` statement (step 9). Raises SchemaRefused (``key.*``, ``base64url.*``)."""
    members = {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x} | ({} if jwk.y is None else {"y": jwk.y})
    return PublicKey.from_jwk(members)


def _check_subject(subject: Subject) -> Kind:
    parse_identifier(subject.identifier, step=9)
    check_choice(subject.kind, tuple(kind.value for kind in Kind), "body.subject.kind")
    kind = Kind(subject.kind)
    if subject.group is not None:
        check_name(subject.group, "body.subject.group")
    if subject.parent is None:
        if kind in PARENT_REQUIRED:
            raise refuse("subject.parent", "no parent", f"a parent for kind {kind.value}")
        return kind
    parse_identifier(subject.parent, step=9)
    if not PARENTS_BY_KIND[kind] or subject.parent == subject.identifier:
        raise refuse("subject.parent", subject.parent, f"no such parent for {kind.value} {subject.identifier}")
    return kind


def _check_first(subject: Subject, kind: Kind, key: PublicKey, purposes: Purpose, context: Context) -> None:
    root = (context.registrar_identifier, Kind.PARK, context.registrar)
    if (subject.identifier, kind, key) != root or Purpose.ADMINISTRATION not in purposes:
        found = f"{key.kid_name} of {kind.value} {subject.identifier} for {', '.join(purposes.names())}"
        raise refuse("enrolment.first", found)


def _check_enrolled(subject: Subject, kind: Kind, context: Context) -> None:
    record = context.identifier(subject.identifier)
    if record is not None:
        _check_unchanged(subject, kind, record)
    elif subject.parent is not None:
        parent = context.identifier(subject.parent)
        if parent is None:
            raise refuse("subject.parent_unknown", subject.parent)
        if parent.kind not in PARENTS_BY_KIND[kind]:
            allowed = " or ".join(allowed.value for allowed in PARENTS_BY_KIND[kind])
            raise refuse("subject.parent_kind", f"{parent.kind.value} {subject.parent}", allowed)


def _check_unchanged(subject: Subject, kind: Kind, record: IdentifierRecord) -> None:
    for name, said, enrolled in (
        ("kind", kind.value, record.kind.value),
        ("parent", subject.parent, record.parent),
        ("group", subject.group, record.group),
    ):
        if said != enrolled:
            raise refuse("subject.changed", said or "none", enrolled or "none", at=f"body.subject.{name}")
