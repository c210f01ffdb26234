"""A statement as a value, after its form was found good."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from msgspec import Struct

from attestation.bodies import Body
from attestation.errors import AttestationError
from attestation.jws import Jws

_B = TypeVar("_B", bound=Body)
_BodyType = type[_B]


def statement_id(signing_input: bytes) -> bytes:
    """The 32-byte id of a statement: SHA-256 of its signing input, whoever signs it how often."""
    return hashlib.sha256(signing_input).digest()


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte RFC 9162 §2.1.1 leaf hash of an entry: SHA-256 of 0x00 and its bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def typ_of(type_: str) -> str:
    """The header's ``typ`` of a statement type."""
    return f"tanlu-{type_}+jws"


class Statement(Struct, frozen=True):
    """A statement whose form is good (steps 1 and 2); nothing is verified yet.

    ``content`` is the decoded body, or the refusal that step 9 will raise for it: form, key and signature
    are judged first.
    """

    entry: bytes
    jws: Jws
    statement_id: bytes
    type: str
    iss: str
    kid_key: str
    iat: int
    stream: str
    seq: int
    content: Body | AttestationError

    @property
    def body(self) -> Body:
        """The body. Raises SchemaRefused where it does not fit its schema."""
        if isinstance(self.content, AttestationError):
            raise self.content
        return self.content

    def body_as(self, body_type: _BodyType[_B]) -> _B:
        """The body as that type. Raises SchemaRefused, or TypeError for a statement of another type."""
        body = self.body
        if not isinstance(body, body_type):
            raise TypeError(f"a {self.type} statement has no body of type {body_type.__name__}")
        return body

    @property
    def leaf_hash(self) -> bytes:
        """The entry's 32-byte leaf hash; computed at each call."""
        return leaf_hash(self.entry)
