"""What the service finds about itself when it is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from api.workers import Worker
from ledger import figures
from ledger.chain import outbox
from ledger.chain.errors import RequestRefused
from ledger.chain.rpc import Rpc
from ledger.db.base import Database
from ledger.errors import LedgerError
from ledger.view import LogView
from ledger.witness.client import WitnessClient

PROBE_SECONDS = 2.0
KEPT_SECONDS = 2.0


@dataclass(slots=True)
class Findings:
    """Probes of database, chain and witnesses, kept for two seconds so that asking often costs little."""

    database: Database
    view: LogView
    rpc_url: str
    chain_id: int
    witness_urls: Sequence[str]
    workers: Sequence[Worker]
    clock: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: Mapping[str, object] | None = None
    _until: float = 0.0

    def __call__(self) -> Mapping[str, object]:
        """The members of ``api.models.Health`` but for version and log."""
        with self._lock:
            if self._kept is None or time.monotonic() >= self._until:
                self._kept = self._probe()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._kept

    def _probe(self) -> Mapping[str, object]:
        database, lag = self._database()
        chain = self._chain()
        witnesses = [self._witness(url) for url in self.witness_urls]
        roles = {worker.name: worker.pulse.as_dict() for worker in self.workers}
        held_up = any(worker.pulse.waiting_for for worker in self.workers)
        if not database["ok"]:
            status = "unavailable"
        elif held_up or not chain["ok"] or not all(found["ok"] for found in witnesses) or lag.get("overdue_s"):
            status = "degraded"
        else:
            status = "ok"
        return {
            "status": status,
            "database": database,
            "chain": chain,
            "witnesses": witnesses,
            "lag": lag,
            "roles": roles,
        }

    def _database(self) -> tuple[dict[str, object], dict[str, object]]:
        try:
            with self.database.read() as session:
                found = figures.read(session)
        except (SQLAlchemyError, LedgerError) as error:
            return {"ok": False, "error": type(error).__name__}, {}
        waiting = {str(state): 0 for state in outbox.State}
        for (_, state), count in found.outbox.items():
            waiting[state] += count
        lag: dict[str, object] = {
            "accepted": found.accepted,
            "integrated": found.integrated,
            "anchored": found.anchored,
            "not_integrated": found.accepted - found.integrated,
            "overdue_s": found.overdue(self.clock(), self.view.parameters.integrate_within),
            "outbox": waiting,
        }
        return {"ok": True, "engine": self.database.engine.dialect.name}, lag

    def _chain(self) -> dict[str, object]:
        rpc = Rpc(self.rpc_url, timeout=PROBE_SECONDS)
        try:
            rpc.require_chain(self.chain_id)
            return {"ok": True, "chain_id": self.chain_id, "head": rpc.head().number}
        except (LedgerError, RequestRefused) as error:
            return {"ok": False, "chain_id": self.chain_id, "error": error.rule}
        finally:
            rpc.close()

    def _witness(self, url: str) -> dict[str, object]:
        try:
            with WitnessClient(url, (), deadline_seconds=PROBE_SECONDS) as client:
                client.health()
        except LedgerError as error:
            return {"ok": False, "url": url, "error": error.rule}
        return {"ok": True, "url": url}
