"""Signed statements: reading one as a value, building one, proving possession of a key.

The bodies are declared in :mod:`attestation.bodies`; what is true of a statement is judged in
:mod:`attestation.verification`.
"""

from __future__ import annotations

import msgspec

from attestation.bodies import (
    BODY_TYPES,
    MAX_SEQ,
    TYPES,
    VERSION,
    AddKey,
    Approval,
    Body,
    Citation,
    Close,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Envelope,
    FactorSetRef,
    Introduction,
    Jwk,
    Key,
    KeyAction,
    NewKey,
    Policy,
    ProposeRecovery,
    Reading,
    Report,
    ReportLine,
    ReportPeriod,
    RevokeKey,
    RotateKey,
    StatementType,
    Subject,
    Totals,
    VetoRecovery,
    subject_of,
)
from attestation.diagnosis import parse_body
from attestation.encoding import compact_json
from attestation.envelope import Statement, leaf_hash, statement_id, typ_of
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.json_schema import json_schemas
from attestation.jws import MAX_ENTRY_BYTES, sign_compact
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose, Signer
from attestation.refusals import refuse
from attestation.typed_data import Domain, sign_key_possession

__all__ = [
    "BODY_TYPES",
    "MAX_ENTRY_BYTES",
    "MAX_SEQ",
    "TYPES",
    "VERSION",
    "AddKey",
    "Approval",
    "Body",
    "Citation",
    "Close",
    "CompleteRecovery",
    "CompromiseKey",
    "EnrolKey",
    "Envelope",
    "FactorSetRef",
    "Introduction",
    "Jwk",
    "Key",
    "KeyAction",
    "NewKey",
    "Policy",
    "ProposeRecovery",
    "Reading",
    "Report",
    "ReportLine",
    "ReportPeriod",
    "RevokeKey",
    "RotateKey",
    "Statement",
    "StatementType",
    "Subject",
    "Totals",
    "VetoRecovery",
    "build",
    "encode_payload",
    "json_schemas",
    "jwk_struct",
    "key_body",
    "leaf_hash",
    "parse_body",
    "possession_proof",
    "prove_key",
    "statement_id",
    "subject_of",
    "typ_of",
]

POSSESSION_TYP = typ_of("possession")


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


def possession_proof(*, log: str, identifier: str, purposes: Purpose, iat: int, key: Signer) -> str:
    """The JWS by which a new key says that it wants to be this identifier's, for these purposes."""
    payload = compact_json(
        {
            "v": VERSION,
            "type": "possession",
            "log": log,
            "identifier": identifier,
            "purposes": purposes.names(),
            "iat": iat,
        }
    )
    return sign_compact(identifier, POSSESSION_TYP, payload, key).decode("ascii")


def jwk_struct(key: PublicKey) -> Jwk:
    """The public key as the member ``jwk`` of a ``key`` statement."""
    return Jwk(**key.to_jwk())


def key_body(
    *,
    identifier: str,
    kind: Kind,
    key: PublicKey,
    purposes: Purpose,
    possession: str,
    possession_evm: bytes | None = None,
    parent: str | None = None,
    group: str | None = None,
) -> EnrolKey:
    """Body of the ``key`` statement that the registrar signs, from what the new key's holder hands over:
    the public key and its proofs (:func:`possession_proof`, 64 bytes of
    :func:`attestation.typed_data.sign_key_possession`)."""
    return EnrolKey(
        subject=Subject(identifier=identifier, kind=kind.value, parent=parent, group=group),
        key=NewKey(jwk=jwk_struct(key), purposes=purposes.names()),
        possession=possession,
        possession_evm=None if possession_evm is None else "0x" + possession_evm.hex(),
    )


def prove_key(
    *,
    log: str,
    identifier: str,
    kind: Kind,
    key: PrivateKey,
    purposes: Purpose,
    iat: int,
    domain: Domain | None = None,
    parent: str | None = None,
    group: str | None = None,
) -> EnrolKey:
    """:func:`key_body` with the proofs made here, by whoever holds the new private key.

    ``domain`` is the identifier registry's, where there is one: an ES256K key then signs for it too.
    """
    evm = None
    if domain is not None and key.algorithm is Algorithm.ES256K:
        evm = sign_key_possession(domain, account_id(identifier), key, purposes)
    return key_body(
        identifier=identifier,
        kind=kind,
        key=key.public,
        purposes=purposes,
        possession=possession_proof(log=log, identifier=identifier, purposes=purposes, iat=iat, key=key),
        possession_evm=evm,
        parent=parent,
        group=group,
    )
