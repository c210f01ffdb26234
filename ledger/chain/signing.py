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
"""Of the base fee: a full block raises it by 12.5 %."""


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
    """What to offer now, wei per gas; 0 on a chain without fees.

    The headroom is above the base fee, which the protocol moves, and not above the node's proposal: nodes propose what
    was paid lately, and where only we pay, adding to it would raise it without end.
    """
    return max(rpc.gas_price(), -(-rpc.head().base_fee * _HEADROOM_PERCENT // 100))


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


def sign_again(account: LocalAccount, raw: bytes, *, chain_id: int, fee: int) -> SignedTransaction:
    """The transaction of ``raw`` (made by :func:`sign`) once more, at the same nonce, with another fee."""
    nonce, _fee, gas, to, value, data, *_signature = _flat_list(raw)
    return sign(
        account,
        chain_id=chain_id,
        nonce=int.from_bytes(nonce),
        fee=fee,
        gas=int.from_bytes(gas),
        to=to or None,
        data=data,
        value=int.from_bytes(value),
    )


def _flat_list(raw: bytes) -> list[bytes]:
    """Items of an RLP list of strings (Ethereum yellow paper, appendix B)."""
    _, place = _rlp_span(raw, 0)
    items = []
    while place < len(raw):
        length, start = _rlp_span(raw, place)
        items.append(raw[start : start + length])
        place = start + length
    return items


def _rlp_span(raw: bytes, place: int) -> tuple[int, int]:
    """Length of the item at ``place``, and where its content starts."""
    first = raw[place]
    if first < 0x80:
        return 1, place
    short = first - (0xC0 if first >= 0xC0 else 0x80)
    if short <= 55:
        return short, place + 1
    start = place + 1 + short - 55
    return int.from_bytes(raw[place + 1 : start]), start
