"""Lines of an archive's members: the same bytes whether an archive, a mirror or the service writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

import msgspec

from ledger.archive.layout import EntryLine, EquivocationLine, HeadLine, RefusedLine
from ledger.audit.evidence import EntryRow, HeadRow, RefusedRow

_encoder: Final = msgspec.json.Encoder()


class Recorded(Protocol):
    """As much of a log's evidence as an archive has of it (``ledger.audit.evidence.LogEvidence``)."""

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        """Entries ``first`` to ``last``, the last one included, in order."""

    def heads(self) -> Iterator[HeadRow]:
        """Checkpoints by size, then epoch."""

    def equivocations(self) -> Iterator[tuple[int, bytes]]:
        """Second statements that were refused and kept: index of the first, bytes of the second."""

    def refused(self) -> Iterator[RefusedRow]:
        """What contracts finally refused."""


def entry_lines(log: Recorded, first: int, last: int) -> list[bytes]:
    """Those of entries ``first`` to ``last``, as many as there are."""
    return [_line(EntryLine(row.index, row.accepted_at, row.entry.decode("ascii"))) for row in log.entries(first, last)]


def head_lines(log: Recorded, size: int) -> bytes:
    """Those of every cosigned checkpoint up to a size."""
    heads = (head for head in log.heads() if head.cosigned and head.size <= size)
    return b"".join(_line(HeadLine(head.epoch, head.size, head.note)) for head in heads if head.note)


def equivocation_lines(log: Recorded, size: int) -> bytes:
    """Those of second statements at the places of the first ``size`` entries."""
    kept = sorted((index, entry.decode("ascii")) for index, entry in log.equivocations() if index < size)
    return b"".join(_line(EquivocationLine(*one)) for one in kept)


def refused_lines(log: Recorded) -> bytes:
    """Those of every operation that a contract finally refused."""
    refused = sorted((one.op_id.hex(), one.kind, one.reason) for one in log.refused())
    return b"".join(_line(RefusedLine(*one)) for one in refused)


def _line(value: msgspec.Struct) -> bytes:
    return _encoder.encode(value) + b"\n"
