"""Bodies as JSON files, and their signing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from attestation.encoding import strict_object
from attestation.examination import examine
from attestation.statements import BODY_TYPES, TYPES, Body, build
from tanlu.errors import InputRefused
from tanlu.keyring import HeldKey

__all__ = ["TYPES", "convert_body", "read_body", "sign_body"]


def read_body(type_: str, path: Path) -> Body:
    """The body in a JSON file. Raises StatementMalformed (``json.*``) and InputRefused (``body.schema``)."""
    return convert_body(type_, strict_object(path.read_bytes()))


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
