"""Sign-In with Ethereum (EIP-4361): the message's text, read strictly, line by line.

A stranger sends it before anybody knows who that is: its length is judged first, then every line is gone through once,
without an expression that could backtrack. Every line of the ABNF is demanded in its order and spelling; ``scheme``,
``statement``, ``expiration-time``, ``not-before``, ``request-id`` and ``resources`` are optional there and stay so.
Instants are RFC 3339 as :mod:`attestation.instants` reads them, and may have fractions of a second. Who signed:
:mod:`attestation.eip191`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from eth_utils.address import to_checksum_address
from msgspec import Struct

from attestation.errors import AttestationError
from attestation.instants import format_instant, parse_instant
from attestation.refusals import refuse
from attestation.uris import (
    ALPHANUMERIC,
    DIGITS,
    GEN_DELIMS,
    HEXADECIMAL,
    PCHAR,
    SUB_DELIMS,
    UNRESERVED,
    check_authority,
    check_characters_of,
    check_scheme,
    check_uri,
)

MAX_MESSAGE_BYTES = 4_096
SHORTEST_NONCE = 8

_T = TypeVar("_T")

_INVITATION = " wants you to sign in with your Ethereum account:"
_STATEMENT = UNRESERVED | SUB_DELIMS | GEN_DELIMS | frozenset(" ")
_WHOLE_SECONDS = len("YYYY-MM-DDThh:mm:ss")


class Written(Struct, frozen=True):
    """A number, or an instant in unix seconds (fractions dropped), beside the spelling that was signed."""

    text: str
    value: int


class SiweMessage(Struct, frozen=True):
    """A parsed message; nothing in it is verified yet. ``address`` is 20 bytes.

    Messages that differ in a character differ in a part: ``text`` is made of the parts alone. An empty ``statement`` or
    ``resources`` is not the same as none.
    """

    scheme: str | None
    domain: str
    address: bytes
    statement: str | None
    uri: str
    chain_id: Written
    nonce: str
    issued_at: Written
    expires_at: Written | None
    not_before: Written | None
    request_id: str | None
    resources: tuple[str, ...] | None

    @property
    def text(self) -> str:
        """The message as it is shown and signed."""
        lines = [
            f"{'' if self.scheme is None else self.scheme + '://'}{self.domain}{_INVITATION}",
            to_checksum_address(self.address),
            "",
            *(() if self.statement is None else (self.statement,)),
            "",
            f"URI: {self.uri}",
            "Version: 1",
            f"Chain ID: {self.chain_id.text}",
            f"Nonce: {self.nonce}",
            f"Issued At: {self.issued_at.text}",
        ]
        if self.expires_at is not None:
            lines.append(f"Expiration Time: {self.expires_at.text}")
        if self.not_before is not None:
            lines.append(f"Not Before: {self.not_before.text}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources is not None:
            lines += ["Resources:", *(f"- {resource}" for resource in self.resources)]
        return "\n".join(lines)


def read_message(text: str) -> SiweMessage:
    """A message of its text. Raises StatementMalformed (``sign_in.message``) with the line and what stands there."""
    if len(text) > MAX_MESSAGE_BYTES:
        raise refuse("sign_in.message", f"{len(text)} characters", f"at most {MAX_MESSAGE_BYTES} bytes")
    lines = _Lines(text)
    scheme, domain = lines.take("domain", _read_invitation)
    address = lines.take("address", _read_address)
    lines.take("empty", _check_empty)
    # An empty line is a statement too where another empty line follows.
    stated = lines.ahead() or lines.ahead(1) == ""
    statement = lines.take("statement", _read_statement) if stated else None
    lines.take("empty", _check_empty)
    uri = lines.field("URI", _read_uri)
    lines.field("Version", _check_version)
    message = SiweMessage(
        scheme=scheme,
        domain=domain,
        address=address,
        statement=statement,
        uri=uri,
        chain_id=lines.field("Chain ID", _read_chain_id),
        nonce=lines.field("Nonce", _read_nonce),
        issued_at=lines.field("Issued At", _read_instant),
        expires_at=lines.optional("Expiration Time", _read_instant),
        not_before=lines.optional("Not Before", _read_instant),
        request_id=lines.optional("Request ID", _read_request_id),
        resources=_read_resources(lines),
    )
    lines.end()
    return message


def build_message(
    *, domain: str, uri: str, address: bytes, chain_id: int, nonce: str, issued_at: int, expires_at: int, resource: str
) -> str:
    """The message that a wallet shows and signs; ``resource`` is the log as a URN.

    Raises StatementMalformed (``sign_in.message``) for parts that would not read back.
    """
    message = SiweMessage(
        scheme=None,
        domain=domain,
        address=address,
        statement="Sign in to Tanlu. This signs nothing else.",
        uri=uri,
        chain_id=Written(str(chain_id), chain_id),
        nonce=nonce,
        issued_at=Written(format_instant(issued_at), issued_at),
        expires_at=Written(format_instant(expires_at), expires_at),
        not_before=None,
        request_id=None,
        resources=(resource,),
    )
    read_message(message.text)
    return message.text


class _Lines:
    """The lines of a message, each gone through once. Who reads one raises ValueError: what it should be."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0

    def ahead(self, lines: int = 0) -> str | None:
        at = self._at + lines
        return self._lines[at] if at < len(self._lines) else None

    def take(self, name: str, read: Callable[[str], _T], prefix: str = "") -> _T:
        line, where = self.ahead(), f"line {self._at + 1} ({name})"
        if line is None:
            raise refuse("sign_in.message", "the end of the message", f"the line {name}", at=where)
        if not line.startswith(prefix):
            raise refuse("sign_in.message", line, f"{prefix}...", at=where)
        value = line.removeprefix(prefix)
        try:
            result = read(value)
        except ValueError as error:
            raise refuse("sign_in.message", value, error, at=where) from None
        self._at += 1
        return result

    def field(self, name: str, read: Callable[[str], _T]) -> _T:
        return self.take(name, read, f"{name}: ")

    def optional(self, name: str, read: Callable[[str], _T]) -> _T | None:
        line = self.ahead()
        return None if line is None or not line.startswith(f"{name}: ") else self.field(name, read)

    def end(self) -> None:
        line = self.ahead()
        if line is not None:
            raise refuse(
                "sign_in.message",
                line,
                "the end of the message, or a line of EIP-4361 in its place, once",
                at=f"line {self._at + 1}",
            )


def _read_invitation(line: str) -> tuple[str | None, str]:
    if not line.endswith(_INVITATION):
        raise ValueError(f"a domain and{_INVITATION}")
    before, mark, after = line.removesuffix(_INVITATION).partition("://")
    scheme, domain = (before, after) if mark else (None, before)
    if scheme is not None:
        check_scheme(scheme)
    if not domain:
        raise ValueError("a domain")
    check_authority(domain)
    return scheme, domain


def _read_address(text: str) -> bytes:
    if len(text) != 42 or not text.startswith("0x") or not HEXADECIMAL.issuperset(text[2:]):
        raise ValueError("0x and 40 hexadecimal digits")
    if text != to_checksum_address(text):
        raise ValueError(f"its EIP-55 spelling, {to_checksum_address(text)}")
    return bytes.fromhex(text[2:])


def _check_empty(line: str) -> None:
    if line:
        raise ValueError("an empty line")


def _read_statement(text: str) -> str:
    check_characters_of("a statement of the characters of a URI and spaces,", text, _STATEMENT)
    return text


def _read_uri(text: str) -> str:
    check_uri(text)
    return text


def _check_version(text: str) -> None:
    if text != "1":
        raise ValueError("1")


def _read_chain_id(text: str) -> Written:
    if not text or not DIGITS.issuperset(text):
        raise ValueError("decimal digits")
    return Written(text, int(text))


def _read_nonce(text: str) -> str:
    if len(text) < SHORTEST_NONCE or not ALPHANUMERIC.issuperset(text):
        raise ValueError(f"at least {SHORTEST_NONCE} letters and digits")
    return text


def _read_instant(text: str) -> Written:
    seconds, rest = text[:_WHOLE_SECONDS], text[_WHOLE_SECONDS:]
    if rest.startswith("."):
        # Wallets write milliseconds; a statement's instants have none.
        offset = rest[1:].lstrip("0123456789")
        rest = rest if len(offset) == len(rest) - 1 else offset
    try:
        return Written(text, parse_instant(seconds + rest))
    except AttestationError as error:
        raise ValueError(error.expected) from None


def _read_request_id(text: str) -> str:
    check_characters_of("a request id of the characters of a path segment,", text, PCHAR, percent=True)
    return text


def _read_resources(lines: _Lines) -> tuple[str, ...] | None:
    if lines.ahead() != "Resources:":
        return None
    lines.take("Resources", str)
    found = []
    while lines.ahead() is not None:
        found.append(lines.take("resource", _read_uri, "- "))
    return tuple(found)
