"""Evidence of a node: what it answers of the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ledger.chain.errors import ChainUnavailable, RequestRefused
from ledger.chain.rpc import Block, BlockTag, Endpoint, Log, Rpc


class NodeEvidence:
    """The chain's part, of a node. ``last``: the block that is read up to; what comes later is not looked at."""

    def __init__(self, rpc: Rpc, last: int | None = None) -> None:
        self._rpc = rpc
        self._last = last

    def head(self) -> Block:
        """See ``ChainEvidence``."""
        block = self._rpc.head() if self._last is None else self._rpc.block(self._last)
        if block is None:
            raise ChainUnavailable(
                "The chain is shorter than what was to be looked at.",
                rule="audit.chain_short",
                value=f"no block {self._last}",
                expected=f"block {self._last}",
                message_zh="链短于要审计的区块。",
            )
        return block

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """See ``ChainEvidence``."""
        return self.head() if tag == "latest" else self._rpc.block(tag)

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """See ``ChainEvidence``."""
        return list(self._rpc.blocks(numbers))

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """See ``ChainEvidence``."""
        return self._rpc.logs(addresses, first, last)

    def locator(self) -> NodeLocator:
        """See ``ChainEvidence``."""
        return NodeLocator(self._rpc.locator(), self._last)

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        """See ``ChainEvidence``."""
        for number in range(first, last + 1):
            found = self._rpc.request("eth_getBlockByNumber", hex(number), False)
            if not isinstance(found, dict):
                return
            yield found

    def raw_receipts(self, number: int) -> list[Mapping[str, Any]] | None:
        """See ``ChainEvidence``: at once where the node can, else one by one."""
        try:
            found = self._rpc.request("eth_getBlockReceipts", hex(number))
        except RequestRefused:
            block = self._rpc.request("eth_getBlockByNumber", hex(number), False)
            hashes = block.get("transactions", []) if isinstance(block, dict) else []
            found = [self._rpc.request("eth_getTransactionReceipt", one) for one in hashes]
        return found if isinstance(found, list) else None


@dataclass(frozen=True, slots=True)
class NodeLocator:
    """Asks the node again. ``last``: the block that is read up to."""

    endpoint: Endpoint
    last: int | None

    @contextmanager
    def open(self) -> Iterator[NodeEvidence]:
        """See ``ChainLocator``."""
        with self.endpoint.open() as rpc:
            yield NodeEvidence(rpc, self.last)
