"""Bodies of entries that are already in the log: decoded, not judged again."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any, TypeVar

import msgspec

from attestation.statements import Envelope

BodyT = TypeVar("BodyT")


@cache
def _decoder(body_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Envelope[body_type])


def body_of(entry: bytes, body_type: type[BodyT]) -> BodyT:
    """The body of a logged compact JWS as ``body_type``; ``msgspec.ValidationError`` for an entry of another type."""
    payload = entry.split(b".", 2)[1]
    envelope = _decoder(body_type).decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    body: BodyT = envelope.body
    return body
