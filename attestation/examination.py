"""Steps 1 and 2: from bytes to a statement of good form (design §3).

The common case is cheap: the header of a known device is parsed once, the payload decoded into structs, and
where the structs encode to the very same bytes there can be no duplicate member, fraction or odd spelling.
Everything else goes the slow way, which also finds the exact rule and value of a refusal.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from attestation.bodies import BODY_TYPES, MAX_SEQ, STREAM_PATTERN, TYPES, VERSION, Body, Envelope
from attestation.diagnosis import parse_body
from attestation.encoding import b64url_decode, strict_object
from attestation.envelope import Statement, statement_id
from attestation.errors import AttestationError
from attestation.identifiers import parse_identifier
from attestation.instants import LATEST
from attestation.jws import Header, Jws, parse_header, split_compact
from attestation.refusals import refuse

_STREAM = re.compile(STREAM_PATTERN)
_MEMBERS: Final = {
    "v": int, "type": str, "log": str, "iss": str, "iat": int, "stream": str, "seq": int, "body": dict,
}  # fmt: skip
_JSON_NAMES: Final = {int: "integer", str: "string", dict: "object"}

_ENCODER = msgspec.json.Encoder()
FREE_TYPES: Final = frozenset({"policy", "allocation", "score"})
"""Types whose bodies have a free-form member: only the slow way sees duplicate names, fractions, depth in it."""
_DECODERS: dict[str, msgspec.json.Decoder[Envelope[Any]]] = {
    type_: msgspec.json.Decoder(Envelope[body])  # type: ignore[valid-type]  # one decoder per body type
    for type_, body in BODY_TYPES.items()
    if type_ not in FREE_TYPES
}

_HEADER_CACHE_ENTRIES = 8_192
_HEADER_CACHE_BYTES = 1_024
_headers: dict[bytes, Header] = {}


def examine(entry: bytes, origin: str) -> Statement:
    """Steps 1 and 2: the statement that the entry is, for the log of that origin.

    Raises StatementMalformed. A body that does not fit its schema is kept as the refusal of step 9.
    """
    # 1: size; compact form; base64url; header members, alg, typ, kid
    encoded, payload_b64, signature_b64 = split_compact(entry)
    header = _headers.get(encoded) or _header(encoded)
    payload = b64url_decode(payload_b64)
    signature = b64url_decode(signature_b64)

    # 2: payload: strict JSON, envelope, v, log, iss = kid's identifier, type = typ
    type_ = header.type
    envelope, content = _decode(type_, payload)
    if envelope.v != VERSION:
        raise refuse("envelope.v", envelope.v)
    if envelope.type != type_:
        raise refuse("envelope.type", envelope.type, type_)
    if envelope.log != origin:
        raise refuse("envelope.log", envelope.log, origin)
    if envelope.iss != header.kid_identifier:
        raise refuse("envelope.iss", envelope.iss, header.kid_identifier)
    if not 0 <= envelope.iat <= LATEST:
        raise refuse("envelope.iat", envelope.iat)
    if _STREAM.fullmatch(envelope.stream) is None:
        raise refuse("envelope.stream", envelope.stream)
    if not 1 <= envelope.seq <= MAX_SEQ:
        raise refuse("envelope.seq", envelope.seq)

    signing_input = entry[: len(encoded) + 1 + len(payload_b64)]
    return Statement(
        entry,
        Jws(header, payload, signing_input, signature),
        statement_id(signing_input),
        type_,
        envelope.iss,
        header.kid_key,
        envelope.iat,
        envelope.stream,
        envelope.seq,
        content,
    )


def _header(encoded: bytes) -> Header:
    header = parse_header(encoded)
    if header.type not in BODY_TYPES:
        raise refuse("header.typ", header.typ, ", ".join(f"tanlu-{name}+jws" for name in TYPES))
    parse_identifier(header.kid_identifier)
    if len(encoded) <= _HEADER_CACHE_BYTES:
        if len(_headers) >= _HEADER_CACHE_ENTRIES:
            _headers.clear()
        _headers[encoded] = header
    return header


def _decode(type_: str, payload: bytes) -> tuple[Envelope[Any], Body | AttestationError]:
    decoder = _DECODERS.get(type_)
    if decoder is not None:
        try:
            envelope = decoder.decode(payload)
            if _ENCODER.encode(envelope) == payload:
                return envelope, envelope.body
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # the slow way says what is wrong
    return _decode_slowly(type_, payload)


def _decode_slowly(type_: str, payload: bytes) -> tuple[Envelope[Any], Body | AttestationError]:
    members = strict_object(payload)
    for name in members:
        if name not in _MEMBERS:
            raise refuse("envelope.unknown_field", name)
    for name, expected in _MEMBERS.items():
        if name not in members:
            raise refuse("envelope.missing_field", name)
        value = members[name]
        if not isinstance(value, expected) or isinstance(value, bool):
            raise refuse("envelope.field_type", value, _JSON_NAMES[expected], at=name)
    content: Body | AttestationError
    try:
        content = parse_body(type_, members["body"])  # type: ignore[arg-type]  # an object, checked above
    except AttestationError as refusal:
        content = refusal
    return Envelope(**members), content  # type: ignore[arg-type]  # each member's type was checked above
