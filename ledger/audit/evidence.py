"""What an audit is made from: the log's entries and heads, and what the chain itself recorded.

Each kind of source (a database and a node, an archive) brings these two; nothing else of a source is believed. A worker
process opens the same evidence again by its locator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from msgspec import Struct

if TYPE_CHECKING:  # a worker that reads entries loads no client of a node
    from ledger.chain.rpc import Block, BlockTag, Log


class EntryRow(Struct, frozen=True):
    """One entry as the source has it. ``columns``: what a database says of it besides, by name; empty elsewhere."""

    index: int
    accepted_at: int
    entry: bytes
    columns: Mapping[str, Any]


class HeadRow(NamedTuple):
    """A checkpoint: the signed note as text, None for one that was never signed. ``cosigned``: whether it is said to
    have its cosignatures; ``root``: what a database says besides."""

    epoch: int
    size: int
    note: str | None
    cosigned: bool = True
    root: bytes | None = None


class RefusedRow(NamedTuple):
    """An operation that a contract finally refused: the operator's word, since no event says so."""

    op_id: bytes
    kind: str
    reason: str


class LogEvidence(Protocol):
    """The log's part."""

    def count(self) -> int:
        """How many entries there are."""

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        """Entries ``first`` to ``last``, the last one included, in order."""

    def others(self) -> Iterator[EntryRow]:
        """All entries but readings and closes, in order. A source that knows them by a column may be wrong about it:
        what is left out here and turns out to be another statement is a divergence."""

    def leaf(self, index: int) -> bytes | None:
        """The leaf hash that the source has apart from the entry, so that the tree goes on where an entry is gone."""

    def streams(self) -> Mapping[int, tuple[str, str]]:
        """A database's numbers of streams: issuer and name; empty elsewhere."""

    def heads(self) -> Iterator[HeadRow]:
        """Checkpoints by size, then epoch."""

    def equivocations(self) -> Iterator[tuple[int, bytes]]:
        """Second statements that were refused and kept: index of the first, bytes of the second."""

    def refused(self) -> Iterator[RefusedRow]:
        """What contracts finally refused."""

    def locator(self) -> Locator:
        """How another process opens it."""


class Locator(Protocol):
    """Opens the log's evidence in another process; can be pickled."""

    def open(self) -> AbstractContextManager[LogEvidence]:
        """The same evidence again."""


class ChainLocator(Protocol):
    """Opens the chain's evidence in another thread or process; can be pickled."""

    def open(self) -> AbstractContextManager[ChainEvidence]:
        """The same evidence again."""


class ChainEvidence(Protocol):
    """The chain's part: what the projection asks a node for, and the raw answers that blocks are checked by."""

    def head(self) -> Block:
        """The newest block."""

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """The header at a number."""

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """The headers at those numbers, in their order."""

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """Events of ``addresses`` in blocks ``first`` to ``last``, both included, in chain order."""

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        """Headers as JSON-RPC objects, in order."""

    def raw_receipts(self, number: int) -> list[Mapping[str, Any]] | None:
        """All receipts of a block as JSON-RPC objects, in order; None where they are not kept."""

    def locator(self) -> ChainLocator:
        """How another thread or process opens it."""
