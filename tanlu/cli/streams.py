"""``tanlu streams``: where streams stand, and how well they are covered."""

from __future__ import annotations

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client import Stream

_COUNTS = ("device", "backfilled", "manual", "other", "open", "lost", "late")
_HEADER = ("issuer", "stream", "last", "closed until", *_COUNTS)
_HEADER_ZH = ("标识", "数据流", "最高序号", "关闭至", "设备", "补传", "手工", "其他", "缺口", "缺失", "迟到")


@click.command(name="streams")
@asks
def command(*, asking: Asking) -> None:
    """Show the streams of IDENTIFIER and of its devices. 查看数据流

    Without IDENTIFIER: those of the key that signs in. Every number of a stream counts once: a reading by its meter
    (`device`; `backfilled`: more than 40 days after its period), one signed by hand (`manual`), another statement, open
    or lost; `late` readings came after a higher one.
    """
    with asking.open() as (client, about):
        found = list(client.streams(about))
    rows = [_row(one) for one in found]
    console().result(
        {"identifier": about, "streams": msgspec.to_builtins(found)},
        table(_HEADER, rows) if rows else f"{about} has no streams",
        table(_HEADER_ZH, rows) if rows else f"{about} 没有数据流",
    )


def _row(stream: Stream) -> list[object]:
    counts = [0 if stream.coverage is None else getattr(stream.coverage, name) for name in _COUNTS]
    closed = format_instant(stream.closed_until) if stream.closed_seq else "-"
    return [stream.issuer, stream.stream, stream.last_seq, closed, *counts]
