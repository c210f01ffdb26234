"""Which block an answer about units is as of."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.models import HASH, Answer
from ledger import as_of
from ledger.chain.rpc import BlockRef as Block


class BlockRef(Answer):
    """A block."""

    number: int
    hash: str = Field(pattern=HASH)

    @classmethod
    def of(cls, block: Block) -> Self:
        """From the projection."""
        return cls(number=block.number, hash=block.hash.hex())


class AsOf(Answer):
    """The block that an answer is as of: what the contracts say there is what it says."""

    number: int
    hash: str | None = Field(pattern=HASH, description="Null where no hash of it is kept: nothing happened in it.")
    final: bool = Field(description="The block cannot be forgotten any more.")
    unchanged_since: BlockRef | None = Field(
        description="The last block up to it with an event of our contracts; the answer is as of that one too."
    )
    read_at: int | None = Field(description="When the chain was last read to its head; null while that is not whole.")

    @classmethod
    def of(cls, found: as_of.AsOf | None) -> Self | None:
        """From the log's view; None where no chain was read."""
        if found is None:
            return None
        return cls(
            number=found.number,
            hash=None if found.hash is None else found.hash.hex(),
            final=found.final,
            unchanged_since=None if found.unchanged_since is None else BlockRef.of(found.unchanged_since),
            read_at=found.read_at,
        )
