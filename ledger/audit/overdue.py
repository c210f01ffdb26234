"""Promises that somebody holds, against the tree: one that was not kept is the operator's own signature against him.

A promise says that certain entries are in a checkpoint by a second (``ledger.promises``). Broken it is where the
log has other entries at those positions, or where a cosigned checkpoint of a later second does not reach them: the
second of a checkpoint is that of its witness's cosignature, so that no clock of the operator's counts. Where no
checkpoint reaches them at all, the auditor's own clock says that the second is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from attestation.instants import format_instant
from attestation.keys import Algorithm, PublicKey
from ledger import promises
from ledger.audit.evidence import HeadRow, LogEvidence
from ledger.checkpoint import Checkpoint, Note, SignatureKind, cosignature_time, verify_signatures
from ledger.errors import LedgerError, PromiseNotKept
from ledger.merkle import leaf_hash, tree_root
from ledger.promises import Promise
from ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class KeptPromise:
    """A promise that nothing contradicts. ``size``: of the smallest cosigned checkpoint that holds its entries; None
    while it is not due."""

    promise: Promise
    size: int | None


@dataclass(frozen=True, slots=True)
class CosignedHead:
    """Size of a checkpoint that verifies. ``at``: the earliest second that a witness of the trust file states; None
    where none states any."""

    size: int
    at: int | None


def check_promise(
    token: str, trust: Trust, log: LogEvidence, heads: Iterable[HeadRow], *, now: int | None = None
) -> KeptPromise:
    """Read the promise in ``token`` (a compact JWS) and hold it against the log: :func:`read_promise`,
    :func:`hold_promise`."""
    promise = read_promise(token, trust)
    return hold_promise(promise, log, cosigned_heads(heads, trust), now=now)


def read_promise(token: str, trust: Trust) -> Promise:
    """The promise that the log key of the trust file signed for this log. Raises ``Malformed`` (``promise.format``),
    ``SignatureInvalid`` (``promise.signature``, ``promise.log``)."""
    return promises.verify(token, PublicKey(Algorithm.ED25519, trust.log_key.material), trust.log)


def cosigned_heads(rows: Iterable[HeadRow], trust: Trust) -> list[CosignedHead]:
    """The checkpoints that verify, for any number of promises. Others count for nothing here: the audit of the heads
    names them."""
    return [head for row in rows if (head := _head(row, trust)) is not None]


def hold_promise(
    promise: Promise, log: LogEvidence, known: Sequence[CosignedHead], *, now: int | None = None
) -> KeptPromise:
    """Hold a promise against the log's entries and checkpoints.

    1. The entries at its positions have the leaf hashes that it was made over.
    2. Every cosigned checkpoint of a second after ``integrate_by`` reaches them; where none reaches them, ``now`` (unix
       seconds by the auditor's clock; None: only checkpoints tell the time) is not past ``integrate_by``.

    Raises what is evidence against the operator: ``PromiseNotKept`` (``promise.entries``, ``promise.overdue``).
    """
    end = promise.first_index + promise.count
    # Positions beyond what there is are not there, however many a signed promise names.
    held = log.count() >= end
    if held:
        _check_entries(promise, log)
    reaching = [head for head in known if head.size >= end]
    late = [head for head in known if head.size < end and head.at is not None and head.at > promise.integrate_by]
    if late:
        first = min(late, key=lambda head: (head.at or 0, head.size))
        raise _overdue(promise, f"a checkpoint of size {first.size} of {format_instant(first.at or 0)}")
    if reaching and held:
        first = min(reaching, key=lambda head: head.size)
        if first.at is not None and first.at > promise.integrate_by:
            raise _overdue(promise, f"first in a checkpoint of {format_instant(first.at)}, of size {first.size}")
        return KeptPromise(promise, first.size)
    if reaching:
        raise _other(promise, f"{log.count()} entries, under a checkpoint of size {reaching[0].size}")
    if now is not None and now > promise.integrate_by:
        largest = max((head.size for head in known), default=0)
        raise _overdue(promise, f"no checkpoint above size {largest} at {format_instant(now)}")
    return KeptPromise(promise, None)


def _check_entries(promise: Promise, log: LogEvidence) -> None:
    first, last = promise.first_index, promise.first_index + promise.count - 1
    leaves = {row.index: leaf_hash(row.entry) for row in log.entries(first, last)}
    if list(leaves) != list(range(first, last + 1)):
        raise _other(promise, f"{len(leaves)} of {promise.count} entries")
    root = tree_root(list(leaves.values()))
    if root != promise.leaves_root:
        raise _other(promise, f"entries with the root {root.hex()}")


def _head(row: HeadRow, trust: Trust) -> CosignedHead | None:
    if row.note is None or not row.cosigned:
        return None
    try:
        note = Note.parse(row.note.encode())
        verify_signatures(note, [trust.log_key], 1)
        verify_signatures(note, trust.witnesses, trust.witness_quorum)
        size = Checkpoint.parse(note.text).size
    except LedgerError:
        return None
    times = [
        cosignature_time(line.signature)
        for line in note.signatures
        for key in trust.witnesses
        if key.kind is SignatureKind.COSIGNATURE and key.made(line)
    ]
    return CosignedHead(size, min(times, default=None))


def _positions(promise: Promise) -> str:
    last = promise.first_index + promise.count - 1
    return f"entry {last}" if promise.count == 1 else f"entries {promise.first_index} to {last}"


def _other(promise: Promise, found: str) -> PromiseNotKept:
    return PromiseNotKept(
        f"The log does not have the entries that it promised: {_positions(promise)}.",
        rule="promise.entries",
        value=found,
        expected=f"{promise.count} entries with the root {promise.leaves_root.hex()}",
        message_zh=f"日志中没有所承诺的条目（自序号 {promise.first_index} 起共 {promise.count} 条）。",
    )


def _overdue(promise: Promise, found: str) -> PromiseNotKept:
    until = format_instant(promise.integrate_by)
    return PromiseNotKept(
        f"What was promised was not in a checkpoint in time: {_positions(promise)}.",
        rule="promise.overdue",
        value=found,
        expected=f"in a cosigned checkpoint by {until}",
        message_zh=f"所承诺的条目（自序号 {promise.first_index} 起共 {promise.count} 条）未在 {until} 前进入检查点。",
    )
