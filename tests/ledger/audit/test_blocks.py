"""The chain's own record: whatever of headers or receipts is altered, left out or made up is named by its block, and
the same is said whether blocks are checked beside the log or after it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import rlp
from eth_utils.crypto import keccak

from ledger.audit.beside import blocks_checked
from ledger.audit.blocks import check_blocks
from ledger.audit.findings import Area, Divergence, Divergences
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainUnavailable
from ledger.chain.rpc import Block, BlockTag, Log
from ledger.chain.wire import to_block, to_logs

CONTRACT = b"\xaa" * 20
DEPLOYMENT = Deployment(
    chain_id=1, deployment_id=b"\1" * 32, addresses={"Exchange": CONTRACT}, cosigners=(), threshold=0, first_block=0
)
BLOCKS = 150
"""More than the first range that is asked for."""
EVENTFUL = 70


class Recorded:
    """What a node recorded: headers and receipts as JSON-RPC objects, logs out of the receipts."""

    def __init__(self) -> None:
        self.headers: list[dict[str, Any]] = []
        self.receipts: dict[int, list[dict[str, Any]]] = {}
        self.unread = 0
        parent = b"\0" * 32
        for number in range(BLOCKS):
            parent = self._mine(number, parent)

    def _mine(self, number: int, parent: bytes) -> bytes:
        receipt: dict[str, Any] = {"type": "0x2", "status": "0x1", "cumulativeGasUsed": "0x5208", "logs": []}
        if number == EVENTFUL:
            receipt["logs"].append({
                "address": "0x" + CONTRACT.hex(),
                "topics": ["0x" + "ab" * 32],
                "data": "0x" + "01" * 40,
                "logIndex": "0x0",
                "transactionHash": "0x" + "cd" * 32,
                "blockNumber": hex(number),
            })  # fmt: skip
        receipt["logsBloom"] = bloom = _bloom(receipt["logs"])
        self.receipts[number] = [receipt]
        logs = [
            [CONTRACT, [bytes.fromhex(one["topics"][0][2:])], bytes.fromhex(one["data"][2:])] for one in receipt["logs"]
        ]
        encoded = b"\2" + rlp.encode([b"\1", 0x5208, bytes.fromhex(bloom[2:]), logs])
        # One receipt: the trie is one leaf with the path of place 0.
        root = keccak(rlp.encode([b"\x20\x80", encoded]))
        members: list[tuple[str, bytes | int]] = [
            ("parentHash", parent), ("sha3Uncles", b"\x1d" * 32), ("miner", b"\0" * 20), ("stateRoot", b"\2" * 32),
            ("transactionsRoot", b"\3" * 32), ("receiptsRoot", root), ("logsBloom", bytes.fromhex(bloom[2:])),
            ("difficulty", 0), ("number", number), ("gasLimit", 30_000_000), ("gasUsed", 0x5208),
            ("timestamp", 1_700_000_000 + number), ("extraData", b""), ("mixHash", b"\4" * 32), ("nonce", b"\0" * 8),
            ("baseFeePerGas", 7),
        ]  # fmt: skip
        found = keccak(rlp.encode([value for _, value in members]))
        header = {name: "0x" + value.hex() if isinstance(value, bytes) else hex(value) for name, value in members}
        self.headers.append({**header, "hash": "0x" + found.hex()})
        for log in receipt["logs"]:
            log["blockHash"] = "0x" + found.hex()
        return bytes(found)

    def head(self) -> Block:
        return to_block(self.headers[-1])

    def block(self, tag: BlockTag = "latest") -> Block | None:
        return to_block(self.headers[-1 if isinstance(tag, str) else tag])

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        return [self.block(number) for number in numbers]

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        every = [
            to_logs(one["logs"]) for number, found in self.receipts.items() if first <= number <= last for one in found
        ]
        return [log for logs in every for log in logs if log.address in addresses][self.unread :]

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        yield from self.headers[first : last + 1]

    def raw_receipts(self, number: int) -> list[Mapping[str, Any]] | None:
        return list(self.receipts[number]) if number in self.receipts else None

    def locator(self) -> Recorded:
        return self

    @contextmanager
    def open(self) -> Iterator[Recorded]:
        yield copy.deepcopy(self)


def _bloom(logs: Sequence[Mapping[str, Any]]) -> str:
    bits = 0
    for value in [text for log in logs for text in (log["address"], *log["topics"])]:
        digest = keccak(bytes.fromhex(value[2:]))
        for at in (0, 2, 4):
            bits |= 1 << (int.from_bytes(digest[at : at + 2], "big") % 2048)
    return "0x" + bits.to_bytes(256, "big").hex()


def _header(number: int, **members: str) -> Callable[[Recorded], object]:
    return lambda chain: chain.headers[number].update(members)


def _without_receipts(chain: Recorded) -> None:
    # A node that has none gives no logs of theirs either.
    del chain.receipts[EVENTFUL]


def _left_out(chain: Recorded) -> None:
    del chain.headers[100]


def _event_unread(chain: Recorded) -> None:
    chain.unread = 1


def _event_altered(chain: Recorded) -> None:
    chain.receipts[EVENTFUL][0]["logs"][0]["data"] = "0x" + "02" * 40


ALTERATIONS: dict[str, tuple[Callable[[Recorded], object], list[tuple[str, str]]]] = {
    "a-state-root": (_header(5, stateRoot="0x" + "99" * 32), [("block 5", "audit.block_hash")]),
    "a-parent": (
        _header(5, parentHash="0x" + "99" * 32),
        [("block 5", "audit.parent"), ("block 5", "audit.block_hash")],
    ),
    "a-hash": (_header(65, hash="0x" + "99" * 32), [("block 65", "audit.block_hash"), ("block 66", "audit.parent")]),
    "an-event": (_event_altered, [(f"block {EVENTFUL}", "audit.receipts_root")]),
    "an-event-unread": (_event_unread, [(f"block {EVENTFUL}", "audit.logs")]),
    "receipts-gone": (_without_receipts, [(f"block {EVENTFUL}", "audit.receipts_missing")]),
    "a-block-gone": (_left_out, [("block 100", "audit.block_missing"), ("block 101", "audit.parent")]),
}


def found_in(chain: Recorded, *, beside: bool) -> tuple[int, list[Divergence]]:
    found: list[Divergence] = []
    with blocks_checked(chain, DEPLOYMENT, beside=beside) as blocks:
        checked, left_out = blocks(Divergences(found.append), lambda _done, _every: None)
    assert left_out == []
    return checked, found


@pytest.mark.parametrize("beside", [False, True])
def test_of_a_sound_chain_nothing_is_said(beside: bool) -> None:
    assert found_in(Recorded(), beside=beside) == (BLOCKS, [])


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize(("alter", "wanted"), ALTERATIONS.values(), ids=ALTERATIONS)
def test_what_was_altered_is_named_by_its_block(
    alter: Callable[[Recorded], object], wanted: list[tuple[str, str]], beside: bool
) -> None:
    chain = Recorded()
    alter(chain)
    _, found = found_in(chain, beside=beside)
    assert {one.area for one in found} == {Area.CHAIN}
    assert [(one.place, one.rule) for one in found] == wanted


def test_a_node_that_does_not_answer_is_an_error_where_blocks_are_asked_for() -> None:
    class Silent(Recorded):
        def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
            raise ChainUnavailable("The node does not answer.", rule="chain.unavailable")

    with (
        blocks_checked(Silent(), DEPLOYMENT, beside=True) as blocks,
        pytest.raises(ChainUnavailable, match="does not answer"),
    ):
        blocks(Divergences(lambda _one: None), lambda _done, _every: None)


def test_who_stops_waiting_ends_the_check() -> None:
    with pytest.raises(KeyboardInterrupt), blocks_checked(Recorded(), DEPLOYMENT, beside=True):
        raise KeyboardInterrupt


def test_an_engine_that_hashes_headers_otherwise_is_said_to_do_so() -> None:
    chain = Recorded()
    before = "0x" + "00" * 32
    for number, header in enumerate(chain.headers):
        header["parentHash"] = before
        header["hash"] = before = "0x" + keccak(bytes([number])).hex()
    checked, left_out = check_blocks(chain, DEPLOYMENT, Divergences(pytest.fail), lambda _done, _every: None)
    assert (checked, len(left_out)) == (BLOCKS, 1)
