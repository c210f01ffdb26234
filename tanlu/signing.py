"""Bodies as JSON files, and their signing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from attestation.encoding import b64url_decode, strict_object
from attestation.examination import examine
from attestation.statements import BODY_TYPES, TYPES, Body, build
from tanlu.errors import InputRefused
from tanlu.keyring import HeldKey

__all__ = ["TYPES", "convert_body", "read_body", "read_said", "sign_body"]


def read_body(type_: str, path: Path) -> Body:
    """The body in a JSON file. Raises StatementMalformed (``json.*``) and InputRefused (``body.schema``)."""
    return convert_body(type_, strict_object(path.read_bytes()))


def read_said(type_: str, path: Path) -> Body:
    """As :func:`read_body`, or the body inside a statement (compact JWS) or a receipt of that type. Nothing is verified
    here: ``tanlu verify`` judges a receipt. Raises InputRefused (``body.type``) for another type besides."""
    data = path.read_bytes().strip()
    if data.startswith(b"{"):
        document = strict_object(data)
        entry = document.get("entry")
        if document.get("type") != "receipt" or not isinstance(entry, str):
            return convert_body(type_, document)
        data = entry.encode("ascii", "replace")
    payload = strict_object(b64url_decode(data.split(b".")[1].decode("ascii", "replace")) if b"." in data else data)
    found, body = payload.get("type"), payload.get("body")
    if found != type_ or not isinstance(body, dict):
        raise InputRefused(
            rule="body.type",
            value=str(found),
            expected=type_,
            message=f"{path} says {found}, not {type_}",
            message_zh=f"{path} 的内容是 {found}，不是 {type_}",
        )
    return convert_body(type_, body)


def convert_body(type_: str, document: dict[str, object]) -> Body:
    """A JSON object as the body of that type. Raises InputRefused (``body.schema``)."""
    try:
        body: Body = msgspec.convert(document, BODY_TYPES[type_])
    except msgspec.ValidationError as error:
        raise InputRefused(
            rule="body.schema",
            value=str(error),
            expected=f"the body of a {type_} statement (attestation/schemas/{type_}.json)",
            message=f"Not the body of a {type_} statement: {error}",
            message_zh=f"不是有效的 {type_} 声明内容",
        ) from error
    return body


def sign_body(type_: str, body: Body, log: str, held: HeldKey, *, iat: int, stream: str, seq: int) -> bytes:
    """The signed entry. Raises the refusals of steps 1 and 2, and of step 9 for a body that fits no schema."""
    entry = build(
        type_, log=log, iss=held.card.identifier, key=held.private, iat=iat, stream=stream, seq=seq, body=body
    )
    # Touching the body raises what step 9 would: nobody should sign what is refused by its form.
    _ = examine(entry, log).body
    return entry
