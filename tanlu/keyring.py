"""Keys of people and devices as files: the private key encrypted in its standard form, and a card beside it.

``FILE`` is encrypted PKCS#8 PEM (Ed25519, ES256) or an Ethereum keystore (ES256K), readable by other tools.
``FILE.pub.json``, the card, is public: whose key it is, what it is for, and the public key. Hand it to anybody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from attestation.encoding import strict_object
from attestation.errors import AttestationError
from attestation.identifiers import parse_identifier
from attestation.keyfiles import decrypt, encrypt
from attestation.keys import PrivateKey, PublicKey, Purpose
from tanlu.errors import InputRefused
from tanlu.files import require_new, write_new

CARD_SUFFIX = ".pub.json"


@dataclass(frozen=True, slots=True)
class Card:
    """The public half of a key file: its holder, its purposes, its public key."""

    identifier: str
    purposes: Purpose
    public: PublicKey

    @property
    def kid(self) -> str:
        """``<identifier>#<thumbprint>``, as in the header of what the key signs."""
        return f"{self.identifier}#{self.public.kid_name}"

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members, as the card's file has them."""
        return {
            "v": 1,
            "type": "key-card",
            "identifier": self.identifier,
            "purposes": list(self.purposes.names()),
            "algorithm": self.public.algorithm.value,
            "kid": self.kid,
            "thumbprint": self.public.kid_name,
            "jwk": self.public.to_jwk(),
        } | ({} if self.public.evm_address is None else {"address": "0x" + self.public.evm_address.hex()})


@dataclass(frozen=True, slots=True)
class HeldKey:
    """An opened key and its card."""

    card: Card
    private: PrivateKey


def card_path(path: Path) -> Path:
    """Where the card of a key file is."""
    return path.with_name(path.name + CARD_SUFFIX)


def write_key(path: Path, key: PrivateKey, password: str, *, identifier: str, purposes: Purpose) -> Card:
    """Write a new key file and its card; both must be new.

    Raises InputRefused (``file.exists``, ``file.folder``): a key that is written over is lost for ever.
    """
    card = Card(parse_identifier(identifier), purposes, key.public)
    for target in (path, card_path(path)):
        require_new(target)
    encrypted = encrypt(key, password)
    write_new(path, encrypted, 0o600)
    write_new(card_path(path), json.dumps(card.as_dict(), ensure_ascii=False, indent=1).encode() + b"\n", 0o644)
    return card


def read_card(path: Path) -> Card:
    """The card of a key file; no password is needed. Raises InputRefused (``card.missing``, ``card.format``)."""
    where = card_path(path)
    try:
        document = strict_object(where.read_bytes())
        purposes, jwk = document["purposes"], document["jwk"]
        if not isinstance(jwk, dict):
            raise TypeError("jwk")
        return Card(parse_identifier(str(document["identifier"])), Purpose.parse(purposes), PublicKey.from_jwk(jwk))
    except OSError as error:
        raise InputRefused(
            rule="card.missing",
            value=where.name,
            expected="the card that `tanlu keys new` wrote beside the key",
            message=f"{where.name} cannot be read: {error.strerror}",
            message_zh=f"无法读取密钥的公开信息文件 {where.name}",
        ) from error
    except (AttestationError, KeyError, TypeError) as error:
        raise InputRefused(
            rule="card.format",
            value=f"{where.name}: {error}",
            expected="a key card",
            message=f"{where.name} is no key card: {error}",
            message_zh=f"{where.name} 不是有效的密钥公开信息文件",
        ) from error


def open_key(path: Path, password: str) -> HeldKey:
    """Decrypt a key file. Raises KeyFileRefused (wrong password, no key file), InputRefused (``card.*``,
    ``file.unreadable``), and ``card.other_key`` when the card is another key's."""
    card = read_card(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputRefused(
            rule="file.unreadable",
            value=path.name,
            expected="a key file",
            message=f"{path.name} cannot be read: {error.strerror}",
            message_zh=f"无法读取密钥文件 {path.name}",
        ) from error
    private = decrypt(data, password)
    if private.public != card.public:
        raise InputRefused(
            rule="card.other_key",
            value=card.public.kid_name,
            expected=private.public.kid_name,
            message=f"{card_path(path).name} is the card of another key",
            message_zh="公开信息文件与密钥不匹配",
        )
    return HeldKey(card, private)
