"""One rebuilding of one store, from the evidence's check to the last row, in one transaction."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, inspect, make_url, text

from ledger.audit.chain import deployment_of
from ledger.audit.evidence import ChainEvidence
from ledger.chain.contracts import Deployment
from ledger.chain.finality import Finality
from ledger.context import parameters_of
from ledger.db.base import Base
from ledger.db.chain_models import ChainReadRow
from ledger.db.migrate import head_revision
from ledger.errors import Integrity, Refusal, Retryable, StoreRefused
from ledger.fsck.established import compare_table
from ledger.fsck.faults import Fault, Findings
from ledger.fsck.replay import Replay, replaying
from ledger.fsck.store import Store
from ledger.rebuild.holding import held
from ledger.rebuild.kept import KeptEvidence, stream_numbers
from ledger.rebuild.outcomes import rebuild_outcomes
from ledger.rebuild.recomputing import Recomputed, recompute
from ledger.rebuild.tables import DERIVED, ESTABLISHED, OF_CHAIN
from ledger.rebuild.wishes import rebuild_wishes
from ledger.rebuild.writing import (
    drop_streams,
    replace_columns,
    replace_state,
    replace_streams,
    replace_table,
    replace_tiles,
    restart_numbers,
    tables_of,
)
from ledger.trust import Trust

Progress = Callable[[str, int, int], None]
"""Gets the step's name (``log``, ``chain``, ``write``), how much of it is done, and how much there is."""
_SPARE: Final = 64 << 20
"""Bytes beside those that a copy of the store would take."""


class RebuildRefused(Refusal):
    """A store or a chain from which nothing is to be rebuilt."""


class EvidenceBroken(Integrity):
    """The evidence in the store contradicts itself: rows made from it would be as wrong."""


class NoRoom(Retryable):
    """There is not enough free space."""


@dataclass(slots=True)
class Rebuilt:
    """What was done. ``rows``: of each derived table, as it is now. ``changed``: by table, rows that were others,
    missing or too many; empty where the store was as it should be. ``events``: of the chain, None without it."""

    entries: int = 0
    events: int | None = None
    rows: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def rebuild(
    url: str,
    trust: Trust,
    *,
    chain: ChainEvidence | None,
    deployment: Deployment | None = None,
    finality: Finality | None = None,
    workers: int = 0,
    progress: Progress = lambda _step, _done, _all: None,
    found: Callable[[Fault], None] = lambda _fault: None,
) -> Rebuilt:
    """Make every derived row of the store at a SQLAlchemy URL anew; evidence and what is neither stay as they are.

    ``chain``: None leaves the projection and what it says of the outbox as they are. ``deployment``: as the address
    book has it. ``finality``: what of the chain is final; without it all of it. ``workers``: processes beside this
    one. ``found`` gets each difference between a derived row as it was and as it is made.

    Raises ``StoreInUse`` (``rebuild.in_use``), ``NoRoom`` (``rebuild.space``), ``StoreRefused`` (``rebuild.schema``,
    ``rebuild.database``), ``EvidenceBroken`` (``rebuild.evidence``, ``rebuild.entries``), ``RebuildRefused``
    (``rebuild.chain``), ``ChainUnavailable``, ``ChainMoved``, ``StoreUnavailable``. Whatever it raises, the store is
    as it was.
    """
    began = time.monotonic()
    _require_room(url)
    with held(url) as connection, replaying(parameters_of(trust), _refused(connection)) as replay:
        store = Store(connection)
        evidence = KeptEvidence(store, url, stream_numbers(store, trust.log))
        _require_entries(store, evidence)
        result = recompute(
            replay,
            evidence,
            trust,
            chain=chain,
            deployment=deployment_of(trust, deployment),
            finality=finality,
            workers=workers,
            progress=progress,
        )
        _require_sound(result)
        _require_chain(store, result)
        rebuilt = _write(connection, replay, trust, result, evidence.count(), progress=progress, found=found)
    rebuilt.seconds = time.monotonic() - began
    return rebuilt


def _write(
    connection: Connection,
    replay: Replay,
    trust: Trust,
    result: Recomputed,
    count: int,
    *,
    progress: Progress,
    found: Callable[[Fault], None],
) -> Rebuilt:
    rebuilt = Rebuilt(entries=count, events=result.events)
    names = {*ESTABLISHED, *(OF_CHAIN if result.events is not None else ())}
    tables = tables_of(names)
    steps = len(tables) + 5
    store, scratch_store = Store(connection), replay.store()
    findings = Findings(found)
    for table in tables_of(names | {"streams"}):
        before = findings.faults
        compare_table(table, store, scratch_store, findings)
        _count(rebuilt, table.name, findings.faults - before)
    # Reading row by row stays with a connection, and nothing can be written that way.
    connection.execution_options(stream_results=False)
    for table in reversed(tables):
        connection.execute(delete(table))
    with replay.database.engine.connect() as scratch:
        replace_streams(connection, scratch)
        replace_columns(connection, result.columns, trust.log)
        drop_streams(connection, scratch)
        _count(rebuilt, "entries", len(result.columns))
        progress("write", 1, steps)
        size = replace_state(connection, trust.log, count, result.roots)
        _count(rebuilt, "tiles", replace_tiles(connection, size))
        progress("write", 2, steps)
        for done, table in enumerate(tables, 3):
            rebuilt.rows[table.name] = replace_table(table, connection, scratch)
            progress("write", done, steps)
        wishes = rebuild_wishes(
            connection,
            scratch,
            deployment_id=trust.deployment_id,
            roots=result.roots,
            chain=result.events is not None,
        )
        _count(rebuilt, "outbox", wishes)
    progress("write", steps - 2, steps)
    _count(rebuilt, "market_outcomes", rebuild_outcomes(connection, now=int(time.time())))
    if result.events is not None:
        connection.execute(delete(ChainReadRow))
    restart_numbers(connection, tables_of(names | {"streams", "outbox", "market_outcomes"}))
    progress("write", steps - 1, steps)
    _require_references(connection)
    progress("write", steps, steps)
    return rebuilt


def _count(rebuilt: Rebuilt, table: str, changed: int) -> None:
    if changed:
        rebuilt.changed[table] = changed


def _refused(connection: Connection) -> list[tuple[bytes, str]]:
    """What contracts finally refused, on the outbox's word: no event says so. Derived tables that are gone are there
    again from here on, empty."""
    _require_schema(connection)
    Base.metadata.create_all(connection, tables=tables_of(DERIVED))
    rows = connection.execute(text("SELECT op_id, kind FROM outbox WHERE state = 'refused'"))
    return [(bytes(op_id), kind) for op_id, kind in rows]


def _require_schema(connection: Connection) -> None:
    expected, revision = head_revision(), None
    if inspect(connection).has_table("alembic_version"):
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != expected:
        raise StoreRefused(
            "The database has another schema than this program's; the service upgrades it when it starts.",
            rule="rebuild.schema",
            value=revision,
            expected=f"revision {expected}",
            message_zh="数据库结构版本与本程序不符；服务启动时会升级。",
        )


def _require_entries(store: Store, evidence: KeptEvidence) -> None:
    stated = store.scalar("SELECT next_index FROM log_state WHERE id = 1")
    if isinstance(stated, int) and stated > evidence.count():
        raise EvidenceBroken(
            "Entries that were accepted are not in the store: from a copy that has them it can be restored, without "
            "them their places would be given to others.",
            rule="rebuild.entries",
            value=f"{evidence.count()} entries",
            expected=f"{stated}, as the log's state says",
            message_zh="库中缺少已受理的条目：请从备份恢复，否则其位置会被其他条目占用。",
        )


def _require_sound(result: Recomputed) -> None:
    if result.broken:
        first = result.broken[0]
        raise EvidenceBroken(
            f"The evidence itself does not hold, in {len(result.broken)} places; restore it first. `tanlu audit` names "
            "all of them.",
            rule="rebuild.evidence",
            value=f"{first.place}: {first.rule}, {first.found}",
            expected=first.expected,
            message_zh=f"证据本身有 {len(result.broken)} 处不符，须先从备份恢复；tanlu audit 可列出全部。",
        )


def _require_chain(store: Store, result: Recomputed) -> None:
    effects = store.scalar("SELECT count(*) FROM outbox WHERE state = 'final'")
    if result.events == 0 and effects:
        raise RebuildRefused(
            "The chain has no event of the contracts: it is another one, or was begun anew. The service repeats what a "
            "chain forgot.",
            rule="rebuild.chain",
            value="no event",
            expected=f"those of {effects} operations that are final",
            message_zh="链上没有任何合约事件：可能连错链或链已重置；服务会重新提交被遗忘的操作。",
        )


def _require_references(connection: Connection) -> None:
    """Rows refer to rows that are there; PostgreSQL has looked at each already."""
    if connection.dialect.name != "sqlite":
        return
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if dangling is not None:
        raise EvidenceBroken(
            "A row that is kept refers to one that is not there.",
            rule="rebuild.evidence",
            value=tuple(dangling),
            expected="rows that exist",
            message_zh="保留的数据行引用了不存在的行。",
        )


def _require_room(url: str) -> None:
    """A rebuilding writes the derived rows twice, into a scratch store and into this one, with a journal of what was
    there. Of another machine's disk nothing is known here."""
    needed, folders = _SPARE, [Path(tempfile.gettempdir())]
    parsed = make_url(url) if "://" in url else None
    path = Path(parsed.database) if parsed is not None and url.startswith("sqlite") and parsed.database else None
    if path is not None and path.is_file():
        needed += path.stat().st_size
        folders.append(path.absolute().parent)
    for folder in folders:
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise NoRoom(
                "There is not enough free space to rebuild the store.",
                rule="rebuild.space",
                value=f"{free} bytes free at {folder}",
                expected=f"at least {needed} bytes",
                message_zh="磁盘可用空间不足，无法重建数据库。",
            )
