"""``key``: a key is bound to an identifier."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import (
    CompactText,
    CoordinateText,
    IdentifierText,
    KindText,
    NameText,
    Part,
    PurposeText,
    SignatureHexText,
    published,
)


class Subject(Part, frozen=True, kw_only=True):
    """The identifier that a ``key`` statement introduces or adds a key to."""

    identifier: IdentifierText
    kind: KindText
    parent: IdentifierText | None = None
    group: NameText | None = None


class Jwk(Part, frozen=True, kw_only=True):
    """A public key (RFC 7517): ``kty`` ``OKP`` with ``crv`` ``Ed25519``, or ``EC`` with ``secp256k1``."""

    crv: Annotated[str, published(enum=["Ed25519", "secp256k1"])]
    kty: Annotated[str, published(enum=["OKP", "EC"])]
    x: CoordinateText
    y: CoordinateText | None = None


class NewKey(Part, frozen=True, kw_only=True):
    """The key that is enrolled, and what it may sign, in the order of the purposes' bits."""

    jwk: Jwk
    purposes: Annotated[tuple[PurposeText, ...], published(minItems=1, uniqueItems=True)]


class Key(Part, frozen=True, kw_only=True):
    """Body of ``key``. ``possession`` is a compact JWS by the new key; ``possession_evm`` the 64-byte
    EIP-2098 signature over EIP-712 ``KeyPossession`` in lowercase hex with ``0x``, for ES256K keys."""

    action: Annotated[str, published(const="enrol")]
    subject: Subject
    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None
