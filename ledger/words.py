"""The log's signed words: compact JWS by the log key over a small JSON payload, told apart by their ``typ``.

Ed25519 is deterministic: the same word has the same bytes. Whoever holds a word that proves false holds the operator's
own signature under it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey, PublicKey
from attestation.prepared import prepared
from ledger.errors import Malformed, SignatureInvalid

P = TypeVar("P", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Word(Generic[P]):
    """One kind of word.

    Attributes
    ----------
    typ
        The header's ``typ``.
    payload
        What it is over: a struct without unknown members.
    max_bytes
        A longer token is none.
    rule
        First part of the rules of refusals: ``<rule>.format``, ``<rule>.signature``.
    name, name_zh
        What it is called in them.
    """

    typ: str
    payload: type[P]
    max_bytes: int
    rule: str
    name: str
    name_zh: str

    def sign(self, payload: P, key: PrivateKey) -> str:
        """The compact JWS by the log key. Raises ValueError for a key that is not Ed25519."""
        if key.public.algorithm is not Algorithm.ED25519:
            raise ValueError(f"the log key is Ed25519, not {key.public.algorithm}")
        header = json.dumps(self._header(), separators=(",", ":")).encode()
        signing_input = _b64(header) + b"." + _b64(msgspec.json.encode(payload))
        return (signing_input + b"." + _b64(key.sign(signing_input))).decode()

    def read(self, token: str, key: PublicKey) -> P:
        """The payload, if the log key signed it.

        Raises ``Malformed`` for anything that is not exactly such a JWS, ``SignatureInvalid`` for another key.
        """
        try:
            data = token.encode("ascii")
            if len(data) > self.max_bytes:
                raise ValueError("too long")
            header, body, signature = data.split(b".")
            if json.loads(_unb64(header)) != self._header():
                raise ValueError("header")
            payload = prepared(self.payload).decode(_unb64(body))
            raw_signature = _unb64(signature)
        except (ValueError, msgspec.MsgspecError) as error:
            raise self.malformed(token) from error
        try:
            key.verify(header + b"." + body, raw_signature)
        except AttestationError as error:
            raise SignatureInvalid(
                f"The {self.name} is not signed by the log key.",
                rule=f"{self.rule}.signature",
                value=token,
                expected="a signature by the trust file's log key",
                message_zh=f"{self.name_zh}不是由日志密钥签名的。",
            ) from error
        return payload

    def malformed(self, token: str) -> Malformed:
        """The refusal of what is no such word, or has members that cannot be."""
        return Malformed(
            f"The {self.name} is not in its format.",
            rule=f"{self.rule}.format",
            value=token,
            expected=f"a compact JWS with typ {self.typ}",
            message_zh=f"{self.name_zh}的格式不对。",
        )

    def _header(self) -> dict[str, str]:
        return {"alg": Algorithm.ED25519.value, "typ": self.typ}


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unb64(data: bytes) -> bytes:
    decoded = base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    if _b64(decoded) != data:
        raise ValueError("not canonical base64url")
    return decoded
