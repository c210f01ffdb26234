"""Bodies of entries that are already in the log: decoded, not judged again."""

from __future__ import annotations

import base64
from typing import Any, TypeVar

import msgspec

from attestation.statements import BODY_TYPES, Envelope

BodyT = TypeVar("BodyT")


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    body: msgspec.json.Decoder(Envelope[body])  # type: ignore[valid-type]  # one decoder per body type
    for body in BODY_TYPES.values()
}


def body_of(entry: bytes, body_type: type[BodyT]) -> BodyT:
    """The body of a logged compact JWS as ``body_type``; ``msgspec.ValidationError`` for an entry of another type."""
    payload = entry.split(b".", 2)[1]
    envelope = _DECODERS[body_type].decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    body: BodyT = envelope.body
    return body
