"""Fills are packed as the ABI encoder packs them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attestation.market_messages import Order
from ledger.chain.contracts import EXCHANGE, load_artifact
from ledger.chain.exchange import trade_words
from ledger.chain.market_intents import SettleIntent
from ledger.chain.trades import TRADE_BYTES, batch_data, settle_data, trade_bytes

WORDS = st.binary(min_size=32, max_size=32)
TONNES = st.integers(1, 2**63 - 1)
SMALL, LARGE = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
ORDERS = st.builds(
    Order, WORDS, st.just(2026), st.integers(0, 255), LARGE, SMALL, st.integers(0, 255), WORDS, LARGE,
    st.integers(0, 2**16 - 1), LARGE, SMALL, WORDS,
)  # fmt: skip
SIGNATURES = st.binary(min_size=64, max_size=64)
FILLS = st.builds(
    SettleIntent, WORDS, st.integers(0, 2**62), st.just(0), st.just(20_260_914), TONNES, st.integers(1, 2**32 - 1),
    st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), WORDS, WORDS, ORDERS, ORDERS, SIGNATURES, SIGNATURES,
)  # fmt: skip
ABI = load_artifact(EXCHANGE).abi


@given(WORDS, FILLS)
def test_a_fill_alone_is_the_encoders_call_of_settle(op_id: bytes, fill: SettleIntent) -> None:
    packed = trade_bytes(op_id, fill)
    assert len(packed) == TRADE_BYTES == 1_152
    assert settle_data(packed) == ABI.call("settle", trade_words(op_id, fill))


@given(st.lists(st.tuples(WORDS, FILLS), max_size=4))
def test_several_fills_are_the_encoders_call_of_settle_batch(fills: list[tuple[bytes, SettleIntent]]) -> None:
    words = [trade_words(op_id, fill) for op_id, fill in fills]
    assert batch_data([trade_bytes(op_id, fill) for op_id, fill in fills]) == ABI.call("settleBatch", words)
