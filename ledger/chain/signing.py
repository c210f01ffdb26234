"""Signed transactions, made here and handed to the node as bytes.

Put together here: eth-account judges each field's type, of a batch's bytes too, which costs ten times as much as to
sign. Tests compare the two.

Legacy transactions (EIP-155): one fee per gas, which every engine and every London-level permissioned network takes,
and which a replacement has to raise in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import coincurve
import rlp
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_canonical_address

from attestation.keccak import keccak256
from attestation.nesting import hold_nesting
from ledger.chain.rpc import Rpc

_REPLACEMENT_PERCENT = 115
"""Nodes want at least 10 % more for another transaction at the same nonce."""
_HEADROOM_PERCENT = 125
"""Of the base fee: a full block raises it by 12.5 %."""
_EIP155 = 35
_WORD = 32

hold_nesting()


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
    fields = [*map(_minimal, (nonce, fee, gas)), to or b"", _minimal(value), data]
    unsigned = _rlp([*fields, _minimal(chain_id), b"", b""])
    signature = _signer(bytes(account.key)).sign_recoverable(keccak256(unsigned), hasher=None)
    recovery = _EIP155 + 2 * chain_id + signature[2 * _WORD]
    halves = (int.from_bytes(signature[start : start + _WORD]) for start in (0, _WORD))
    raw = _rlp([*fields, *map(_minimal, (recovery, *halves))])
    return SignedTransaction(raw, keccak256(raw), nonce, fee)


def sign_again(account: LocalAccount, raw: bytes, *, chain_id: int, fee: int) -> SignedTransaction:
    """The transaction of ``raw`` (made by :func:`sign`) once more, at the same nonce, with another fee."""
    nonce, _fee, gas, to, value, data, *_signature = rlp.decode(raw)
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


@lru_cache(maxsize=4)
def _signer(key: bytes) -> coincurve.PrivateKey:
    # Its public half is computed when it is made.
    return coincurve.PrivateKey(key)


def _minimal(number: int) -> bytes:
    """A number as RLP has it: big-endian, without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8)


def _rlp(items: list[bytes]) -> bytes:
    # Left to find out the type of each item, the library takes three times as long.
    return bytes(rlp.encode(items, infer_serializer=False))
