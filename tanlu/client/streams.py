"""What the service says of streams: where they stand, what is open or lost in them, how well they are covered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from tanlu.client.answers import Coverage, CoveredRange, GapRange, Stream, decode
from tanlu.client.evidence import keep
from tanlu.client.keys import NOT_FOUND
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken, RefusedByService

GAPS_PAGE, STREAMS_PAGE = 1_000, 100
"""Ranges, and streams, of one request; the service gives no more at once."""


class _Gaps(msgspec.Struct, frozen=True):
    gaps: tuple[GapRange, ...]
    next: str | None


class _Streams(msgspec.Struct, frozen=True):
    streams: tuple[Stream, ...]
    next: str | None


_PageT = TypeVar("_PageT", _Gaps, _Streams)


class StreamReads:
    """Reads of streams, for those who may read what their issuers signed; raises RefusedByService for others."""

    def __init__(self, transport: Transport, evidence: Path) -> None:
        self._transport = transport
        self._evidence = evidence

    def stream(self, issuer: str, stream: str) -> Stream:
        """Where a stream stands; ``last_seq`` 0 for one without entries."""
        try:
            response = self._transport.request("GET", "/v1/streams", params={"issuer": issuer, "stream": stream})
        except RefusedByService as refused:
            if refused.status == NOT_FOUND:
                return Stream(last_seq=0)
            raise
        found = decode(response.content, Stream)
        if found.coverage is not None:
            self._check(found.coverage, response.text)
        return found

    def streams(self, issuer: str, *, page: int = STREAMS_PAGE) -> Iterator[Stream]:
        """The streams of an identifier and of its devices, by issuer and name, ``page`` streams a request; without
        their gaps."""
        for text, found in self._pages("/v1/streams", {"issuer": issuer, "limit": page}, _Streams):
            for each in found.streams:
                if each.coverage is not None:
                    self._check(each.coverage, text)
            yield from found.streams

    def gaps(
        self, issuer: str, *, state: Literal["open", "lost"] | None = None, page: int = GAPS_PAGE
    ) -> Iterator[GapRange]:
        """Open and lost ranges of the streams of an identifier and of its devices, by issuer, stream and seq, ``page``
        ranges a request; ``state``: only those."""
        asked: dict[str, str | int] = {"issuer": issuer, "limit": page}
        for _, found in self._pages("/v1/gaps", asked if state is None else asked | {"state": state}, _Gaps):
            yield from found.gaps

    def coverage(self, issuer: str, stream: str, first_seq: int = 1, last_seq: int | None = None) -> CoveredRange:
        """What stands at a stream's seqs, both ends included; up to the highest where no ``last_seq`` is given.

        Raises RefusedByService with status 404 for a stream without entries (``streams.unknown``) and for a range that
        it does not have (``coverage.range``).
        """
        asked: dict[str, str | int] = {"issuer": issuer, "stream": stream, "first_seq": first_seq}
        response = self._transport.request(
            "GET", "/v1/streams/coverage", params=asked if last_seq is None else asked | {"last_seq": last_seq}
        )
        found = decode(response.content, CoveredRange)
        self._check(found, response.text)
        if found.first_seq != first_seq or last_seq not in {None, found.last_seq}:
            raise self._broken("answer.range", f"{found.first_seq} to {found.last_seq}", asked, response.text)
        return found

    def _pages(self, path: str, params: dict[str, str | int], kind: type[_PageT]) -> Iterator[tuple[str, _PageT]]:
        seen: set[str] = set()
        while True:
            response = self._transport.request("GET", path, params=params)
            found = decode(response.content, kind)
            yield response.text, found
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next in seen:
                raise self._broken("answer.page", found.next, "the cursor of another page", response.text)
            seen.add(found.next)
            params = params | {"after": found.next}

    def _check(self, coverage: Coverage, text: str) -> None:
        readings = coverage.device + coverage.backfilled + coverage.manual
        whole = readings + coverage.other + coverage.open + coverage.lost
        if whole != coverage.last_seq - coverage.first_seq + 1 or coverage.late > readings:
            wanted = f"the seqs {coverage.first_seq} to {coverage.last_seq}, each once"
            raise self._broken("answer.coverage", f"{whole} seqs, {coverage.late} readings late", wanted, text)

    def _broken(self, rule: str, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=rule,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {rule}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
