"""One audit, from raw entries and raw chain logs to the first divergence and all others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ledger.archive.reading import Archive, MemberFault
from ledger.audit.asked import Asked, dossiers, hold_promises
from ledger.audit.beside import Blocks, blocks_checked
from ledger.audit.chain import deployment_of, known_roots, project
from ledger.audit.completeness import Dossier
from ledger.audit.entries import LogPass
from ledger.audit.evidence import ChainEvidence, LogEvidence
from ledger.audit.findings import Area, Divergence, Divergences
from ledger.audit.heads import Heads
from ledger.audit.kept import kept_ranges
from ledger.audit.laws import check_laws
from ledger.audit.market import replay_days
from ledger.audit.of_node import NodeEvidence
from ledger.audit.places import Places
from ledger.audit.proven import Proven
from ledger.audit.rows import compare_rows
from ledger.audit.scoring import check_scores
from ledger.audit.tables import compare_tables
from ledger.audit.told import check_told, count_waiting
from ledger.chain.contracts import Deployment
from ledger.context import parameters_of
from ledger.errors import LedgerError
from ledger.fsck.replay import Replay, replaying
from ledger.fsck.store import Store
from ledger.trust import Trust

Progress = Callable[[str, int, int], None]
"""Gets the step's name, how much of it is done, and how much there is."""


@dataclass(slots=True)
class AuditReport:
    """What was checked.

    ``kept``: ranges of entries that an audit before had judged; ``judged``: statements other than readings and closes,
    by the rules of acceptance; ``told``: events held against their entries; ``waiting``: what entries ask of the
    contracts and is not on chain; ``lawful``: blocks after which the laws of units and cash were checked; ``scores``:
    proposals of which the inputs were computed again; ``promises``: of those that were handed in, those that were kept;
    ``dossiers``: of the years that were asked for. ``first``: the first divergence in the order of the audit.
    ``skipped``: what was not checked, and why. ``seconds`` by step.
    """

    statements: int = 0
    kept: int = 0
    judged: int = 0
    heads: int = 0
    streams: int = 0
    blocks: int = 0
    events: int = 0
    told: int = 0
    waiting: int = 0
    lawful: int = 0
    days: int = 0
    scores: int = 0
    promises: int = 0
    dossiers: list[Dossier] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    divergences: int = 0
    by_area: dict[str, int] = field(default_factory=dict)
    first: Divergence | None = None
    skipped: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members."""
        return {
            **{one.name: getattr(self, one.name) for one in fields(self)},
            "dossiers": [one.as_dict() for one in self.dossiers],
            "rows": dict(self.rows),
            "by_area": dict(self.by_area),
            "first": None if self.first is None else self.first.as_dict(),
            "skipped": list(self.skipped),
            "seconds": {name: round(taken, 3) for name, taken in self.seconds.items()},
        }


def audit(
    log: LogEvidence,
    trust: Trust,
    *,
    chain: ChainEvidence | None = None,
    deployment: Deployment | None = None,
    rows: Store | None = None,
    members: Iterable[MemberFault] = (),
    tables: Archive | None = None,
    asked: Asked | None = None,
    resume: Path | None = None,
    workers: int = 0,
    found: Callable[[Divergence], None] = lambda _divergence: None,
    progress: Progress = lambda _step, _done, _all: None,
) -> AuditReport:
    """Recompute everything, and hand each divergence to ``found`` in the order of discovery.

    ``chain``: None leaves out what only the chain can say. ``deployment``: contracts and first block as the source has
    them, besides those of the trust file. ``rows``: a database whose rows are held against what was recomputed.
    ``members``: of an archive, those that are not what its manifest says. ``tables``: an archive whose views are held
    against what was recomputed. ``asked``: what is to be looked at besides. ``resume``: a
    file in which what was found of entries is kept, and taken from. ``workers``: processes beside this one.
    Raises ``ChainUnavailable``, ``ChainMoved``, ``StoreUnavailable``.
    """
    found_by = _Audit(
        log,
        trust,
        chain=chain,
        deployment=deployment,
        rows=rows,
        members=members,
        tables=tables,
        asked=asked or Asked(),
        resume=resume,
        workers=workers,
        found=found,
        progress=progress,
    )
    return found_by.run()


class _Audit:
    def __init__(
        self,
        log: LogEvidence,
        trust: Trust,
        *,
        chain: ChainEvidence | None,
        deployment: Deployment | None,
        rows: Store | None,
        members: Iterable[MemberFault],
        tables: Archive | None,
        asked: Asked,
        resume: Path | None,
        workers: int,
        found: Callable[[Divergence], None],
        progress: Progress,
    ) -> None:
        self._log, self._trust, self._chain, self._rows = log, trust, chain, rows
        self._members, self._tables, self._asked, self._resume = members, tables, asked, resume
        self._places = Places(Divergences(lambda _divergence: None))
        self._projected = False
        self._known: Mapping[int, list[tuple[str, bytes]]] = {}
        self._workers, self._found, self._progress = workers, found, progress
        self._deployment = deployment_of(trust, deployment)
        # Recorded answers are one set; a node is asked several times.
        self._proven = Proven(self._deployment) if isinstance(chain, NodeEvidence) else None
        self._report = AuditReport()
        self._divergences = Divergences(self._take)

    def run(self) -> AuditReport:
        """All steps in order."""
        with self._step("files"):
            for fault in self._members:
                self._divergences.add(Area.FILE, fault.name, "audit.file", fault.found, fault.expected)
        refused = [(one.op_id, one.kind) for one in self._log.refused()]
        with (
            replaying(parameters_of(self._trust), refused) as replay,
            blocks_checked(self._chain, self._deployment, beside=self._workers > 0, proven=self._proven) as blocks,
        ):
            with self._step("log"):
                self._walk(replay)
            replay.commit()
            with self._step("promises"):
                self._report.promises = hold_promises(self._asked, self._trust, self._log, self._divergences)
            if self._chain is None:
                self._report.skipped.append("chain: no node and no recorded chain")
            else:
                with self._step("blocks"):
                    self._check_blocks(blocks)
                with self._step("chain"):
                    self._project(replay)
                with self._step("told"):
                    self._report.told = check_told(replay.store(), list(self._log.refused()), self._divergences)
                self._report.waiting = count_waiting(replay.store())
                with self._step("laws"):
                    self._report.lawful = check_laws(replay.store(), self._trust.exchange, self._divergences)
                with self._step("market"):
                    self._report.days = replay_days(replay.database, parameters_of(self._trust), self._divergences)
            with self._step("scores"):
                self._check_scores(replay)
            with self._step("years"), replay.database.read() as session:
                found, left_out = dossiers(session, self._places, self._asked.years, self._divergences)
                self._report.dossiers += found
                self._report.skipped += left_out
            if self._tables is not None:
                with self._step("tables"):
                    self._compare_tables(replay, self._tables)
            if self._rows is not None:
                with self._step("rows"):
                    self._compare(replay, self._rows)
        self._report.divergences = self._divergences.count
        self._report.by_area = {area.value: count for area, count in self._divergences.counts.items()}
        return self._report

    def _take(self, divergence: Divergence) -> None:
        if self._report.first is None:
            self._report.first = divergence
        self._found(divergence)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._report.seconds[name] = time.monotonic() - began

    def _walk(self, replay: Replay) -> None:
        heads = Heads(self._log.heads(), self._trust, self._divergences)
        known = self._known = self._anchors()

        def reached(size: int, root: bytes) -> None:
            heads.reached(size, root)
            for place, said in known.get(size, ()):
                if said != root:
                    self._divergences.add(Area.CHAIN, place, "audit.anchor", said, root, size=size)

        walk = LogPass(
            self._log,
            parameters_of(self._trust),
            replay,
            self._divergences,
            heads=[*heads.sizes(), *known],
            reached=reached,
        )
        with ExitStack() as opened:
            kept = None if self._resume is None else opened.enter_context(kept_ranges(self._resume))
            walk.run(workers=self._workers, progress=lambda done, every: self._progress("log", done, every), kept=kept)
            self._report.kept = 0 if kept is None else kept.taken
        heads.finish()
        self._report.statements, self._report.heads = walk.checked, heads.checked
        self._report.judged, self._report.streams = walk.judged, len(walk.places)
        self._places = walk.places

    def _anchors(self) -> Mapping[int, list[tuple[str, bytes]]]:
        """By size, the roots that the chain holds the log to; those that a new epoch voided are left out."""
        return {} if self._chain is None else known_roots(self._chain, self._deployment)

    def _check_blocks(self, blocks: Blocks) -> None:
        self._report.blocks, left_out = blocks(
            self._divergences, lambda done, every: self._progress("blocks", done, every)
        )
        self._report.skipped += left_out

    def _project(self, replay: Replay) -> None:
        if self._chain is None:
            return
        try:
            told = project(
                replay.database,
                self._chain,
                self._deployment,
                lambda done, every: self._progress("chain", done, every),
            )
        except LedgerError as error:
            self._divergences.refused(Area.CHAIN, "projection", error)
            return
        if self._proven is not None:
            self._proven.compare(replay.store(), self._known, self._divergences)
        self._report.events = told.events
        self._projected = True

    def _check_scores(self, replay: Replay) -> None:
        parameters = parameters_of(self._trust)
        if parameters.ledger_domain is not None and not self._projected:
            return  # said of the chain as a whole
        with ExitStack() as opened:
            session = opened.enter_context(replay.database.read())
            readings = None if self._rows is None else opened.enter_context(self._rows.session())
            self._report.scores, left_out = check_scores(
                session, parameters, self._log, self._divergences, readings=readings
            )
        self._report.skipped += left_out

    def _compare_tables(self, replay: Replay, tables: Archive) -> None:
        self._report.rows |= compare_tables(
            tables, self._log, replay.database, self._divergences, chain=self._projected
        )

    def _compare(self, replay: Replay, rows: Store) -> None:
        try:
            self._report.rows |= compare_rows(
                rows,
                replay,
                self._trust,
                self._divergences,
                count=self._log.count(),
                chain=self._chain is not None,
            )
        except SQLAlchemyError as error:
            self._divergences.add(Area.ROW, "database", "audit.unreadable", str(error), "tables that can be read")
