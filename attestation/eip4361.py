"""Sign-In with Ethereum (EIP-4361): the message's text, read strictly, and who signed it (EIP-191).

Every line of the ABNF is demanded in its order and spelling; ``scheme``, ``statement``, ``not-before``, ``request-id``
and ``resources`` are optional there and stay so. Instants are RFC 3339.
"""

from __future__ import annotations

import re

import coincurve
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from msgspec import Struct

from attestation.instants import format_instant, parse_instant
from attestation.keys import SECP256K1_ORDER, PrivateKey
from attestation.refusals import refuse

MAX_MESSAGE_BYTES = 4_096
SIGNATURE_BYTES = 65

_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_MESSAGE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<domain>[^\s/?#]+)"
    r" wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9A-Fa-f]{40})\n"
    r"\n"
    r"(?:(?P<statement>[^\n]+)\n)?"
    r"\n"
    r"URI: (?P<uri>[^\s]+)\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>[0-9]{1,18})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,128})\n"
    rf"Issued At: (?P<issued_at>{_INSTANT})"
    rf"(?:\nExpiration Time: (?P<expires_at>{_INSTANT}))?"
    rf"(?:\nNot Before: (?P<not_before>{_INSTANT}))?"
    r"(?:\nRequest ID: (?P<request_id>[^\s]*))?"
    r"(?:\nResources:(?P<resources>(?:\n- [^\s]+)*))?"
)


class SiweMessage(Struct, frozen=True):
    """A parsed message; nothing in it is verified yet. Times are unix seconds, ``address`` 20 bytes."""

    text: str
    scheme: str | None
    domain: str
    address: bytes
    uri: str
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int | None
    not_before: int | None
    resources: tuple[str, ...]


def read_message(text: str) -> SiweMessage:
    """A message of its text. Raises StatementMalformed (``sign_in.message``) and ``instant.format``."""
    found = _MESSAGE.fullmatch(text)
    if found is None or len(text.encode()) > MAX_MESSAGE_BYTES:
        raise refuse("sign_in.message", text)
    if found["address"] != to_checksum_address(found["address"]):
        raise refuse("sign_in.message", found["address"], "an address in its EIP-55 spelling")
    return SiweMessage(
        text=text,
        scheme=found["scheme"],
        domain=found["domain"],
        address=bytes.fromhex(found["address"][2:]),
        uri=found["uri"],
        chain_id=int(found["chain_id"]),
        nonce=found["nonce"],
        issued_at=_seconds(found["issued_at"]),
        expires_at=None if found["expires_at"] is None else _seconds(found["expires_at"]),
        not_before=None if found["not_before"] is None else _seconds(found["not_before"]),
        resources=tuple((found["resources"] or "").replace("\n- ", "\n").split("\n")[1:]),
    )


def build_message(
    *, domain: str, uri: str, address: bytes, chain_id: int, nonce: str, issued_at: int, expires_at: int, resource: str
) -> str:
    """The message that a wallet shows and signs; ``resource`` is the log as a URN."""
    return (
        f"{domain} wants you to sign in with your Ethereum account:\n{to_checksum_address(address)}\n\n"
        "Sign in to Tanlu. This signs nothing else.\n\n"
        f"URI: {uri}\nVersion: 1\nChain ID: {chain_id}\nNonce: {nonce}\n"
        f"Issued At: {format_instant(issued_at)}\nExpiration Time: {format_instant(expires_at)}\n"
        f"Resources:\n- {resource}"
    )


def message_digest(text: str) -> bytes:
    """EIP-191 version 0x45 (``personal_sign``): the 32 bytes that a wallet signs."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)


def sign_message(text: str, key: PrivateKey) -> bytes:
    """65 bytes ``r || s || v`` by a secp256k1 key."""
    return key.sign_digest(message_digest(text))


def message_signer(text: str, signature: bytes) -> bytes:
    """The 20-byte address that signed. Raises SignatureRefused (``signature.length``, ``signature.high_s``,
    ``signature.invalid``); ``v`` is 27, 28, 0 or 1."""
    if len(signature) != SIGNATURE_BYTES:
        raise refuse("signature.length", len(signature), SIGNATURE_BYTES)
    if int.from_bytes(signature[32:64]) > SECP256K1_ORDER // 2:
        raise refuse("signature.high_s", signature[32:64].hex())
    recovery = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    try:
        point = coincurve.PublicKey.from_signature_and_message(
            signature[:64] + bytes((recovery,)), message_digest(text), hasher=None
        )
    except ValueError:
        raise refuse("signature.invalid", signature.hex()) from None
    return keccak(point.format(compressed=False)[1:])[-20:]


def _seconds(text: str) -> int:
    # Wallets write milliseconds; a statement's instants have none.
    return parse_instant(re.sub(r"\.[0-9]+", "", text))
