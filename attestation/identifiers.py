"""Identifiers (DOMAIN 51): Handle form first, every other scheme opaque.

* Handle ``country.industry.enterprise/suffix``, for example ``88.608.5288/META_x`` (RFC 3651 §2).
* Any other scheme as ``{scheme, value}``, written ``scheme:value``.

One identifier has one spelling: at most 255 bytes of a few ASCII characters, compared byte by byte. ``#``
separates the key in ``kid`` and therefore cannot occur.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

from attestation.keccak import keccak256
from attestation.refusals import refuse

Identifier = NewType("Identifier", str)

MAX_BYTES = 255
CHARACTERS = "A-Za-z0-9._/:+~=@-"
HANDLE_PATTERN = r"([A-Za-z0-9]{1,32})\.([A-Za-z0-9]{1,32})\.([A-Za-z0-9]{1,32})/([A-Za-z0-9]" + f"[{CHARACTERS}]*)"
OPAQUE_PATTERN = r"([a-z][a-z0-9+-]{0,31}):([A-Za-z0-9]" + f"[{CHARACTERS}]*)"

_BAD_CHARACTER = re.compile(f"[^{CHARACTERS}]")
_HANDLE = re.compile(HANDLE_PATTERN)
_OPAQUE = re.compile(OPAQUE_PATTERN)


@dataclass(frozen=True, slots=True)
class Handle:
    """A Handle: the prefix's three numbers or names, and the suffix that the enterprise assigns."""

    country: str
    industry: str
    enterprise: str
    suffix: str

    def __str__(self) -> str:
        return f"{self.country}.{self.industry}.{self.enterprise}/{self.suffix}"


@dataclass(frozen=True, slots=True)
class Opaque:
    """An identifier of another scheme; its value has no structure here."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def check_characters(text: str, *, step: int = 1) -> None:
    """Refuse a text that no identifier, log origin or key name may be: ``identifier.length`` (1 to 255
    bytes), ``identifier.characters``."""
    if not 1 <= len(text.encode("utf-8", "surrogatepass")) <= MAX_BYTES:
        raise refuse("identifier.length", len(text), step=step)
    if found := _BAD_CHARACTER.search(text):
        raise refuse("identifier.characters", f"{found.group()} in {text}", step=step)


def split_identifier(text: str, *, step: int = 1) -> Handle | Opaque:
    """The parts of an identifier. Raises the rules ``identifier.*`` at ``step``.

    ``handle:`` is no scheme: a Handle has one spelling only.
    """
    check_characters(text, step=step)
    if found := _HANDLE.fullmatch(text):
        return Handle(*found.groups())
    found = _OPAQUE.fullmatch(text)
    if found is None or found.group(1) in {"handle", "hdl"}:
        raise refuse("identifier.form", text, step=step)
    return Opaque(*found.groups())


def parse_identifier(text: str, *, step: int = 1) -> Identifier:
    """The text as an identifier. Raises the rules ``identifier.*`` at ``step``."""
    split_identifier(text, step=step)
    return Identifier(text)


def from_scheme(document: Mapping[str, object]) -> Identifier:
    """The identifier of ``{"scheme", "value"}``; scheme ``handle`` gives the Handle itself."""
    scheme, value = document.get("scheme"), document.get("value")
    if set(document) != {"scheme", "value"} or not isinstance(scheme, str) or not isinstance(value, str):
        raise refuse("identifier.form", dict(document), '{"scheme", "value"}')
    if scheme == "handle":
        if not isinstance(split_identifier(value), Handle):
            raise refuse("identifier.form", value, "country.industry.enterprise/suffix")
        return Identifier(value)
    return parse_identifier(f"{scheme}:{value}")


def to_scheme(identifier: str) -> dict[str, str]:
    """``{"scheme", "value"}`` of an identifier: the inverse of :func:`from_scheme`."""
    parts = split_identifier(identifier)
    if isinstance(parts, Handle):
        return {"scheme": "handle", "value": identifier}
    return {"scheme": parts.scheme, "value": parts.value}


@lru_cache(maxsize=4_096)
def account_id(identifier: str) -> bytes:
    """The 32-byte account id on chain: Keccak-256 of the identifier's UTF-8."""
    return keccak256(identifier.encode("utf-8"))
