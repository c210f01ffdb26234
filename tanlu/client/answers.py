"""What the service answers, as types. Hashes are lowercase hex, as on the wire; times are unix seconds.

Members that a newer service adds are ignored; members that are missing or of another type raise `PromiseBroken`
(`answer.format`), because nothing can be checked in an answer that cannot be read.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from attestation.prepared import prepared
from tanlu.errors import PromiseBroken

Gap = tuple[int, int]
"""Open seqs of a stream, first to last, both included."""


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one statement.

    ``repeated``: the log had it already and this is its first acceptance. ``promise`` is the log's JWS over the entry.
    ``opens_gap`` names the seqs that are open below it now. ``checked`` names what the client proved.
    """

    index: int
    statement_id: str
    leaf_hash: str
    state: str
    promise: str
    opens_gap: Gap | None = None
    repeated: bool = False
    checked: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A logged entry and its state: ``accepted``, ``integrated``, ``anchored`` or ``final``.

    ``entry`` is the compact JWS, ``anchor`` the anchor that holds it, once there is one. ``marks`` say how a reading
    came: ``device``, ``backfilled`` or ``manual``, and ``late`` besides (DOMAIN 43).
    """

    index: int
    statement_id: str
    leaf_hash: str
    type: str
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    state: str
    entry: str
    integrate_by: int | None = None
    anchor: dict[str, Any] | None = None
    equivocations: int = 0
    marks: tuple[str, ...] = ()


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the seqs ``first_seq`` to ``last_seq`` of a stream.

    ``device``, ``backfilled``, ``manual`` (readings by mark), ``other`` (statements that are no readings), ``open`` and
    ``lost`` add up to the range; ``late`` of the readings came after a higher statement.
    """

    first_seq: int
    last_seq: int
    device: int
    backfilled: int
    manual: int
    other: int
    open: int
    lost: int
    late: int


class GapRange(msgspec.Struct, frozen=True, kw_only=True):
    """Seqs that are not logged: ``open``, or ``lost`` by the entry at ``entry_index`` for its ``reason``."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    state: Literal["open", "lost"]
    entry_index: int | None
    reason: str | None


class CoveredRange(Coverage, frozen=True, kw_only=True):
    """The coverage of a range, and the open and lost ranges that meet it, whole; at most 1,000 are named."""

    issuer: str
    stream: str
    ranges: tuple[GapRange, ...]


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stream stands: highest logged seq (0 for a stream without entries), how many entries, seq of the last
    close and end of its period (unix seconds; both 0 for none), how many seqs are open (``missing``) and how all are
    covered. ``gaps``: the first 1,000 open ranges, where one stream was asked for."""

    last_seq: int
    issuer: str = ""
    stream: str = ""
    count: int = 0
    missing: int = 0
    closed_seq: int = 0
    closed_until: int = 0
    coverage: Coverage | None = None
    gaps: tuple[Gap, ...] = ()


class LineResult(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of one line of a bulk submission. ``line`` counts from 1 over the whole submission.

    ``status`` is ``accepted``, ``repeated`` or ``refused``; ``problem`` says why for the last. ``promise`` is that of a
    repeated line; the accepted ones share their chunk's.
    """

    line: int
    status: str
    index: int | None = None
    leaf_hash: str | None = None
    opens_gap: Gap | None = None
    promise: str | None = None
    problem: dict[str, Any] | None = None


class BulkChunk(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that became durable together, and the promise over the newly accepted ones (None if there were none)."""

    results: tuple[LineResult, ...]
    promise: str | None


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a whole bulk submission, and the refused lines."""

    accepted: int
    repeated: int
    refused: tuple[LineResult, ...]


AnswerT = TypeVar("AnswerT")


def decode(data: bytes, kind: type[AnswerT]) -> AnswerT:
    """`data` as `kind`. Raises PromiseBroken (`answer.format`)."""
    try:
        return prepared(kind).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PromiseBroken(
            rule="answer.format",
            value=f"{error}: {data[:100]!r}",
            expected=f"JSON as docs/api.md describes it ({kind.__name__})",
            message=f"The service's answer cannot be read: {error}",
            message_zh="无法解读服务的应答",
        ) from error
