"""Where the next page of a listing begins: a text that callers hand back and need not read.

It names the listing's identifier and a place in its order. Nothing in it is secret and nothing is trusted: who may read
is judged by the request, and a cursor that was made up begins elsewhere in the same listing.
"""

from __future__ import annotations

import re
from typing import Annotated, NoReturn

import msgspec
from fastapi import Query

from api.problems import Refused
from attestation.bodies import MAX_SEQ, STREAM_PATTERN
from attestation.encoding import b64url_decode, b64url_encode
from attestation.errors import AttestationError
from attestation.identifiers import parse_identifier

CursorQuery = Annotated[
    str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,2048}$", description="`next` of the page before, of this listing.")
]

_STREAM = re.compile(STREAM_PATTERN)
_Parts = tuple[str, str, str, int]


def cursor_after(listing: str, issuer: str, stream: str, seq: int = 0) -> str:
    """The cursor of what comes after (issuer, stream, seq) in the listing of ``listing``."""
    return b64url_encode(msgspec.json.encode((listing, issuer, stream, seq)))


def place_in(cursor: str, listing: str) -> tuple[str, str, int]:
    """The place that a cursor names. Raises Refused (422, ``page.cursor``) for one of another listing, or none."""
    try:
        found, issuer, stream, seq = msgspec.json.decode(b64url_decode(cursor), type=_Parts)
        parse_identifier(issuer)
    except (AttestationError, msgspec.MsgspecError, UnicodeDecodeError):
        _refuse(cursor, listing)
    if found != listing or _STREAM.fullmatch(stream) is None or not 0 <= seq <= MAX_SEQ:
        _refuse(cursor, listing)
    return issuer, stream, seq


def _refuse(cursor: str, listing: str) -> NoReturn:
    raise Refused(
        422,
        "page.cursor",
        cursor[:200],
        f"`next` of a page of {listing}",
        (f"This is no cursor of the listing of {listing}.", f"这不是 {listing} 列表的分页标记。"),
        parameter="query.after",
    )
