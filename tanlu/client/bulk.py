"""Bulk submission: NDJSON out, one result per line back, every promise checked before it counts.

A request holds some thousand lines; the service makes them durable in smaller chunks and promises each. When the
connection is lost, whatever no promise has confirmed is sent again: what was durable after all comes back as
`repeated`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from attestation.statements import MAX_ENTRY_BYTES
from tanlu.client.answers import BulkChunk, BulkResult, Gap, LineResult, decode
from tanlu.client.promises import PromiseChecker, check_leaf
from tanlu.client.transport import Interrupted, Patience, Transport
from tanlu.errors import InputRefused, PromiseBroken

PATH = "/v1/statements/bulk"
MEDIA_TYPE = "application/x-ndjson"
REQUEST_LINES = 2_000
"""Lines of one request. The service takes 100,000 and answers when it has read them all; fewer show progress sooner and
leave less to repeat after a lost connection."""
REQUEST_BYTES = 8 * 1024 * 1024

Line = tuple[int, bytes]
OnChunk = Callable[[BulkChunk], None]


class _Answer(msgspec.Struct, frozen=True):
    """One line of the answer: a result (``line``), a promise over the accepted lines before it, or the summary."""

    line: int | None = None
    status: str = ""
    index: int | None = None
    leaf_hash: str | None = None
    opens_gap: Gap | None = None
    problem: dict[str, Any] | None = None
    promise: str | None = None
    summary: dict[str, Any] | None = None


@dataclass
class _Pending:
    """Lines of one request that no finished chunk has confirmed, by their number in the request."""

    lines: list[Line]
    results: list[LineResult] = field(default_factory=list)
    done: int = 0

    def entry(self, line: int) -> Line:
        place = line - 1
        if place != self.done + len(self.results) or place >= len(self.lines):
            raise PromiseBroken(
                rule="answer.line",
                value=line,
                expected=self.done + len(self.results) + 1 if place >= 0 else "1 or more",
                message="The answer's lines are not those that were sent, in their order",
                message_zh="应答的行与发送的行不对应",
            )
        return self.lines[place]


class BulkSender:
    """Sends statements through one transport; `checker` is None without a trust file.

    `confirm_repeated(index, entry)` gives the log's bytes of the same statement where they differ (another signature
    over the same signing input).
    """

    def __init__(
        self,
        transport: Transport,
        checker: PromiseChecker | None,
        confirm_repeated: Callable[[int, bytes], bytes],
        *,
        request_lines: int = REQUEST_LINES,
    ) -> None:
        self._transport = transport
        self._checker = checker
        self._confirm_repeated = confirm_repeated
        self._request_lines = request_lines

    def send(self, statements: Iterable[bytes], on_chunk: OnChunk | None) -> BulkResult:
        """Send all of them, calling `on_chunk` after each chunk that is durable and checked.

        Raises PromiseBroken, RefusedByService (of a whole request) and ServiceUnavailable; refused lines do not raise.
        """
        accepted = repeated = 0
        refused: list[LineResult] = []
        for request in _requests(statements, self._request_lines):
            for chunk in self._send_request(request):
                for result in chunk.results:
                    accepted += result.status == "accepted"
                    repeated += result.status == "repeated"
                    if result.status == "refused":
                        refused.append(result)
                if on_chunk is not None:
                    on_chunk(chunk)
        return BulkResult(accepted=accepted, repeated=repeated, refused=tuple(refused))

    def _send_request(self, lines: list[Line]) -> Iterator[BulkChunk]:
        patience = self._transport.begin()
        while lines:
            pending = _Pending(lines)
            try:
                for chunk in self._attempt(pending):
                    # Progress earns new patience: only standing still uses it up.
                    patience = self._transport.begin()
                    yield chunk
                return
            except Interrupted as interruption:
                lines = pending.lines[pending.done :]
                _wait(patience, interruption)

    def _attempt(self, pending: _Pending) -> Iterator[BulkChunk]:
        body = b"".join(b'"' + entry + b'"\n' for _, entry in pending.lines)
        with self._transport.stream(PATH, body, MEDIA_TYPE) as answer:
            for text in answer:
                if not text:
                    continue
                item = decode(text.encode(), _Answer)
                if item.line is not None:
                    pending.results.append(self._result(item, item.line, pending))
                elif item.summary is not None:
                    yield from self._finish(pending)
                    return
                elif item.promise is not None:
                    yield self._chunk(pending, item.promise)
        raise Interrupted("the answer ended early", 0.0)

    def _finish(self, pending: _Pending) -> Iterator[BulkChunk]:
        if pending.results:
            yield self._chunk(pending, None)
        if pending.done != len(pending.lines):
            raise PromiseBroken(
                rule="answer.lines",
                value=pending.done,
                expected=len(pending.lines),
                message="The answer does not name every line that was sent",
                message_zh="应答未涵盖全部发送的行",
            )

    def _result(self, item: _Answer, number: int, pending: _Pending) -> LineResult:
        line, entry = pending.entry(number)
        if item.status == "accepted":
            check_leaf(entry, item.leaf_hash)
        elif item.status not in {"repeated", "refused"}:
            raise PromiseBroken(
                rule="answer.status",
                value=item.status,
                expected="accepted, repeated or refused",
                message="The answer gives a line no known status",
                message_zh="应答的行状态未知",
            )
        return LineResult(
            line=line,
            status=item.status,
            index=item.index,
            leaf_hash=item.leaf_hash,
            opens_gap=item.opens_gap,
            promise=item.promise,
            problem=item.problem,
        )

    def _chunk(self, pending: _Pending, promise: str | None) -> BulkChunk:
        results = tuple(pending.results)
        sent = pending.lines[pending.done : pending.done + len(results)]
        leaves: dict[int, bytes] = {}
        for result, (_, entry) in zip(results, sent, strict=True):
            if result.status == "refused":
                continue
            if result.index is None:
                raise _no_index(result)
            if result.status == "accepted":
                leaves[result.index] = check_leaf(entry, result.leaf_hash)
            else:
                self._check_repeated(result, result.index, entry)
        if leaves and promise is None:
            raise PromiseBroken(
                rule="answer.promise",
                value="none",
                expected=f"a promise over {len(leaves)} accepted entries",
                message="Entries were accepted without a promise",
                message_zh="记录已受理但没有承诺",
            )
        if promise is not None and self._checker is not None:
            self._checker.check(promise, leaves)
        pending.done += len(results)
        pending.results.clear()
        return BulkChunk(results=results, promise=promise)

    def _check_repeated(self, result: LineResult, index: int, entry: bytes) -> None:
        try:
            leaf = check_leaf(entry, result.leaf_hash)
        except PromiseBroken:
            leaf = check_leaf(self._confirm_repeated(index, entry), result.leaf_hash)
        if self._checker is None:
            return
        if result.promise is None:
            raise PromiseBroken(
                rule="answer.promise",
                value="none",
                expected=f"a promise over entry {index}",
                message="A statement was said to be in the log already, without a promise for it",
                message_zh="应答称记录早已受理，但没有相应承诺",
            )
        self._checker.check(result.promise, {index: leaf})


def _requests(statements: Iterable[bytes], request_lines: int) -> Iterator[list[Line]]:
    request: list[Line] = []
    size = 0
    for number, entry in enumerate(statements, start=1):
        _check_entry(number, entry)
        if request and (len(request) >= request_lines or size + len(entry) > REQUEST_BYTES):
            yield request
            request, size = [], 0
        request.append((number, entry))
        size += len(entry) + 3
    if request:
        yield request


def _check_entry(number: int, entry: bytes) -> None:
    # The line is put between quotes as it is: it must not be able to end its JSON string.
    if not 1 <= len(entry) <= MAX_ENTRY_BYTES or not entry.isascii() or any(c in entry for c in b'"\\\r\n'):
        raise InputRefused(
            rule="statement.compact",
            value=f"line {number}, {len(entry)} bytes",
            expected=f"a compact JWS of at most {MAX_ENTRY_BYTES} bytes",
            message=f"Statement {number} is no compact JWS",
            message_zh=f"第 {number} 条不是紧凑格式的签名声明",
        )


def _wait(patience: Patience, interruption: Interrupted) -> None:
    patience.wait(interruption.reason, interruption.retry_after)


def _no_index(result: LineResult) -> PromiseBroken:
    return PromiseBroken(
        rule="answer.index",
        value=f"line {result.line}",
        expected="the index of the entry",
        message="The answer gives an accepted line no index",
        message_zh="应答缺少记录序号",
    )
