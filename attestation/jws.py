"""JWS in compact serialisation (RFC 7515 §7.1) with exactly ``alg``, ``kid`` and ``typ``."""

from __future__ import annotations

import re

from msgspec import Struct

from attestation.encoding import b64url_decode, b64url_encode, compact_json, strict_object
from attestation.identifiers import check_characters
from attestation.keys import Algorithm, Signer
from attestation.refusals import refuse

MAX_ENTRY_BYTES = 65_535

_TYP = re.compile(r"tanlu-([a-z][a-z0-9-]{0,31})\+jws")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_MEMBERS = ("alg", "kid", "typ")


class Header(Struct, frozen=True):
    """A protected header: the algorithm, the two halves of ``kid``, and ``typ``."""

    alg: Algorithm
    kid_identifier: str
    kid_key: str
    typ: str

    @property
    def type(self) -> str:
        """The ``<type>`` of ``tanlu-<type>+jws``."""
        return self.typ[6:-4]

    @property
    def kid(self) -> str:
        """``<identifier>#<thumbprint>``."""
        return f"{self.kid_identifier}#{self.kid_key}"


class Jws(Struct, frozen=True):
    """A parsed, not yet verified JWS. ``signing_input`` is the ASCII bytes ``header.payload``."""

    header: Header
    payload: bytes
    signing_input: bytes
    signature: bytes


def split_compact(entry: bytes) -> tuple[bytes, bytes, bytes]:
    """The three base64url parts. Raises ``entry.size`` or ``entry.parts``."""
    if not 1 <= len(entry) <= MAX_ENTRY_BYTES:
        raise refuse("entry.size", f"{len(entry)} bytes")
    parts = entry.split(b".")
    if len(parts) != 3 or not all(parts):
        raise refuse("entry.parts", f"{len([p for p in parts if p])} parts")
    header, payload, signature = parts
    return header, payload, signature


def parse_header(encoded: bytes) -> Header:
    """The header of its base64url. Raises StatementMalformed (step 1): ``header.*``, ``json.*``,
    ``base64url.*``, ``identifier.length``, ``identifier.characters``."""
    members = strict_object(b64url_decode(encoded), step=1)
    if "crit" in members:
        raise refuse("header.crit", members["crit"])
    if set(members) != set(_MEMBERS):
        raise refuse("header.members", ", ".join(members))
    for name in _MEMBERS:
        if not isinstance(members[name], str):
            raise refuse("header.members", f"{name}: {members[name]}", f"{name} is a string")
    alg, kid, typ = (str(members[name]) for name in _MEMBERS)
    if alg.lower() == "none":
        raise refuse("header.alg_none", alg)
    if alg not in Algorithm.__members__.values():
        raise refuse("header.alg", alg)
    if _TYP.fullmatch(typ) is None:
        raise refuse("header.typ", typ)
    identifier, mark, key = kid.rpartition("#")
    if not mark or _THUMBPRINT.fullmatch(key) is None:
        raise refuse("header.kid", kid)
    check_characters(identifier)
    return Header(Algorithm(alg), identifier, key, typ)


def parse_compact(entry: bytes) -> Jws:
    """A JWS of its bytes; nothing is verified yet. Raises StatementMalformed (step 1)."""
    header, payload, signature = split_compact(entry)
    return Jws(
        parse_header(header),
        b64url_decode(payload),
        entry[: len(header) + 1 + len(payload)],
        b64url_decode(signature),
    )


def sign_compact(identifier: str, typ: str, payload: bytes, key: Signer) -> bytes:
    """The compact JWS of a payload, signed by ``key`` as ``identifier``; ``typ`` is ``tanlu-<type>+jws``.

    Raises StatementMalformed where the result could not be read back.
    """
    header = compact_json({"alg": key.public.algorithm, "kid": f"{identifier}#{key.public.kid_name}", "typ": typ})
    encoded = b64url_encode(header).encode()
    parse_header(encoded)
    signing_input = encoded + b"." + b64url_encode(payload).encode()
    entry = signing_input + b"." + b64url_encode(key.sign(signing_input)).encode()
    if len(entry) > MAX_ENTRY_BYTES:
        raise refuse("entry.size", f"{len(entry)} bytes")
    return entry
