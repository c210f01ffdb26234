"""One check of one store, from the log's state to the last wish in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from attestation.errors import AttestationError
from attestation.examination import examine
from ledger.context import parameters_of
from ledger.db.migrate import head_revision
from ledger.errors import StoreRefused
from ledger.fsck.entries import Entries
from ledger.fsck.established import check_equivocations, compare_established, compare_wishes
from ledger.fsck.faults import Fault, Findings, shown
from ledger.fsck.heads import Heads
from ledger.fsck.outcomes import compare_outcomes
from ledger.fsck.replay import Replay, replaying
from ledger.fsck.store import Store, open_store
from ledger.fsck.streams import Streams
from ledger.fsck.tiles import Tiles
from ledger.trust import Trust

_STATE: Final = "log_state"


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at. ``root``: of the tree of ``size`` leaves, computed from the entries (hexadecimal)."""

    entries: int
    size: int
    root: str
    rows: Mapping[str, int]
    faults: int


@dataclass(frozen=True, slots=True)
class _State:
    origin: object
    epoch: int
    accepted: int
    tree_size: int


def check(
    url: str,
    trust: Trust,
    *,
    found: Callable[[Fault], None],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Check the store at a SQLAlchemy URL against itself and the trust file.

    ``found`` gets every fault in the order of discovery; ``progress`` entries done and entries in all. Raises
    ``StoreRefused`` (another kind of database, another schema, another log) and ``StoreUnavailable``.
    """
    findings = Findings(found)
    parameters = parameters_of(trust)
    with open_store(url) as store:
        _require_schema(store)
        with replaying(parameters, _refused(store)) as replay:
            return _check(store, replay, trust, findings, progress)


def _check(
    store: Store, replay: Replay, trust: Trust, findings: Findings, progress: Callable[[int, int], None]
) -> Report:
    _engine(store, findings)
    state = _state(store, findings)
    _require_log(store, state, trust, findings)
    tiles = _walk(store, replay, state, trust, findings, progress=progress)
    with _readable("tables", findings):
        scratch = replay.store()
        compare_established(store, scratch, findings)
        compare_wishes(store, scratch, findings)
        compare_outcomes(store, findings)
        check_equivocations(store, replay, trust.log, findings)
        _references(store, findings)
    return Report(findings.rows.get("entries", 0), tiles.size, tiles.root().hex(), dict(findings.rows), findings.faults)


def _walk(
    store: Store,
    replay: Replay,
    state: _State,
    trust: Trust,
    findings: Findings,
    *,
    progress: Callable[[int, int], None],
) -> Tiles:
    tiles = Tiles(store, findings)
    streams = Streams(store, findings)
    heads = Heads(store, findings, trust, state.epoch)
    with _readable("entries", findings):
        entries = Entries(store, findings, trust.log, streams=streams, replay=replay, tiles=tiles, heads=heads)
        entries.walk(state.accepted, state.tree_size, progress)
    with _readable("tiles", findings):
        tiles.finish()
    with _readable("heads", findings):
        heads.finish()
        _newest_head(store, state, findings)
    with _readable("streams", findings):
        streams.compare()
    return tiles


def _require_schema(store: Store) -> None:
    expected = head_revision()
    try:
        revision = store.scalar("SELECT version_num FROM alembic_version")
    except DBAPIError:
        revision = None
    if revision != expected:
        raise StoreRefused(
            "The database has another schema than this program checks; the service upgrades it when it starts.",
            rule="fsck.schema",
            value=shown(revision),
            expected=f"revision {expected}",
            message_zh="数据库结构版本与本程序不符；服务启动时会升级。",
        )


def _refused(store: Store) -> list[tuple[bytes, str]]:
    """What contracts finally refused."""
    return [(op_id, kind) for op_id, kind in store.stream("SELECT op_id, kind FROM outbox WHERE state = 'refused'")]


def _engine(store: Store, findings: Findings) -> None:
    """What the engine itself finds: damaged pages, indexes that lost rows."""
    if not store.is_sqlite:
        return
    with _readable("pages", findings):
        for number, (line,) in enumerate(store.stream("PRAGMA integrity_check")):
            if line != "ok":
                findings.fault("database", number, "integrity_check", line, "ok")


def _references(store: Store, findings: Findings) -> None:
    """References to rows that are not there; PostgreSQL has none."""
    if store.is_sqlite:
        for table, row, parent, _ in store.stream("PRAGMA foreign_key_check"):
            findings.fault(table, f"row {row}", "row", f"a reference to no row of {parent}", f"a row of {parent}")


def _state(store: Store, findings: Findings) -> _State:
    findings.looked_at(_STATE)
    row = store.one("SELECT origin, epoch, next_index, tree_size FROM log_state WHERE id = 1")
    numbers = None if row is None else row[1:]
    if row is None or numbers is None or not all(isinstance(number, int) and number >= 0 for number in numbers):
        findings.fault(_STATE, 1, "row", "missing" if row is None else row, "origin, epoch, next_index, tree_size")
        count = store.scalar("SELECT count(*) FROM entries")
        size = store.scalar("SELECT max(size) FROM checkpoints")
        return _State(None if row is None else row[0], 0, count, size or 0)
    state = _State(*row)
    if state.tree_size > state.accepted:
        findings.fault(_STATE, 1, "tree_size", state.tree_size, f"at most next_index, {state.accepted}")
    return state


def _require_log(store: Store, state: _State, trust: Trust, findings: Findings) -> None:
    if state.origin == trust.log:
        return
    first = store.scalar("SELECT entry FROM entries ORDER BY idx LIMIT 1")
    try:
        examine(first or b"", trust.log)
    except (AttestationError, TypeError):
        raise StoreRefused(
            "The database holds another log than the trust file's.",
            rule="fsck.origin",
            value=shown(state.origin),
            expected=trust.log,
            message_zh="数据库中的日志与信任文件不符。",
        ) from None
    findings.fault(_STATE, 1, "origin", state.origin, trust.log)


def _newest_head(store: Store, state: _State, findings: Findings) -> None:
    highest = store.scalar("SELECT max(size) FROM checkpoints")
    if state.tree_size != (highest or 0):
        findings.fault(_STATE, 1, "tree_size", state.tree_size, f"the size of the newest head, {highest or 0}")
    latest = store.scalar("SELECT max(epoch) FROM checkpoints")
    if latest is not None and latest > state.epoch:
        findings.fault(_STATE, 1, "epoch", state.epoch, f"at least {latest}, that of a head")


@contextmanager
def _readable(what: str, findings: Findings) -> Iterator[None]:
    """Go on with the rest where a part cannot be read at all."""
    try:
        yield
    except DBAPIError as error:
        findings.fault("database", what, "rows", error.orig, "rows that can be read")
