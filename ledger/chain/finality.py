"""Which block cannot be forgotten any more.

Anvil keeps its chain in memory and forgets what no saved state contains: there a block is final when the state file
that the node's supervisor saved last contains it. Elsewhere the consensus says so (``finalized``) or a depth must do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ledger.chain.errors import FinalityUnknown
from ledger.chain.rpc import BlockRef, Rpc

_HASH_BYTES = 32


class Finality(Protocol):
    """Says which block is final on a chain."""

    def final_block(self, rpc: Rpc) -> BlockRef | None:
        """The newest final block *of the chain that ``rpc`` shows*, ``None`` if nothing is final."""


@dataclass(frozen=True, slots=True)
class AnvilState:
    """Final is what the last crash-safe save contains.

    ``sidecar`` is the JSON file {``number``, ``hash``} that the supervisor writes after each save. A chain that does
    not have that block (it went back to genesis, or forked below) has nothing final. A file that cannot be read or is
    no such record says nothing: ``FinalityUnknown``, until the next save replaces it.
    """

    sidecar: Path

    def final_block(self, rpc: Rpc) -> BlockRef | None:
        """See :class:`Finality`."""
        try:
            saved = _parse_sidecar(self.sidecar.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise FinalityUnknown(
                "the record of the last saved chain state cannot be used",
                rule="finality.sidecar",
                value=f"{self.sidecar}: {error}",
                expected="{number, hash} of a block",
                message_zh="链状态保存记录无法使用",
            ) from error
        block = rpc.block(saved.number)
        return saved if block is not None and block.hash == saved.hash else None


@dataclass(frozen=True, slots=True)
class FinalizedTag:
    """Final is what the node calls ``finalized``."""

    def final_block(self, rpc: Rpc) -> BlockRef | None:
        """See :class:`Finality`."""
        block = rpc.block("finalized")
        return None if block is None else block.ref


@dataclass(frozen=True, slots=True)
class Confirmations:
    """Final is what has ``depth`` blocks above it; 0 where blocks are final when they appear (QBFT)."""

    depth: int

    def __post_init__(self) -> None:
        if self.depth < 0:
            raise ValueError(f"confirmations must be at least 0, got {self.depth}")

    def final_block(self, rpc: Rpc) -> BlockRef | None:
        """See :class:`Finality`."""
        head = rpc.head()
        if head.number < self.depth:
            return None
        block = head if self.depth == 0 else rpc.block(head.number - self.depth)
        return None if block is None else block.ref


def finality_from_setting(text: str) -> Finality:
    """Parse ``anvil-state:<path>``, ``finalized`` or ``confirmations:<n>``; raises ``ValueError`` naming the text."""
    name, separator, argument = text.partition(":")
    if name == "anvil-state" and argument:
        return AnvilState(Path(argument))
    if name == "finalized" and not separator:
        return FinalizedTag()
    if name == "confirmations" and argument.isascii() and argument.isdecimal():
        return Confirmations(int(argument))
    raise ValueError(f"finality {text!r}: expected anvil-state:<path>, finalized or confirmations:<n>")


def _parse_sidecar(data: bytes) -> BlockRef:
    try:
        raw = json.loads(data)
        number, digest = raw["number"], bytes.fromhex(str(raw["hash"]).removeprefix("0x"))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not {{number, hash}}: {data[:80]!r}") from error
    if not isinstance(number, int) or isinstance(number, bool) or number < 0 or len(digest) != _HASH_BYTES:
        raise ValueError(f"not {{number, hash}}: {data[:80]!r}")
    return BlockRef(number, digest)
