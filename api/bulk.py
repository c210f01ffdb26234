"""The bulk route's work: a stream of bytes becomes lines, chunks, durable entries and an answer per line.

The answer is kept until the whole body was read, since ordinary clients read nothing before they have sent everything:
an answer sent meanwhile would fill the connection's buffers and both sides would wait for ever. It goes to a temporary
file beyond a few megabytes, so that memory stays flat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.access.refusals import too_much
from api.bodies import NDJSON_TYPES, declared_length, ended, require_media_type
from api.deps import Limits, Service
from api.errors import headers_of, problem_of, status_of
from api.problems import Refused
from attestation.errors import AttestationError
from attestation.refusals import refuse
from attestation.statements import MAX_ENTRY_BYTES
from ledger.errors import Retryable
from ledger.log import Accepted, Examination, Log

MAX_LINE_BYTES = MAX_ENTRY_BYTES + len(b'""\r')
"""A compact JWS needs no escapes in JSON."""

_SPOOL_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
_text = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()


class BulkResponse(StreamingResponse):
    """The spooled answer; its file is closed however the sending ends, also if the client is gone before it begins."""

    def __init__(self, bulk: Bulk) -> None:
        super().__init__(bulk.pieces(), media_type=NDJSON_TYPES[0])
        self._answer = bulk.answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it and close the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._answer.close()


class LineSplitter:
    """Bytes in pieces become lines. A line above ``MAX_LINE_BYTES`` is dropped while it comes and yields None."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._overlong = False

    def feed(self, piece: bytes) -> Iterator[bytes | None]:
        """The lines that end in ``piece``."""
        first, *others = piece.split(b"\n")
        self._keep(first)
        if not others:
            return
        yield self._take()
        for line in others[:-1]:
            yield line if len(line) <= MAX_LINE_BYTES else None
        self._keep(others[-1])

    def end(self) -> Iterator[bytes | None]:
        """The last line, when the body does not end with a line end."""
        if self._overlong or self._rest:
            yield self._take()

    def _keep(self, part: bytes) -> None:
        if not self._overlong:
            self._rest += part
            self._overlong = len(self._rest) > MAX_LINE_BYTES
        if self._overlong:
            self._rest.clear()

    def _take(self) -> bytes | None:
        line = None if self._overlong else bytes(self._rest)
        self._rest.clear()
        self._overlong = False
        return line


@dataclass(slots=True)
class Bulk:
    """One bulk request. ``stored`` is the last line that was judged and, unless refused, made durable.

    ``take`` takes lines from the carrier's allowance, or says how many seconds they have to wait.
    """

    log: Log
    limits: Limits
    take: Callable[[float], float]
    answer: IO[bytes] = field(default_factory=lambda: SpooledTemporaryFile(max_size=_SPOOL_BYTES))  # noqa: SIM115 - closed when sent
    stored: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    _splitter: LineSplitter = field(default_factory=LineSplitter)
    _waiting: list[bytes | None] = field(default_factory=list)
    _given: int = 0
    _writing: asyncio.Task[None] | None = None

    async def run(self, request: Request, service: Service) -> None:
        """Read, judge and store the whole body.

        Raises Refused with ``last_stored_line`` when the request ends badly.
        """
        require_media_type(request, NDJSON_TYPES)
        declared = declared_length(request)
        if declared is not None and declared > self.limits.max_bytes:
            raise self._too_many_bytes(declared)
        try:
            await self._read(request, service, declared)
        finally:
            # Whatever ended the request: what is being written is in the answer, and in `last_stored_line`.
            await self._written()
        self._write({"summary": self.summary()})

    async def _read(self, request: Request, service: Service, declared: int | None) -> None:
        size = 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > self.limits.max_bytes:
                    await self._written()
                    raise self._too_many_bytes(size)
                await self._take(self._splitter.feed(piece), service)
        except ClientDisconnect as gone:
            await self._written()
            raise self._truncated(gone, size, declared) from None
        if declared is not None and size < declared:
            await self._written()
            raise self._truncated(ClientDisconnect(), size, declared)
        await self._take(self._splitter.end(), service)
        await self._store(service)

    def summary(self) -> dict[str, int]:
        """The counts of the answer's last line."""
        return {
            "lines": self.stored,
            "accepted": self.accepted,
            "repeated": self.repeated,
            "refused": self.refused,
            "last_stored_line": self.stored,
        }

    def pieces(self) -> Iterator[bytes]:
        """The answer, to be sent."""
        self.answer.seek(0)
        while piece := self.answer.read(_PIECE_BYTES):
            yield piece

    async def _take(self, lines: Iterable[bytes | None], service: Service) -> None:
        for line in lines:
            if self._given + len(self._waiting) >= self.limits.max_lines:
                await self._store(service)
                await self._written()
                raise self._too_many_lines()
            self._waiting.append(line)
            if len(self._waiting) >= self.limits.chunk_lines:
                await self._store(service)

    async def _store(self, service: Service) -> None:
        if not self._waiting:
            return
        wait = self.take(len(self._waiting))
        if wait:
            await self._written()
            lines = f"{self.stored + len(self._waiting)} lines in this request"
            raise too_much("access.lines", lines, "fewer lines per minute", wait, last_stored_line=self.stored)
        lines_read, self._waiting = self._waiting, []
        self._given += len(lines_read)
        # While one chunk is written the next is read and examined; a third waits in the connection.
        examined = await service.read(self._examine, lines_read)
        await self._written()
        self._writing = asyncio.create_task(service.write(self._settle, *examined))

    async def _written(self) -> None:
        """Wait for the chunk that is being written."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            await asyncio.shield(writing)
        except Retryable as error:
            raise Refused(
                status_of(error),
                error.rule,
                error.value,
                error.expected,
                (error.message, error.message_zh),
                headers=headers_of(error),
                last_stored_line=self.stored,
            ) from error

    def _examine(self, lines: list[bytes | None]) -> tuple[list[bytes | AttestationError], Examination]:
        """Form and signatures of one chunk. Runs in a thread."""
        read = [_entry(line) for line in lines]
        return read, self.log.examine([entry for entry in read if isinstance(entry, bytes)])

    def _settle(self, read: list[bytes | AttestationError], examination: Examination) -> None:
        """Judge one chunk in one transaction and write its answers. Runs in a thread."""
        batch = self.log.settle(examination)
        outcomes = iter(batch.outcomes)
        first = self.stored + 1
        for number, entry in enumerate(read, first):
            outcome = next(outcomes) if isinstance(entry, bytes) else entry
            if isinstance(outcome, Accepted):
                self._write_accepted(number, outcome)
            else:
                error = outcome if isinstance(outcome, AttestationError) else outcome.error
                self.refused += 1
                self._write({"line": number, "status": "refused", "problem": problem_of(error)})
        self.stored += len(read)
        if batch.promise is not None:
            self._write({"promise": batch.promise, "first_line": first, "last_line": self.stored})

    def _write_accepted(self, number: int, outcome: Accepted) -> None:
        if outcome.repeated:
            self.repeated += 1
        else:
            self.accepted += 1
        members: dict[str, object] = {
            "line": number,
            "status": "repeated" if outcome.repeated else "accepted",
            "index": outcome.ref.index,
            "statement_id": outcome.ref.statement_id.hex(),
            "leaf_hash": outcome.ref.leaf_hash.hex(),
        }
        if outcome.repeated:
            # Whoever sends again has perhaps never seen the first answer, nor the promise in it.
            members["promise"] = self.log.promise_of(outcome)
        if outcome.opens_gap is not None:
            members["opens_gap"] = outcome.opens_gap
        self._write(members)

    def _write(self, members: dict[str, object]) -> None:
        self.answer.write(_encoder.encode(members) + b"\n")

    def _too_many_lines(self) -> Refused:
        return Refused(
            413,
            "bulk.lines",
            f"more than {self.limits.max_lines} lines",
            f"at most {self.limits.max_lines} lines",
            (
                f"A bulk request has at most {self.limits.max_lines} lines; lines 1 to {self.stored} were judged.",
                f"批量请求最多 {self.limits.max_lines} 行；第 1 至 {self.stored} 行已处理。",
            ),
            last_stored_line=self.stored,
        )

    def _too_many_bytes(self, size: int) -> Refused:
        return Refused(
            413,
            "bulk.bytes",
            f"{size} bytes or more",
            f"at most {self.limits.max_bytes} bytes",
            (
                f"A bulk request has at most {self.limits.max_bytes} bytes; lines 1 to {self.stored} were judged.",
                f"批量请求最多 {self.limits.max_bytes} 字节；第 1 至 {self.stored} 行已处理。",
            ),
            last_stored_line=self.stored,
        )

    def _truncated(self, gone: ClientDisconnect, size: int, declared: int | None) -> Refused:
        kept = f"lines 1 to {self.stored} were judged", f"第 1 至 {self.stored} 行已处理"
        return ended(gone, "bulk.truncated", size, declared, kept, last_stored_line=self.stored)


def _entry(line: bytes | None) -> bytes | AttestationError:
    """The compact JWS in one line, or why there is none."""
    if line is None:
        return refuse("entry.size", f"a line of more than {MAX_LINE_BYTES} bytes")
    try:
        return _text.decode(line).encode()
    except (msgspec.MsgspecError, UnicodeError):
        return refuse("entry.parts", line, "a line that is a JSON string with one compact JWS")
