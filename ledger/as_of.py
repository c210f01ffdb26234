"""Which block an answer about units is as of: a statement without it could not be held against the chain (law 5)."""

from __future__ import annotations

from dataclasses import dataclass

from attestation.instants import format_instant
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


def block_at(accounts: AccountRepository, at: int) -> int:
    """The block by which an instant (unix seconds) is answered: the last one with an event of our contracts that was
    made at it or before. What comes later changed nothing until then.

    Raises ``OutOfRange`` (``accounts.at``) for an instant before the first of them, and for one up to which the chain
    was not read: another block may still belong before it.
    """
    known, read_at = accounts.times(), accounts.read_at()
    until = None if known is None else max(known[1], read_at or 0)
    found = accounts.block_at(at) if until is not None and at <= until else None
    if found is None:
        shown = "no instant: no chain was read"
        shown_zh = "尚未读取任何区块"
        if known is not None and until is not None:
            first, last = format_instant(known[0]), format_instant(until)
            shown, shown_zh = f"{first} to {last}", f"{first} 至 {last}"
        raise OutOfRange(
            "At this instant the chain had nothing of ours, or was not read yet.",
            rule="accounts.at",
            value=format_instant(at),
            expected=shown,
            message_zh=f"该时刻链上尚无本账本的区块，或尚未读取到该时刻：{shown_zh}。",
        )
    return found


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
