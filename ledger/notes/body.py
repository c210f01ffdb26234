"""The text of a checkpoint (C2SP tlog-checkpoint) with the extension line ``epoch <n>``.

::

    park.example/log/<deployment id, 64 hex>
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    epoch 1
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from ledger.merkle.hashing import HASH_SIZE, MAX_SIZE
from ledger.notes.note import malformed, strict_base64

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_EPOCH: Final = "epoch "
MAX_ORIGIN: Final = 1024


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, tree size (0 to 2^63 − 1), root (32 bytes) and epoch (None: the note has no such line)."""

    origin: str
    size: int
    root: bytes
    epoch: int | None = None

    def __post_init__(self) -> None:
        if not self.origin or len(self.origin) > MAX_ORIGIN or any(character < " " for character in self.origin):
            raise malformed("checkpoint.origin", self.origin, f"1 to {MAX_ORIGIN} characters on one line")
        for rule, number in (("checkpoint.size", self.size), ("checkpoint.epoch", self.epoch)):
            if number is not None and not 0 <= number <= MAX_SIZE:
                raise malformed(rule, number, f"0 to {MAX_SIZE}")
        if len(self.root) != HASH_SIZE:
            raise malformed("checkpoint.root", self.root, f"{HASH_SIZE} bytes")

    def marshal(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.epoch is not None:
            lines.append(f"{_EPOCH}{self.epoch}")
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint in a note's text; only the spelling of ``marshal`` passes. Raises ``NoteMalformed``.

        The only extension line understood is ``epoch``: another one could say what no verifier here would see.
        """
        lines = text.split("\n")
        if lines[-1] != "" or not 4 <= len(lines) <= 5:
            raise malformed("checkpoint.lines", text, "origin, size, root, epoch; each ends in a newline")
        size = parse_decimal(lines[1], "checkpoint.size")
        root = strict_base64(lines[2], "checkpoint.root")
        epoch = None
        if len(lines) == 5:
            if not lines[3].startswith(_EPOCH):
                raise malformed("checkpoint.extension", lines[3], "epoch <n>")
            epoch = parse_decimal(lines[3].removeprefix(_EPOCH), "checkpoint.epoch")
        return cls(lines[0], size, root, epoch)


def parse_decimal(text: str, rule: str) -> int:
    """ASCII decimal without leading zeros, 0 to 2^63 − 1. Raises ``NoteMalformed`` with ``rule``."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise malformed(rule, text, f"decimal without leading zeros, at most {MAX_SIZE}")
    return int(text)
