"""A time on the command line: a day in China, or an instant."""

from __future__ import annotations

import click

from attestation.errors import AttestationError
from attestation.instants import parse_date, parse_instant, start_of_day

_DAY = 86_400


class Moment(click.ParamType[int]):
    """A day in China (``2025-03-31``) or an instant, as unix seconds; of a day its first or its last second."""

    name = "time"

    def __init__(self, *, ends: bool) -> None:
        self._ends = ends

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See ``click.ParamType``."""
        if isinstance(value, int):
            return value
        try:
            if "T" in str(value):
                return parse_instant(str(value))
            return start_of_day(parse_date(str(value))) + (_DAY - 1 if self._ends else 0)
        except AttestationError:
            self.fail(f"{value} is no day (2025-03-31) and no instant. 不是日期或时刻。", param, ctx)


at = click.option(
    "--at",
    type=Moment(ends=True),
    metavar="TIME",
    help="As of this instant (RFC 3339) or the end of this day in China, by the last block until then. 截至时刻",
)
"""The option ``--at``."""
