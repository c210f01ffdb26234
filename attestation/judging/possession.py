"""Proofs that a new key's holder wants it enrolled (RFC 7800 calls this proof of possession)."""

from __future__ import annotations

from attestation.bodies import VERSION, Introduction
from attestation.context import Context
from attestation.encoding import strict_object
from attestation.envelope import typ_of
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.judging.newcomers import Newcomer
from attestation.jws import Jws, parse_compact
from attestation.keys import Algorithm, PublicKey, Purpose
from attestation.refusals import refuse
from attestation.typed_data import key_possession_digest, recover

POSSESSION_TYP = typ_of("possession")

_MEMBERS = ("v", "type", "log", "identifier", "purposes", "iat")


def check_proofs(body: Introduction, identifier: str, newcomer: Newcomer, context: Context) -> None:
    """Step 12: both proofs, for the new key to be this identifier's."""
    check_possession(body, identifier, newcomer.key, context)
    check_possession_evm(body, newcomer.key, account_id(identifier), newcomer.purposes, context)


def check_possession(body: Introduction, identifier: str, key: PublicKey, context: Context) -> None:
    """Step 12: the JWS is by the new key and says this identifier, these purposes, this log.

    Raises RecomputationRefused (``possession.form``, ``.kid``, ``.signature``, ``.content``, ``.iat``).
    """
    try:
        jws = parse_compact(body.possession.encode("utf-8"))
        payload = strict_object(jws.payload)
    except AttestationError as error:
        raise refuse("possession.form", f"{error.rule}: {error.value}") from error
    if jws.header.typ != POSSESSION_TYP:
        raise refuse("possession.form", jws.header.typ)
    _check_signature(jws, identifier, key)
    _check_content(payload, body, identifier, context)


def check_possession_evm(
    body: Introduction, key: PublicKey, account: bytes, purposes: Purpose, context: Context
) -> None:
    """Step 12: the EIP-712 proof that the identifier registry will check, where there is one.

    Raises RecomputationRefused (``possession.evm_missing``, ``.evm_unexpected``, ``.evm_signature``).
    """
    domain = context.registry_domain
    if domain is None or key.algorithm is not Algorithm.ES256K:
        if body.possession_evm is not None:
            raise refuse("possession.evm_unexpected", body.possession_evm)
        return
    if body.possession_evm is None:
        raise refuse("possession.evm_missing", "no possession_evm")
    digest = key_possession_digest(domain, account, key.thumbprint, int(purposes))
    address = key.evm_address or b""
    try:
        signer = recover(digest, bytes.fromhex(body.possession_evm[2:]))
    except AttestationError as error:
        raise refuse("possession.evm_signature", f"{error.rule}: {error.value}", f"0x{address.hex()}") from error
    if signer != address:
        raise refuse("possession.evm_signature", f"signed by 0x{signer.hex()}", f"0x{address.hex()}")


def _check_signature(jws: Jws, identifier: str, key: PublicKey) -> None:
    expected = f"{identifier}#{key.kid_name}"
    if jws.header.kid != expected or jws.header.alg is not key.algorithm:
        raise refuse("possession.kid", f"{jws.header.alg.value} {jws.header.kid}", f"{key.algorithm.value} {expected}")
    try:
        key.verify(jws.signing_input, jws.signature)
    except AttestationError as error:
        raise refuse("possession.signature", f"{error.rule}: {error.value}") from error


def _check_content(payload: dict[str, object], body: Introduction, identifier: str, context: Context) -> None:
    if set(payload) != set(_MEMBERS):
        raise refuse("possession.content", ", ".join(payload), ", ".join(_MEMBERS))
    for name, expected in (
        ("v", VERSION),
        ("type", "possession"),
        ("log", context.origin),
        ("identifier", identifier),
        ("purposes", list(body.key.purposes)),
    ):
        found = payload[name]
        if found != expected or isinstance(found, bool):
            raise refuse("possession.content", found, expected, at=name)
    iat, latest = payload["iat"], context.now + context.skew
    if type(iat) is not int or iat < 0:
        raise refuse("possession.content", iat, "whole seconds", at="iat")
    if iat > latest:
        raise refuse("possession.iat", iat, f"at most {latest}")
