"""Keys of notes: who signed, in which of three ways, and how to judge and make each.

* ``ED25519`` (0x01): Ed25519 over the text (C2SP signed-note). The log's key.
* ``COSIGNATURE`` (0x04): 8-byte time, then Ed25519 over header, time and text (C2SP tlog-cosignature v1). A witness.
* ``EIP712`` (0xff ``tanlu-eip712-checkpoint``): EIP-2098 signature over EIP-712
  ``Checkpoint(uint64 epoch,uint64 size,bytes32 root)``. A cosigner that the chain's contract knows by address.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey, PublicKey
from attestation.typed_data import Domain, checkpoint_digest, recover, to_compact
from ledger.errors import NoteMalformed, SignatureInvalid
from ledger.merkle.hashing import MAX_SIZE
from ledger.notes.body import Checkpoint
from ledger.notes.note import SignatureLine, check_key_name, malformed, strict_base64

EIP712_LABEL: Final = b"tanlu-eip712-checkpoint"
_COMPACT_BYTES: Final = 64
_TIME_BYTES: Final = 8


class SignatureKind(IntEnum):
    """Signature type identifier bytes of C2SP signed-note."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    EIP712 = 0xFF


_MATERIAL_BYTES: Final = {SignatureKind.ED25519: 32, SignatureKind.COSIGNATURE: 32, SignatureKind.EIP712: 20}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key that verifies signatures: name, kind, and ``material`` (32-byte Ed25519 key, or 20-byte address)."""

    name: str
    kind: SignatureKind
    material: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.material) != _MATERIAL_BYTES[self.kind]:
            raise malformed("vkey.length", self.material, f"{_MATERIAL_BYTES[self.kind]} bytes")

    @property
    def encoded(self) -> bytes:
        """Type byte, label if the type is 0xff, material."""
        label = EIP712_LABEL if self.kind is SignatureKind.EIP712 else b""
        return bytes([self.kind]) + label + self.material

    @property
    def key_id(self) -> bytes:
        """First four bytes of ``SHA-256(name ‖ 0x0A ‖ encoded)``."""
        return sha256(self.name.encode() + b"\n" + self.encoded).digest()[:4]

    def __str__(self) -> str:
        """``name+hex id+base64``: the verifier key of C2SP signed-note."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.encoded).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """A verifier key; only its own spelling passes. Raises ``NoteMalformed``."""
        # Base64 may contain pluses, the name and the id may not.
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise malformed("vkey.format", text, "<name>+<hex key id>+<base64>")
        encoded = strict_base64(parts[2], "vkey.base64")
        kind = next((kind for kind in SignatureKind if kind == encoded[0]), None)
        if kind is None:
            raise malformed("vkey.type", f"0x{encoded[0]:02x}", "0x01, 0x04 or 0xff with our label")
        prefix = bytes([kind]) + (EIP712_LABEL if kind is SignatureKind.EIP712 else b"")
        if not encoded.startswith(prefix):
            raise malformed("vkey.label", encoded, EIP712_LABEL.decode())
        key = cls(parts[0], kind, encoded[len(prefix) :])
        if str(key) != text:
            raise malformed("vkey.key-id", parts[1], key.key_id.hex())
        return key

    def made(self, line: SignatureLine) -> bool:
        """Whether the line names this key. It says nothing about the signature: that is ``verify``."""
        return line.name == self.name and line.key_id == self.key_id

    def verify(self, text: str, signature: bytes, domain: Domain | None = None) -> None:
        """Pass if this key made ``signature`` (the bytes after the key id) over ``text``.

        ``domain``: the EIP-712 domain of the contract, for the kind ``EIP712``. Raises ``SignatureInvalid``.
        """
        try:
            if self.kind is SignatureKind.EIP712:
                self._verify_eip712(text, signature, domain)
            elif self.kind is SignatureKind.COSIGNATURE:
                message = cosignature_message(text, cosignature_time(signature))
                PublicKey(Algorithm.ED25519, self.material).verify(message, signature[_TIME_BYTES:])
            else:
                PublicKey(Algorithm.ED25519, self.material).verify(text.encode(), signature)
        except (AttestationError, NoteMalformed) as error:
            raise self._invalid(signature) from error

    def _verify_eip712(self, text: str, signature: bytes, domain: Domain | None) -> None:
        if domain is None:
            raise ValueError("an EIP-712 signature is judged in the domain of a contract")
        if recover(_digest(text, domain), signature) != self.material:
            raise self._invalid(signature)

    def _invalid(self, signature: bytes) -> SignatureInvalid:
        return SignatureInvalid(
            "A signature line was not made by the key that it names.",
            rule="note.signature",
            value=signature,
            expected=f"a signature by {self.name}+{self.key_id.hex()} ({self.kind.name})",
            message_zh="签名行并非由其所称的密钥签署。",
        )


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A key that signs notes: Ed25519 for ``ED25519`` and ``COSIGNATURE``, secp256k1 for ``EIP712``."""

    name: str
    kind: SignatureKind
    private: PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half. Raises ``NoteMalformed`` if the key's algorithm is not the kind's."""
        public = self.private.public
        if self.kind is not SignatureKind.EIP712:
            wanted, material = Algorithm.ED25519, public.raw
        else:
            wanted, material = Algorithm.ES256K, public.evm_address or b""
        if public.algorithm is not wanted:
            raise malformed("signer.algorithm", public.algorithm.value, wanted.value)
        return VerifierKey(self.name, self.kind, material)

    def sign(self, text: str, *, time: int | None = None, domain: Domain | None = None) -> SignatureLine:
        """The signature line over ``text``.

        ``time``: seconds since 1970, required by the kind ``COSIGNATURE``. ``domain``: required by ``EIP712``, whose
        text must be a checkpoint with an epoch. Raises ``NoteMalformed``.
        """
        verifier = self.verifier
        if self.kind is SignatureKind.EIP712:
            if domain is None:
                raise ValueError("an EIP-712 signature needs the domain of a contract")
            signature = to_compact(self.private.sign_digest(_digest(text, domain)))
        elif self.kind is SignatureKind.COSIGNATURE:
            if time is None:
                raise ValueError("a cosignature carries its time")
            stamp = _check_time(time).to_bytes(_TIME_BYTES, "big")
            signature = stamp + self.private.sign(cosignature_message(text, time))
        else:
            signature = self.private.sign(text.encode())
        return SignatureLine(self.name, verifier.key_id, signature)


def cosignature_time(signature: bytes) -> int:
    """Seconds since 1970 of a cosignature/v1. Raises ``NoteMalformed`` for another length or a time out of bounds."""
    if len(signature) != _TIME_BYTES + _COMPACT_BYTES:
        raise malformed("cosignature.length", f"{len(signature)} bytes", "72 bytes")
    return _check_time(int.from_bytes(signature[:_TIME_BYTES], "big"))


def cosignature_message(text: str, time: int) -> bytes:
    """What a cosignature/v1 signs: two header lines, then the note's whole text (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_time(time: int) -> int:
    # Zero means "no statement about recency", which a witness must not say (C2SP tlog-witness).
    if not 0 < time <= MAX_SIZE:
        raise malformed("cosignature.time", time, f"1 to {MAX_SIZE}")
    return time


def _digest(text: str, domain: Domain) -> bytes:
    checkpoint = Checkpoint.parse(text)
    if checkpoint.epoch is None:
        raise malformed("checkpoint.epoch", text, "a line epoch <n>")
    return checkpoint_digest(domain, checkpoint.epoch, checkpoint.size, checkpoint.root)
