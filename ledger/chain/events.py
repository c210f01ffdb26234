"""Events of our contracts as values, read in block ranges together with the headers that they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.chain.abi import Abi
from ledger.chain.errors import ChainMoved
from ledger.chain.fixed_events import FixedEvent
from ledger.chain.wire import Block, BlockRef, BlockTag, Log


class Reads(Protocol):
    """What is asked of a chain to read its events: of a node (``ledger.chain.rpc.Rpc``), or of recorded answers."""

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """The header at a number."""

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """The headers at those numbers, in their order."""

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """Events of ``addresses`` in blocks ``first`` to ``last``, both included, in chain order."""


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One event. ``args`` by name: integers, text, bytes (addresses: 20 bytes) or tuples of those. ``time``: its
    block's, Unix seconds. ``form``: how it was taken apart, where all of its members are of fixed width. ``text``:
    its arguments as text, where they were written before."""

    block: BlockRef
    index: int
    tx_hash: bytes
    contract: str
    name: str
    args: Mapping[str, Any]
    time: int
    form: FixedEvent | None = field(default=None, compare=False, repr=False)
    text: str | None = field(default=None, compare=False, repr=False)

    def args_json(self) -> str:
        """The arguments as canonical JSON, bytes as ``0x`` hexadecimal."""
        if self.text is not None:
            return self.text
        if self.form is not None:
            return self.form.text(self.args)
        return json.dumps(self.args, default=_json_value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class EventRange:
    """What blocks ``first..last`` hold: the events in order, and the headers of blocks with events and of the last.
    ``parent``: the hash of the block before them."""

    first: int
    parent: bytes
    last: Block
    events: tuple[ChainEvent, ...]
    blocks: tuple[Block, ...]


class EventReader:
    """Reads the events of a deployment.

    Parameters
    ----------
    rpc
        The endpoint, or recorded answers.
    contracts
        Address (20 bytes) → (contract name, ABI).
    """

    def __init__(self, rpc: Reads, contracts: Mapping[bytes, tuple[str, Abi]]) -> None:
        self._rpc = rpc
        self._contracts = dict(contracts)

    def read(self, first: int, last: int) -> EventRange:
        """Everything in blocks ``first..last``, of one chain.

        Raises
        ------
        ChainMoved
            The chain changed between the requests; nothing of the answer may be used.
        """
        end = self._header(last)
        logs = self._rpc.logs(list(self._contracts), first, last)
        headers = {last: end}
        eventful = {log.block_number for log in logs}
        numbers = sorted((eventful | {first}) - {last})
        for number, block in zip(numbers, self._rpc.blocks(numbers), strict=True):
            if block is None:
                raise _moved(number)
            headers[number] = block
        events = []
        refs = {number: block.ref for number, block in headers.items()}
        for log in logs:
            if headers[log.block_number].hash != log.block_hash:
                raise _moved(log.block_number)
            name, abi = self._contracts[log.address]
            decoded = abi.event(log)
            if decoded is not None:
                block, form = headers[log.block_number], abi.fixed(log.topics[0])
                events.append(
                    ChainEvent(refs[block.number], log.index, log.tx_hash, name, *decoded, block.timestamp, form)
                )
        # The end is read again after the logs: had the chain moved under the range, this hash would be another.
        if self._header(last).hash != end.hash:
            raise _moved(last)
        kept = tuple(headers[number] for number in sorted(eventful | {last}))
        return EventRange(first, headers[first].parent, end, tuple(events), kept)

    def _header(self, number: int) -> Block:
        block = self._rpc.block(number)
        if block is None:
            raise _moved(number)
        return block


def _moved(number: int) -> ChainMoved:
    return ChainMoved(
        "the chain changed while it was being read",
        rule="chain.moved",
        value=f"block {number}",
        expected="the same block twice",
        message_zh="读取期间链发生了变化",
    )


def _json_value(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    raise TypeError(f"no JSON for {type(value).__name__}")
