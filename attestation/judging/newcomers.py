"""A key that is about to become an identifier's: its form, its purposes, and that nobody brought it before."""

from __future__ import annotations

import re

from msgspec import Struct

from attestation.bodies import SIGNATURE_HEX_PATTERN, THUMBPRINT_PATTERN, Introduction, Jwk
from attestation.context import Context
from attestation.keys import Kind, PublicKey, Purpose
from attestation.refusals import refuse

PURPOSES_BY_KIND = {
    Kind.PARK: Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION,
    Kind.ENTERPRISE: Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION,
    Kind.DEVICE: Purpose.DEVICE,
    Kind.VERIFIER: Purpose.STATEMENT | Purpose.ADMINISTRATION,
    Kind.REGULATOR: Purpose.STATEMENT | Purpose.ADMINISTRATION,
    Kind.PERSON: Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION,
}
"""What the keys of a kind may be for. Meters sign readings and nothing else; parks, verifiers and regulators hold
no assets, since they do not trade (DOMAIN 8); a person signs for the body that is its parent, and approves recoveries
with ``administration``."""

_SIGNATURE_HEX = re.compile(SIGNATURE_HEX_PATTERN)
_THUMBPRINT = re.compile(THUMBPRINT_PATTERN)


class Newcomer(Struct, frozen=True):
    """The key of a ``key`` statement, parsed."""

    key: PublicKey
    purposes: Purpose


def new_key(jwk: Jwk) -> PublicKey:
    """The public key of a ``key`` statement (step 9). Raises SchemaRefused (``key.*``, ``base64url.*``)."""
    members = {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x} | ({} if jwk.y is None else {"y": jwk.y})
    return PublicKey.from_jwk(members)


def read_newcomer(body: Introduction) -> Newcomer:
    """Step 9: key and purposes of a body that brings one. Raises SchemaRefused."""
    newcomer = Newcomer(new_key(body.key.jwk), Purpose.parse(body.key.purposes))
    check_signature_hex(body.possession_evm, "body.possession_evm")
    return newcomer


def check_signature_hex(text: str | None, at: str) -> None:
    """Step 9: 64 bytes in hex, where there is a signature at all (``hex.format``)."""
    if text is not None and _SIGNATURE_HEX.fullmatch(text) is None:
        raise refuse("hex.format", text, at=at)


def check_thumbprint(text: str, at: str) -> None:
    """Step 9: the thumbprint of a key (``thumbprint.format``)."""
    if _THUMBPRINT.fullmatch(text) is None:
        raise refuse("thumbprint.format", text, at=at)


def check_purposes(purposes: Purpose, kind: Kind) -> None:
    """Step 9: only purposes that the kind may have (``purposes.kind``)."""
    if purposes & ~PURPOSES_BY_KIND[kind]:
        allowed = ", ".join(PURPOSES_BY_KIND[kind].names())
        raise refuse("purposes.kind", ", ".join(purposes.names()), f"of {allowed} for kind {kind.value}")


def check_unknown(key: PublicKey, context: Context) -> None:
    """Step 11: no identifier has or had the key (``key.repeated``), no recovery brought it (``recovery.repeated``).

    Proofs of possession are public once they are logged: a key that could come twice could be brought by anybody.
    """
    owner = context.key_owner(key.kid_name)
    if owner is not None:
        raise refuse("key.repeated", key.kid_name, at=f"already a key of {owner}")
    proposed = context.recovery_of(key.kid_name)
    if proposed is not None:
        raise refuse("recovery.repeated", key.kid_name, at=f"entry {proposed.index}, {proposed.state}")
