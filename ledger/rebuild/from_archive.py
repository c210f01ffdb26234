"""A store made of nothing but an archive: its entries, checkpoints and recorded chain, and all that follows from them.

What is no evidence is in no archive: how wishes were sent, sessions, personal data. Such a store is for reading and
checking; who goes on with a log restores a backup.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from attestation.errors import AttestationError
from attestation.examination import examine
from ledger.audit.evidence import LogEvidence
from ledger.audit.of_archive import archive_evidence
from ledger.checkpoint import Checkpoint, Note
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import CheckpointRow, Entry, Equivocation, LogState, Stream
from ledger.db.migrate import upgrade
from ledger.errors import Refusal
from ledger.fsck.faults import Fault
from ledger.rebuild.run import EvidenceBroken, Progress, Rebuilt, rebuild
from ledger.rebuild.writing import period_of
from ledger.trust import Trust

_AT_ONCE: Final = 1_000
_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")


class TargetExists(Refusal):
    """Nothing is ever overwritten."""


def store_of_archive(
    archive: Path,
    target: Path,
    trust: Trust,
    *,
    workers: int = 0,
    progress: Progress = lambda _step, _done, _all: None,
    found: Callable[[Fault], None] = lambda _fault: None,
) -> Rebuilt:
    """Make the SQLite store ``target`` of an archive, whole or not at all. All of its chain is final.

    Raises ``TargetExists`` (``rebuild.exists``), ``EvidenceBroken`` (``rebuild.evidence``), ``Malformed`` for what is
    no archive, and what ``rebuild`` raises.
    """
    if os.path.lexists(target):
        raise TargetExists(
            "There is a file of this name; nothing is overwritten.",
            rule="rebuild.exists",
            value=target,
            expected="a new name",
            message_zh="该文件已存在，不会覆盖。",
        )
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with archive_evidence(archive) as evidence:
            fault = next(iter(evidence.faults()), None)
            if fault is not None:
                raise _broken(fault.name, fault.found, fault.expected)
            database = Database(f"sqlite:///{draft}")
            upgrade(database)
            try:
                with database.writer.begin() as connection:
                    _fill(connection, evidence.log, trust.log)
            except (IntegrityError, OverflowError, LookupError) as error:
                # What cannot stand together: heads or second statements twice, of no entry, beyond 2^63.
                found = getattr(error, "orig", error)
                raise _broken(archive.name, found, "each once, of an entry that is there") from error
            finally:
                database.close()
            rebuilt = rebuild(
                f"sqlite:///{draft}",
                trust,
                chain=evidence.chain,
                deployment=evidence.deployment,
                workers=workers,
                progress=progress,
                found=found,
            )
        # A link fails where a rename would overwrite what came meanwhile.
        os.link(draft, target)
    finally:
        for side in _SIDE_FILES:
            draft.with_name(draft.name + side).unlink(missing_ok=True)
    return rebuilt


def _fill(connection: Connection, log: LogEvidence, origin: str) -> None:
    count, accepted = log.count(), dict[int, int]()
    numbers: dict[tuple[str, str], int] = {}
    doubted = {index for index, _ in log.equivocations()}
    rows = _entries(log, count, origin, numbers)
    blank = dict.fromkeys(("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end"), 0)
    known = 0
    while some := list(islice(rows, _AT_ONCE)):
        new = [(number, *name) for name, number in numbers.items() if number > known]
        if new:
            streams = [{"id": number, "issuer": issuer, "name": name, **blank} for number, issuer, name in new]
            connection.execute(insert(Stream.__table__), streams)
            known = len(numbers)
        connection.execute(insert(Entry.__table__), some)
        accepted |= {row["idx"]: row["accepted_at"] for row in some if row["idx"] in doubted}
    heads = list(_heads(log))
    if heads:
        connection.execute(insert(CheckpointRow.__table__), heads)
    for number, (index, entry) in enumerate(log.equivocations(), 1):
        kept = {"id": number, "entry_index": index, "statement_id": _examined(entry, origin, index).statement_id}
        connection.execute(insert(Equivocation.__table__), [{**kept, "entry": entry, "refused_at": accepted[index]}])
    # The operator's word: what these ask for is put in with the rest.
    refused = [
        {
            "op_id": one.op_id,
            "kind": one.kind,
            "last_error": one.reason,
            "state": "refused",
            "payload": "",
            "position": 0,
        }
        for one in log.refused()
    ]
    if refused:
        connection.execute(insert(OutboxRow.__table__), [{**row, "created_at": 0, "updated_at": 0} for row in refused])
    state = {"id": 1, "origin": origin, "epoch": max((head["epoch"] for head in heads), default=0)}
    connection.execute(insert(LogState.__table__), [{**state, "next_index": count, "tree_size": 0}])


def _entries(
    log: LogEvidence, count: int, origin: str, numbers: dict[tuple[str, str], int]
) -> Iterator[dict[str, Any]]:
    """Rows of entries; streams get their numbers in the order in which they begin."""
    for row in log.entries(0, count - 1):
        statement = _examined(row.entry, origin, row.index)
        start, end = period_of(statement.body)
        name = (statement.iss, statement.stream)
        yield {
            "idx": row.index,
            "stream_id": numbers.setdefault(name, len(numbers) + 1),
            "seq": statement.seq,
            "type": statement.type,
            "statement_id": statement.statement_id,
            "leaf_hash": statement.leaf_hash,
            "accepted_at": row.accepted_at,
            "period_start": start,
            "period_end": end,
            "entry": row.entry,
        }


def _heads(log: LogEvidence) -> Iterator[dict[str, Any]]:
    for head in log.heads():
        if head.note is not None:
            root = Checkpoint.parse(Note.parse(head.note.encode()).text).root
            here = {"epoch": head.epoch, "size": head.size, "root": root}
            yield {**here, "note": head.note, "cosigned": head.cosigned, "created_at": 0}


def _examined(entry: bytes, origin: str, index: int) -> Any:
    try:
        return examine(entry, origin)
    except AttestationError as error:
        raise _broken(f"entry {index}", f"{error.rule}: {error.value}", error.expected) from error


def _broken(place: object, found: object, expected: object) -> EvidenceBroken:
    return EvidenceBroken(
        "The archive itself does not hold; `tanlu audit` names every place.",
        rule="rebuild.evidence",
        value=f"{place}: {found}",
        expected=expected,
        message_zh="归档本身不成立；tanlu audit 可列出全部。",
    )
