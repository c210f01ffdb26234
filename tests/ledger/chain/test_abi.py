"""Events are decoded by type; what is not of its type is no usable answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.contracts import load_artifact
from ledger.chain.errors import ChainUnavailable
from ledger.chain.wire import Log

ABI = load_artifact("EvidenceLog").abi
TOPIC = keccak(text="Anchored(uint64,uint64,bytes32)")


def anchored(epoch: int, size: int, root: bytes) -> Log:
    topics = (TOPIC, epoch.to_bytes(32, "big"), size.to_bytes(32, "big"))
    return Log(bytes(20), topics, encode(["bytes32"], [root]), 1, bytes(32), bytes(32), 0)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
def test_an_event_is_decoded_from_topics_and_data(epoch: int, size: int, root: bytes) -> None:
    assert ABI.event(anchored(epoch, size, root)) == ("Anchored", {"epoch": epoch, "size": size, "root": root})


def test_an_unknown_event_is_nobody_s() -> None:
    assert ABI.event(replace(anchored(0, 1, bytes(32)), topics=(bytes(32),))) is None
    assert ABI.event(replace(anchored(0, 1, bytes(32)), topics=())) is None


@pytest.mark.parametrize(
    "bad",
    [{"data": b"\x01"}, {"topics": (TOPIC,)}, {"topics": (TOPIC, b"\xff" * 32, bytes(32))}],
    ids=["truncated-data", "missing-topics", "epoch-beyond-uint64"],
)
def test_an_event_not_of_its_type_is_no_answer(bad: dict[str, object]) -> None:
    with pytest.raises(ChainUnavailable):
        ABI.event(replace(anchored(0, 1, bytes(32)), **bad))
