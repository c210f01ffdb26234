"""The generic syntax of URIs (RFC 3986, section 3 and appendix A), judged in one pass over the characters.

Nothing is normalised, resolved or decoded: a URI that was signed is compared as it was signed.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from string import ascii_letters, digits, hexdigits

DIGITS = frozenset(digits)
ALPHANUMERIC = frozenset(ascii_letters + digits)
HEXADECIMAL = frozenset(hexdigits)
UNRESERVED = ALPHANUMERIC | frozenset("-._~")
SUB_DELIMS = frozenset("!$&'()*+,;=")
GEN_DELIMS = frozenset(":/?#[]@")
PCHAR = UNRESERVED | SUB_DELIMS | frozenset(":@")
"""``pchar`` without its percent-encoded form."""

_LETTERS = frozenset(ascii_letters)
_SCHEME = ALPHANUMERIC | frozenset("+-.")
_NAME = UNRESERVED | SUB_DELIMS
_USERINFO = _NAME | frozenset(":")
_PATH = PCHAR | frozenset("/")
_QUERY = _PATH | frozenset("?")
_IPV6 = HEXADECIMAL | frozenset(":.")


def check_characters_of(what: str, text: str, allowed: frozenset[str], *, percent: bool = False) -> None:
    """Raise ValueError, naming the character, unless ``text`` is of ``allowed``; ``percent``: and of ``%`` with two
    hexadecimal digits."""
    for character in text:
        if character not in allowed and not (percent and character == "%"):
            raise ValueError(f"{what} without {character!r}")
    if percent:
        for piece in text.split("%")[1:]:
            if len(piece) < 2 or not HEXADECIMAL.issuperset(piece[:2]):
                raise ValueError(f"{what} whose every % has two hexadecimal digits")


def check_scheme(text: str) -> None:
    """Raise ValueError unless ``text`` is a ``scheme`` (section 3.1)."""
    if text[:1] not in _LETTERS:
        raise ValueError("a scheme that starts with a letter")
    check_characters_of("a scheme", text, _SCHEME)


def check_authority(text: str) -> None:
    """Raise ValueError unless ``text`` is an ``authority`` (section 3.2); the empty name of a host is one."""
    userinfo, _, place = text.rpartition("@")
    check_characters_of("a user part", userinfo, _USERINFO, percent=True)
    if place.startswith("["):
        literal, closed, port = place[1:].partition("]")
        if not closed or (port and not port.startswith(":")):
            raise ValueError("an address in [ ] and a port")
        _check_literal(literal)
        port = port[1:]
    else:
        host, _, port = place.partition(":")
        check_characters_of("a host", host, _NAME, percent=True)
    check_characters_of("a port", port, DIGITS)


def check_uri(text: str) -> None:
    """Raise ValueError unless ``text`` is a ``URI``: with a scheme, no relative reference."""
    scheme, colon, rest = text.partition(":")
    if not colon:
        raise ValueError("a URI with a scheme")
    check_scheme(scheme)
    rest, _, fragment = rest.partition("#")
    path, _, query = rest.partition("?")
    if path.startswith("//"):
        authority, _, path = path[2:].partition("/")
        check_authority(authority)
    check_characters_of("a path", path, _PATH, percent=True)
    check_characters_of("a query", query, _QUERY, percent=True)
    check_characters_of("a fragment", fragment, _QUERY, percent=True)


def _check_literal(text: str) -> None:
    if text[:1] in {"v", "V"}:
        version, dot, address = text[1:].partition(".")
        if not (version and dot and address):
            raise ValueError("an address of a later version: v, its number, a dot, the address")
        check_characters_of("a version", version, HEXADECIMAL)
        check_characters_of("an address of a later version", address, _USERINFO)
        return
    # ipaddress takes scopes (%eth0), which RFC 3986 has not.
    check_characters_of("an IPv6 address", text, _IPV6)
    try:
        IPv6Address(text)
    except AddressValueError as error:
        raise ValueError("an IPv6 address") from error
