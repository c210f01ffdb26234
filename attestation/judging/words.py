"""EIP-712 signatures inside a body, by a key that its holder already has: consents, vetoes, approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attestation.context import KeyRecord
from attestation.errors import AttestationError
from attestation.refusals import refuse
from attestation.typed_data import recover

WordRule = Literal[
    "consent.evm_signature",
    "veto.evm_signature",
    "approval.signature",
    "registration.signature",
    "intent.signature",
    "order.signature",
]


def signer_of(rule: WordRule, signature: str, digest: bytes, at: str = "") -> bytes:
    """The 20-byte address that signed the digest. Raises the rule for what is no signature at all."""
    try:
        return recover(digest, bytes.fromhex(signature[2:]))
    except AttestationError as error:
        raise refuse(rule, f"{error.rule}: {error.value}", "a signature of the digest", at=at) from error


def check_word(rule: WordRule, signature: str, digest: bytes, accounts: Mapping[bytes, KeyRecord]) -> None:
    """Step 12: one of the accounts signed the digest."""
    address = signer_of(rule, signature, digest)
    if address not in accounts:
        allowed = ", ".join(f"0x{account.hex()}" for account in accounts) or "no active ES256K key"
        raise refuse(rule, f"signed by 0x{address.hex()}", allowed)
