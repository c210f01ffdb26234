"""The flat index of entries: what each says of itself, in the columns of ``statements``.

Only the entry's bytes are read. One that is no statement keeps its place, with nothing said of it: the audit names it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import msgspec

from attestation.encoding import b64url_decode
from attestation.errors import AttestationError
from attestation.jws import Header, parse_header
from ledger.archive.tables.columns import Cell, Row
from ledger.archive.tables.views import STATEMENTS
from ledger.audit.evidence import EntryRow

_ABOUT: Final = ("enterprise", "identifier", "subject", "account", "device", "verifier", "application")
_NOTHING: Final[tuple[Cell, ...]] = (None,) * (len(STATEMENTS.columns) - 2)
_MOST: Final = 2**63 - 1


class _Said(msgspec.Struct):
    iss: str
    iat: int
    stream: str
    seq: int
    body: dict[str, Any]


_decoder = msgspec.json.Decoder(_Said)


def type_of(entry: bytes) -> str | None:
    """The type that an entry's own header says; None where it has none."""
    try:
        return _header(entry.partition(b".")[0]).type
    except AttestationError:
        return None


def statement_row(row: EntryRow) -> Row:
    """The cells of one entry, in the order of the columns."""
    signed, _, _ = row.entry.rpartition(b".")
    encoded, _, payload = signed.partition(b".")
    try:
        header = _header(encoded)
        said = _decoder.decode(b64url_decode(payload))
    except (AttestationError, msgspec.DecodeError):
        return (row.index, row.accepted_at, *_NOTHING)
    body = said.body
    period = body.get("period")
    within = period if isinstance(period, dict) else body
    year = body.get("year")
    return (
        row.index,
        row.accepted_at,
        header.type,
        _text(body.get("action") or body.get("event") or body.get("policy")),
        said.iss,
        header.kid_key,
        said.stream,
        _number(said.seq),
        _number(said.iat),
        next((_text(body[name]) for name in _ABOUT if isinstance(body.get(name), str)), None),
        _number(year) if isinstance(year, int) else None,
        _text(within.get("from")),
        _text(within.get("to")),
        _text(body.get("quantity")),
        _text(body.get("unit")),
        sha256(signed).digest(),
    )


@lru_cache(maxsize=8_192)
def _header(encoded: bytes) -> Header:
    return parse_header(encoded)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: int) -> int | None:
    return value if 0 <= value <= _MOST else None
