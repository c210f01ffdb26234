"""One byte string for one document, and its SHA-256.

Canonical JSON here is RFC 8785 on documents that need none of its number rules: UTF-8, members sorted by name, no
white space, strings escaped as RFC 8785 §3.2.2.2 does, whole numbers below 2^53 only; every quantity is a string.
Member names are ASCII, so that sorting by code point and by UTF-16 unit is the same.
"""

from __future__ import annotations

import hashlib
import json

_SAFE = 2**53


def canonical_bytes(document: object) -> bytes:
    """The canonical JSON of a document of dicts, lists, strings, whole numbers, booleans and None.

    Raises ValueError for a float, a number from 2^53 on, a member name that is not ASCII, or any other type.
    """
    _check(document)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8"
    )


def root_of(document: object) -> str:
    """SHA-256 of the canonical bytes, 64 lowercase hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def _check(part: object) -> None:
    if isinstance(part, dict):
        for name, value in part.items():
            if not isinstance(name, str) or not name.isascii():
                msg = f"not a member name: {name!r}"
                raise ValueError(msg)
            _check(value)
    elif isinstance(part, list):
        for value in part:
            _check(value)
    elif type(part) is int:
        if not -_SAFE < part < _SAFE:
            msg = f"{part} is no number that every JSON reader keeps: write it as a string"
            raise ValueError(msg)
    elif part is not None and type(part) not in (str, bool):
        msg = f"{type(part).__name__} has no canonical JSON here"
        raise ValueError(msg)
