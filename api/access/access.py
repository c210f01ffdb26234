"""All of access for one process: proving, sessions, rights, limits, the log of reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from api.access.limits import Buckets, Rate, Slots
from api.access.proving import Proving
from api.access.reads import ReadLog
from api.access.rights import Rights
from api.access.sessions import Sessions
from attestation.keys import PrivateKey
from ledger.context import LogParameters
from ledger.db.base import Database

_BURST_SECONDS = 10
_LONG_READS_EACH, _LONG_READS = 1, 32
"""Reads that take seconds, of one body and of all: who asks for one after the other lets others in between."""


@dataclass(frozen=True, slots=True)
class AccessLimits:
    """``token_seconds``: a token's life. One caller: requests per second, lines per minute, bulk requests and event
    streams at once (``…_each``). An address that is not signed in: requests per second; signed in or not: applications
    per hour. All together: bulk requests and event streams at once (``…_all``)."""

    token_seconds: int = 900
    requests_per_s: int = 200
    anonymous_per_s: int = 100
    lines_per_min: int = 1_000_000
    bulk_each: int = 2
    bulk_all: int = 8
    applications_per_hour: int = 60
    streams_each: int = 8
    streams_all: int = 1_000


class Access:
    """Made once per process. ``audience``: the service's public URL."""

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        log_key: PrivateKey,
        *,
        audience: str,
        limits: AccessLimits | None = None,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = limits or AccessLimits()
        self.limits = limits
        self.database = database
        self.registrar = parameters.registrar_identifier
        self.clock = clock
        self.proving = Proving(database, parameters, log_key.raw, audience=audience, clock=clock)
        self.sessions = Sessions(database, parameters, seconds=limits.token_seconds, clock=clock, ticks=ticks)
        self.rights = Rights(database, clock, ticks)
        self.reads = ReadLog(database)
        self.requests = Buckets(_per_second(limits.requests_per_s), ticks)
        self.anonymous = Buckets(_per_second(limits.anonymous_per_s), ticks)
        self.lines = Buckets(Rate(limits.lines_per_min / 60, limits.lines_per_min), ticks)
        hourly = limits.applications_per_hour
        self.applications = Buckets(Rate(hourly / 3_600, hourly), ticks)
        self.bulk = Slots(limits.bulk_each, limits.bulk_all, "access.bulk_requests")
        self.streams = Slots(limits.streams_each, limits.streams_all, "feed.streams")
        self.long_reads = Slots(_LONG_READS_EACH, _LONG_READS, "access.long_reads")

    def close(self) -> None:
        """Write what waits to be written."""
        self.reads.close()


def _per_second(number: int) -> Rate:
    return Rate(number, number * _BURST_SECONDS)
