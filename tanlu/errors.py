"""The errors of the client side.

::

    TanluError
    ├── InputRefused            a file, an option or a key that cannot be used as given
    │   ├── ReadingsRefused     rows of a meter file; names every bad line
    │   └── ImportRefused       the service refused a row; names the line, carries the problem
    ├── RefusedByService        the service's answer is a refusal; carries the RFC 9457 problem
    ├── OperationRefused        a contract finally refused what a logged statement asked of it
    ├── EntryFlagged            the log says of an entry that its key was compromised by then; carries the receipt
    ├── ServiceUnavailable      retryable: not reached, or 503, until the client's patience ended
    └── PromiseBroken           integrity: the answer contradicts what was sent or what was promised; evidence is kept
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attestation.errors import shorten

if TYPE_CHECKING:
    from ledger.errors import ReceiptRefused


class TanluError(Exception):
    """An error with ``rule`` (stable dotted code), ``value``, ``expected``, and the text in English and Chinese.

    ``expected_zh``: the same in Chinese where it is more than names and numbers; the Chinese text says it.
    """

    def __init__(
        self, *, rule: str, value: object, expected: object, message: str, message_zh: str, expected_zh: str = ""
    ) -> None:
        super().__init__(message)
        if expected_zh:
            message_zh = f"{message_zh}；应为：{expected_zh}"
        self.rule = rule
        self.value = shorten(value)
        self.expected = shorten(expected)
        self.message = message
        self.message_zh = message_zh

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members, as `--json` prints them."""
        return {
            "rule": self.rule,
            "value": self.value,
            "expected": self.expected,
            "message": self.message,
            "message_zh": self.message_zh,
        }


class InputRefused(TanluError):
    """Something given to the client cannot be used; nothing was sent."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a meter file that cannot become a reading: physical line (the header is line 1), and why."""

    line: int
    column: str
    value: str
    rule: str
    expected: str

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members."""
        return {
            "line": self.line,
            "column": self.column,
            "value": self.value,
            "rule": self.rule,
            "expected": self.expected,
        }


class ReadingsRefused(InputRefused):
    """A meter file with bad rows; ``rows`` names each of them."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        first = rows[0]
        super().__init__(
            rule=first.rule,
            value=first.value,
            expected=first.expected,
            message=f"Line {first.line}, column {first.column}: {first.value!r}, expected {first.expected}; "
            f"{len(rows)} bad in all, nothing was sent",
            message_zh=f"第 {first.line} 行 {first.column} 列的值 {first.value!r} 无效；"
            f"共 {len(rows)} 行有误，未发送任何数据",
        )
        self.rows = tuple(rows)

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with every bad row."""
        return super().as_dict() | {"rows": [row.as_dict() for row in self.rows]}


class ImportRefused(InputRefused):
    """The service refused a reading of an import. ``line`` is the file's line, ``seq`` the place in the stream,
    ``problem`` the problem document, ``count`` how many were refused with it; the lines before are in the log."""

    def __init__(self, line: int, seq: int, problem: Mapping[str, object], count: int) -> None:
        super().__init__(
            rule=str(problem.get("rule", "import.refused")),
            value=problem.get("value", ""),
            expected=problem.get("expected", ""),
            message=f"Line {line} (seq {seq}) was refused: {problem.get('detail', '')}",
            message_zh=f"第 {line} 行（序号 {seq}）被拒绝：{problem.get('message_zh', '')}",
        )
        self.line = line
        self.seq = seq
        self.count = count
        self.problem = dict(problem)

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with line, seq, count and problem."""
        return super().as_dict() | {
            "line": self.line,
            "seq": self.seq,
            "count": self.count,
            "problem": self.problem,
        }


class OperationRefused(TanluError):
    """A contract finally refused an operation (``op_id``, hex): its entry stays in the log, no unit moved."""

    def __init__(self, op_id: str, *, rule: str, value: object, message: str, message_zh: str) -> None:
        super().__init__(rule=rule, value=value, expected="", message=message, message_zh=message_zh)
        self.op_id = op_id

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with the operation."""
        return super().as_dict() | {"op_id": self.op_id}


class EntryFlagged(TanluError):
    """The log says, by its own signature, that the key of an entry (or one that brought it) was compromised where it
    signed: the service answered truly, and the entry is not to be relied on. ``receipt``: its bytes, as evidence."""

    def __init__(self, index: int, receipt: bytes, refusal: ReceiptRefused) -> None:
        super().__init__(
            rule=refusal.rule,
            value=refusal.value,
            expected=refusal.expected,
            message=f"Entry {index} is flagged: {refusal.message}",
            message_zh=f"第 {index} 号条目已被标记：{refusal.message_zh}",
        )
        self.index = index
        self.receipt = receipt


class SignInRefused(TanluError):
    """This side refused to sign in: what the service asked to be signed is not meant for it."""


class RefusedByService(TanluError):
    """The service refused. ``status`` is the HTTP status, ``problem`` the problem document (RFC 9457) as it came,
    ``retry_after`` seconds of its ``Retry-After`` header, or 0."""

    def __init__(self, status: int, problem: Mapping[str, object], retry_after: float = 0.0) -> None:
        title = str(problem.get("title") or "refused")
        super().__init__(
            rule=str(problem.get("rule") or problem.get("type") or f"http.{status}"),
            value=problem.get("value", ""),
            expected=problem.get("expected", ""),
            message=str(problem.get("message") or problem.get("detail") or title),
            message_zh=str(problem.get("message_zh") or problem.get("detail_zh") or "服务拒绝了该请求"),
        )
        self.status = status
        self.retry_after = retry_after
        self.problem = dict(problem)

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with status and problem."""
        return super().as_dict() | {"status": self.status, "problem": self.problem}


class ServiceUnavailable(TanluError):
    """The service could not be reached, or said 503, as long as the client was told to try. Try again later."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            rule="service.unavailable",
            value=reason,
            expected=f"an answer from {url}",
            message=f"{url} does not answer: {reason}",
            message_zh=f"服务 {url} 无响应：{reason}",
        )


class PromiseBroken(TanluError):
    """An answer that contradicts the bytes that were sent, or a promise that the log key did not sign.

    ``evidence`` is the file that keeps request and answer, or None while it is not written.
    """

    def __init__(self, *, rule: str, value: object, expected: object, message: str, message_zh: str) -> None:
        super().__init__(rule=rule, value=value, expected=expected, message=message, message_zh=message_zh)
        self.evidence: Path | None = None

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with the evidence file."""
        return super().as_dict() | ({} if self.evidence is None else {"evidence": str(self.evidence)})
