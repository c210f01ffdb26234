"""A repeated chain (``bench.traded_chain``) with the receipts, filters and hashes that its blocks would have, so that
an audit of it has as much to hash as of a real one.

The repeated blocks have made-up hashes. Here each gets the receipts of its transactions, their root and filter, and is
linked to the one before by its own hash: ``eth_getBlockByNumber`` and ``eth_getBlockReceipts`` as a node would answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import rlp
from eth_utils.crypto import keccak

from bench.traded_chain import RepeatedChain
from ledger.audit.blocks import header_fields, receipt_bytes
from ledger.audit.bloom import BLOOM_BYTES
from ledger.audit.trie import ordered_root
from ledger.chain.rpc import Block, BlockTag, Log
from ledger.chain.wire import to_block, to_logs

_GAS = 120_000
_BITS = 8 * BLOOM_BYTES


class SealedChain:
    """What an archive is written from (``ledger.audit.evidence.ChainEvidence``); ``events``: how many it has."""

    def __init__(self, path: Path, times: int) -> None:
        repeated = RepeatedChain(path, times)
        self.events = repeated.events
        self._headers: list[dict[str, Any]] = []
        self._receipts: list[bytes] = []
        parent = json.loads(repeated.headers[0])["parentHash"]
        time = 0
        for text, logs in zip(repeated.headers, repeated.logs, strict=True):
            time = max(time + 1, int(json.loads(text)["timestamp"], 16))  # repeated blocks are no earlier than others
            unsealed = {**json.loads(text), "parentHash": parent, "timestamp": hex(time)}
            header, receipts = _sealed(unsealed, json.loads(b"[" + logs + b"]"))
            self._headers.append(header)
            self._receipts.append(json.dumps(receipts).encode())
            parent = header["hash"]

    def head(self) -> Block:
        """The newest block."""
        return to_block(self._headers[-1])

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """The header at a number."""
        number = len(self._headers) - 1 if isinstance(tag, str) else tag
        return to_block(self._headers[number]) if 0 <= number < len(self._headers) else None

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """The headers at those numbers."""
        return [self.block(number) for number in numbers]

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """Events of those contracts."""
        wanted = set(addresses)
        every = [to_logs(one["logs"]) for at in range(first, last + 1) for one in self.raw_receipts(at) or ()]
        return [log for logs in every for log in logs if log.address in wanted]

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        """Headers, in order."""
        yield from self._headers[first : last + 1]

    def raw_receipts(self, number: int) -> list[Mapping[str, Any]] | None:
        """All receipts of a block."""
        found: list[Mapping[str, Any]] = json.loads(self._receipts[number])
        return found


def _sealed(header: dict[str, Any], logs: list[dict[str, Any]]) -> tuple[dict[str, Any], list[Any]]:
    receipts: list[dict[str, Any]] = []
    for place, sent in enumerate(header["transactions"]):
        own = [log for log in logs if log["transactionHash"] == sent]
        receipts.append({
            "type": "0x2",
            "status": "0x1",
            "cumulativeGasUsed": hex(_GAS * (place + 1)),
            "gasUsed": hex(_GAS),
            "transactionHash": sent,
            "transactionIndex": hex(place),
            "blockNumber": header["number"],
            "logsBloom": _filter(own),
            "logs": own,
        })  # fmt: skip
    root = ordered_root([receipt_bytes(one) for one in receipts])
    sealed = {**header, "receiptsRoot": "0x" + root.hex(), "logsBloom": _filter(logs)}
    sealed["hash"] = "0x" + keccak(rlp.encode(header_fields(sealed))).hex()
    for receipt in receipts:
        receipt["blockHash"] = sealed["hash"]
        for log in receipt["logs"]:
            log["blockHash"] = sealed["hash"]
    return sealed, receipts


def _filter(logs: Sequence[Mapping[str, Any]]) -> str:
    bits = 0
    for log in logs:
        for value in (log["address"], *log["topics"]):
            bits |= _mask(value)
    return "0x" + bits.to_bytes(BLOOM_BYTES, "big").hex()


@lru_cache(maxsize=1 << 16)
def _mask(value: str) -> int:
    digest = keccak(bytes.fromhex(value[2:]))
    return sum({1 << (int.from_bytes(digest[at : at + 2], "big") % _BITS) for at in (0, 2, 4)})
