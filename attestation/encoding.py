"""Base64url with one encoding per byte string, and JSON with one reading per text.

Lenient decoders let two different entries mean the same statement, or one entry mean two things to two
readers; both break "the bytes that were signed are the bytes that are logged".
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from typing import NoReturn

import msgspec

from attestation.refusals import refuse

MAX_INTEGER = 2**53 - 1
"""Integers beyond this are not the same number to every JSON reader (RFC 8259 §6)."""
MAX_DEPTH = 32

_FORBIDDEN = re.compile(rb"[^A-Za-z0-9_-]")
# What base64 allows and base64url does not becomes a character that neither has.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"", b"==", b"=")
# The last character of a group of two may use its upper two bits only, of a group of three its upper four.
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST: tuple[frozenset[int], ...] = (frozenset(), frozenset(), frozenset(_ALPHABET[::16]), frozenset(_ALPHABET[::4]))
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def b64url_encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 appendix C)."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def b64url_decode(text: str | bytes, *, step: int = 1) -> bytes:
    """The bytes of strict base64url: no padding, no other character, zero trailing bits.

    Raises the rules ``base64url.*`` at ``step``.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    rest = len(raw) % 4
    if not rest or raw[-1] in _LAST[rest]:
        try:
            return binascii.a2b_base64(raw.translate(_TO_STANDARD) + _PADDING[rest], strict_mode=True)
        except binascii.Error:
            pass  # the rest of this function says why
    if b"=" in raw:
        raise refuse("base64url.padding", raw, step=step)
    if found := _FORBIDDEN.search(raw):
        raise refuse("base64url.alphabet", found.group(), step=step)
    if rest == 1:
        raise refuse("base64url.length", len(raw), step=step)
    raise refuse("base64url.trailing_bits", raw[-rest:], step=step)


def compact_json(value: object) -> bytes:
    """Compact UTF-8 JSON, members in the order they have."""
    return msgspec.json.encode(value)


def strict_json(data: bytes, *, step: int = 2, nulls: bool = False) -> object:
    """The value of JSON text with one reading (RFC 7493 and stricter).

    Refused at ``step``: bad UTF-8, duplicate member names, numbers with fraction or exponent, NaN and
    infinities, integers beyond 2^53 - 1, half surrogate pairs, more than 32 levels, and null unless ``nulls``.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("json.utf8", data[error.start : error.start + 8].hex(), step=step) from None
    _check_depth(text, step)

    def pairs(members: list[tuple[str, object]]) -> dict[str, object]:
        result = dict(members)
        if len(result) != len(members):
            names = [name for name, _ in members]
            raise refuse("json.duplicate_key", next(n for n in names if names.count(n) > 1), step=step)
        return result

    def fraction(number: str) -> NoReturn:
        raise refuse("json.float", number, step=step)

    def constant(name: str) -> NoReturn:
        raise refuse("json.nan", name, step=step)

    def integer(number: str) -> int:
        if len(number) > 17 or abs(int(number)) > MAX_INTEGER:
            raise refuse("json.integer", number, step=step)
        return int(number)

    try:
        value: object = json.loads(
            text, object_pairs_hook=pairs, parse_float=fraction, parse_constant=constant, parse_int=integer
        )
    except json.JSONDecodeError as error:
        raise refuse("json.syntax", f"{error.msg} at character {error.pos}", step=step) from None
    for leaf in _leaves(value):
        if leaf is None and not nulls:
            raise refuse("json.null", "null", step=step)
        if isinstance(leaf, str) and any("\ud800" <= c <= "\udfff" for c in leaf):
            raise refuse("json.surrogate", leaf, step=step)
    return value


def strict_object(data: bytes, *, step: int = 2, nulls: bool = False) -> dict[str, object]:
    """As :func:`strict_json`, and the value is an object (``json.object``)."""
    value = strict_json(data, step=step, nulls=nulls)
    if not isinstance(value, dict):
        raise refuse("json.object", data, step=step)
    return value


def _check_depth(text: str, step: int) -> None:
    depth = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise refuse("json.depth", f"more than {MAX_DEPTH} levels", step=step)
        elif character in "]}":
            depth -= 1


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    else:
        yield value
