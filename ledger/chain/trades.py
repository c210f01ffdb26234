"""Fills as the exchange's call data has them: ``settle`` of one, ``settleBatch`` of several.

A ``Trade`` has thirty-six words of a fixed place, so that it is packed in one go: through the ABI encoder, which looks
at each member's type each time, it would cost more than to sign. Tests compare the two.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache

from attestation.market_messages import Order
from ledger.chain.contracts import EXCHANGE, load_artifact
from ledger.chain.market_intents import SettleIntent

__all__ = ["TRADE_BYTES", "batch_data", "settle_data", "trade_bytes"]

_UINT8, _UINT16, _UINT32, _UINT64, _BYTES32 = "31xB", "30xH", "28xI", "24xQ", "32s"
_ORDER = (
    *(_BYTES32, _UINT32, _UINT8, _UINT64, _UINT32, _UINT8, _BYTES32, _UINT64, _UINT16, _UINT64, _UINT32, _BYTES32),
)
_HEAD = (_BYTES32, _UINT32, _UINT64, _UINT32, _UINT64, _UINT64, _BYTES32, _BYTES32)
_SIGNATURES = (_BYTES32,) * 4
_TRADE = struct.Struct(">" + "".join((*_HEAD, *_ORDER, *_ORDER, *_SIGNATURES)))
TRADE_BYTES = _TRADE.size
"""Of a trade in call data."""


def trade_bytes(op_id: bytes, intent: SettleIntent) -> bytes:
    """A fill as the contract's ``Trade``, ``TRADE_BYTES`` long; intent and orders have judged their members."""
    buy, sell = intent.buy_signature, intent.sell_signature
    return _TRADE.pack(
        op_id,
        intent.day,
        intent.tonnes,
        intent.price_fen,
        intent.buy_filled,
        intent.sell_filled,
        intent.buy_leaf,
        intent.sell_leaf,
        *_members(intent.buy),
        *_members(intent.sell),
        buy[:32],
        buy[32:],
        sell[:32],
        sell[32:],
    )


def settle_data(trade: bytes) -> bytes:
    """Call data of ``settle`` of a packed trade."""
    return _selector("settle") + trade


def batch_data(trades: Sequence[bytes]) -> bytes:
    """Call data of ``settleBatch`` of packed trades."""
    # A list of structs without members of other lengths: where it begins, how many, one after the other.
    return b"".join((_selector("settleBatch"), (32).to_bytes(32), len(trades).to_bytes(32), *trades))


def _members(order: Order) -> tuple[bytes | int, ...]:
    return (
        order.account,
        order.asset,
        order.side,
        order.tonnes,
        order.price_fen,
        order.kind,
        order.counterparty,
        order.minimum_fill,
        order.fee_limit_bps,
        order.deadline,
        order.epoch,
        order.salt,
    )


@cache
def _selector(function: str) -> bytes:
    return load_artifact(EXCHANGE).abi.selector(function)
