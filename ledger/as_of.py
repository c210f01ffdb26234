"""Which block an answer about units is as of: a statement without it could not be held against the chain (law 5)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.rpc import BlockRef
from ledger.db.account_queries import AccountRepository
from ledger.errors import OutOfRange


@dataclass(frozen=True, slots=True)
class AsOf:
    """A block that was read, by number.

    ``hash`` None: the store keeps none, since nothing of our contracts happened in it. ``final``: it cannot be
    forgotten any more. ``unchanged_since``: the last block up to it in which something of theirs happened, whose hash
    is always kept: the answer is as of that one too. ``read_at``: when the chain was last read to its head (unix
    seconds), None while what is known is not whole.
    """

    number: int
    hash: bytes | None
    final: bool
    unchanged_since: BlockRef | None
    read_at: int | None


def as_of(accounts: AccountRepository, block: int | None) -> AsOf | None:
    """The block that was asked for, the head where none was; None where no chain was read.

    Raises ``OutOfRange`` (``accounts.block``) for a block that was not read.
    """
    head = accounts.head()
    if head is None or (block is not None and not 0 <= block <= head.number):
        if block is None:
            return None
        raise OutOfRange(
            "The chain was not read up to this block.",
            rule="accounts.block",
            value=block,
            expected="no block: no chain was read" if head is None else f"0 to {head.number}",
            message_zh="尚未读取到该区块。",
        )
    number = head.number if block is None else block
    return AsOf(
        number=number,
        hash=head.hash if number == head.number else accounts.block_hash(number),
        final=head.final_number is not None and number <= head.final_number,
        unchanged_since=accounts.last_event(number),
        read_at=accounts.read_at(),
    )
