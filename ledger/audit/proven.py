"""A node is asked more than once: what was projected has to be what its headers and receipts proved.

Blocks are checked by one set of answers and events are projected from another. A node that tells the truth of the first
and leaves out, adds or alters in the second would pass both. So the events of the checked receipts are kept as a hash
for every so many blocks, with their blocks' hashes and times, and the projected rows are held against that. Recorded
answers are one set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from ledger.audit.findings import Area, Divergences
from ledger.chain.abi import Abi
from ledger.chain.contracts import Deployment
from ledger.chain.events import ChainEvent
from ledger.chain.rpc import BlockRef, Log
from ledger.fsck.store import Store

_BLOCKS: Final = 1_000
"""Of one hash: where two sets differ is said so closely, and a hundred million blocks take some MB."""
_encode: Final = msgspec.msgpack.Encoder().encode
_QUERY: Final = (
    "SELECT e.block_number, b.hash, t.time, e.log_index, e.tx_hash, e.contract, e.name, e.args FROM chain_events e"
    " LEFT JOIN chain_blocks b ON b.number = e.block_number"
    " LEFT JOIN chain_block_times t ON t.block_number = e.block_number ORDER BY e.block_number, e.log_index"
)
_ANCHORS: Final = "SELECT size, root FROM chain_anchors WHERE voided_number IS NULL AND size > 0 ORDER BY size"


class Proven:
    """The events that checked receipts hold; filled in the order of the chain."""

    def __init__(self, deployment: Deployment) -> None:
        self._contracts: Mapping[bytes, tuple[str, Abi]] = deployment.readable()
        self._said = _Hashes()

    def take(self, number: int, block: bytes, time: int, logs: Sequence[Log]) -> None:
        """The logs of the receipts of a block of that hash and time, in their order. Raises ``ChainUnavailable`` for
        data that is of another type than its event."""
        for log in logs:
            name, abi = self._contracts.get(log.address, (None, None))
            decoded = None if abi is None else abi.event(log)
            if name is None or abi is None or decoded is None:
                continue
            form = abi.fixed(log.topics[0])
            event = ChainEvent(BlockRef(number, block), log.index, log.tx_hash, name, *decoded, time, form)
            self._said.add(number, (number, block, time, log.index, log.tx_hash, name, event.name, event.args_json()))

    def compare(self, store: Store, known: Mapping[int, Sequence[tuple[str, bytes]]], divergences: Divergences) -> None:
        """Name the blocks where the projected events are others, and the anchors that are not ``known``: those that
        the log was held to, by size (``audit.answered_twice``)."""
        for size, root in store.stream(_ANCHORS):
            if root not in {said for _, said in known.get(size, ())}:
                divergences.add(
                    Area.CHAIN, f"anchor of size {size}", "audit.answered_twice", "none when the log was judged", root
                )
        found = _Hashes()
        for row in store.stream(_QUERY):
            found.add(row[0], tuple(row))
        proven, projected = self._said.ended(), found.ended()
        for part in sorted({*proven, *projected}):
            if proven.get(part) != projected.get(part):
                divergences.add(
                    Area.CHAIN,
                    f"blocks {part * _BLOCKS} to {part * _BLOCKS + _BLOCKS - 1}",
                    "audit.answered_twice",
                    "other events when they were projected",
                    "the events of the receipts that were checked",
                )


class _Hashes:
    def __init__(self) -> None:
        self._ended: dict[int, bytes] = {}
        self._part, self._hash = -1, sha256()

    def add(self, number: int, value: tuple[object, ...]) -> None:
        if number // _BLOCKS != self._part:
            self.ended()
            self._part, self._hash = number // _BLOCKS, sha256()
        self._hash.update(_encode(value))

    def ended(self) -> Mapping[int, bytes]:
        if self._part >= 0:
            self._ended[self._part] = self._hash.digest()
        return self._ended
