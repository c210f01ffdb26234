"""Rows of a meter file whose numbers were declared lost: nothing enters there any more (DOMAIN 43)."""

from __future__ import annotations

from collections.abc import Sequence

from tanlu.client import Client, Stream
from tanlu.errors import InputRefused
from tanlu.holes import Numbering
from tanlu.readings import MeterRow


def require_not_lost(
    client: Client,
    place: tuple[str, str],
    numbering: Numbering,
    rows: Sequence[MeterRow],
    *,
    first: int,
    state: Stream,
) -> None:
    """Refuse a file one of whose rows stands at a lost number of `place`, issuer and stream, when the first stands at
    seq `first`. Raises InputRefused (``import.lost``), and what Client raises."""
    issuer, stream = place
    offsets = numbering.offsets
    last = min(state.last_seq, first + offsets[-1])
    if last < first:
        return
    if client.coverage(issuer, stream, first, last).lost == 0:
        return
    # All of them: an answer about a range names a thousand at most, and open ones may come first.
    here = (found for found in client.gaps(issuer, state="lost") if found.stream == stream)
    hit = (
        (found, position)
        for found in here
        if (position := numbering.below(found.first_seq - first)) < numbering.below(found.last_seq + 1 - first)
    )
    lost, position = next(hit, (None, 0))
    if lost is None:  # numbers that were left open for missing readings
        return
    seq, line = first + offsets[position], rows[position].line
    raise InputRefused(
        rule="import.lost",
        value=f"line {line}, seq {seq}",
        expected="rows whose places were not declared lost; those below and above as files of their own, "
        "with --first-seq",
        message=f"Seqs {lost.first_seq} to {lost.last_seq} of {stream} were declared lost by entry "
        f"{lost.entry_index} ({lost.reason}); line {line} cannot be logged there, and nothing was sent",
        message_zh=f"第 {lost.entry_index} 条记录已声明 {stream} 第 {lost.first_seq} 至 "
        f"{lost.last_seq} 号缺失；第 {line} 行无法入账，未发送任何数据",
    )
