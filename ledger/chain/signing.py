"""Signed transactions, made here and handed to the node as bytes.

Legacy transactions (EIP-155): one fee per gas, which every engine and every London-level permissioned network takes,
and which a replacement has to raise in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_canonical_address

from ledger.chain.rpc import Rpc, address_text

_REPLACEMENT_PERCENT = 115
"""Nodes want at least 10 % more for another transaction at the same nonce."""
_HEADROOM_PERCENT = 125
"""Above the node's proposal: a full block raises the base fee by 12.5 %."""


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Bytes to send, the hash they will have on chain, and what they offer (wei per gas)."""

    raw: bytes
    hash: bytes
    nonce: int
    fee: int


def account_address(account: LocalAccount) -> bytes:
    """The 20-byte address of a signing account."""
    return bytes(to_canonical_address(account.address))


def current_fee(rpc: Rpc) -> int:
    """What to offer now, wei per gas; 0 on a chain without fees."""
    price = max(rpc.gas_price(), rpc.head().base_fee)
    return -(-price * _HEADROOM_PERCENT // 100)


def raised_fee(fee: int) -> int:
    """What to offer to replace a transaction that offered ``fee``."""
    return fee * _REPLACEMENT_PERCENT // 100 + 1


def sign(
    account: LocalAccount,
    *,
    chain_id: int,
    nonce: int,
    fee: int,
    gas: int,
    to: bytes | None,
    data: bytes = b"",
    value: int = 0,
) -> SignedTransaction:
    """Sign one transaction (``to`` ``None``: a creation). The same arguments give the same bytes (RFC 6979)."""
    fields: dict[str, Any] = {
        "chainId": chain_id,
        "nonce": nonce,
        "gasPrice": fee,
        "gas": gas,
        "data": data,
        "value": value,
    }
    if to is not None:
        fields["to"] = address_text(to)
    signed = account.sign_transaction(fields)
    return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash), nonce, fee)
