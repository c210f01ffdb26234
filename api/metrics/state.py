"""What is read when somebody asks: the database, and what health has found of chain and witnesses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from ledger import figures
from ledger.chain.errors import RequestRefused
from ledger.db.base import Database
from ledger.errors import LedgerError
from ledger.figures import Figures

_KEPT_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class StateCollector(Collector):
    """A Prometheus collector of state.

    ``findings`` is health's; ``integrate_within`` the promise in seconds; ``balance`` asks the chain for the relayer's
    wei, None in a process without that role. What cannot be read is left out, and ``tanlu_store_up`` says so.
    """

    database: Database
    findings: Callable[[], Mapping[str, Any]]
    integrate_within: int
    balance: Callable[[], int] | None = None
    clock: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: list[Metric] = field(default_factory=list)
    _until: float = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The state, at most two seconds old."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = [*self._store(), *self._neighbours(), *self._account()]
                self._until = time.monotonic() + _KEPT_SECONDS
            return self._kept

    def _store(self) -> Iterable[Metric]:
        try:
            with self.database.read() as session:
                found, size = figures.read(session), figures.database_bytes(session)
        except (SQLAlchemyError, LedgerError):
            return [_gauge("store_up", "Whether the database could be read.", 0)]
        return [_gauge("store_up", "Whether the database could be read.", 1), *self._log(found), self._bytes(size)]

    def _log(self, found: Figures) -> Iterable[Metric]:
        now = self.clock()

        def age(accepted_at: int | None) -> float:
            return 0.0 if accepted_at is None else max(0.0, now - accepted_at)

        yield _gauge("log_entries", "Entries accepted.", found.accepted)
        yield _gauge("log_integrated_entries", "Entries in the newest tree head.", found.integrated)
        yield _gauge("log_cosigned_entries", "Entries in the newest cosigned checkpoint.", found.cosigned)
        yield _gauge("log_anchored_entries", "Entries in the largest size known on chain.", found.anchored)
        yield _gauge(
            "integration_lag_seconds", "Age of the oldest entry in no tree head.", age(found.not_integrated_at)
        )
        yield _gauge("anchoring_lag_seconds", "Age of the oldest entry in no anchor.", age(found.not_anchored_at))
        overdue = found.overdue(now, self.integrate_within)
        yield _gauge("promise_overdue_seconds", "How late the oldest promise is; 0 if none is.", overdue)
        outbox = GaugeMetricFamily("tanlu_outbox_intents", "Intended chain writes.", labels=("kind", "state"))
        for (kind, state), count in sorted(found.outbox.items()):
            outbox.add_metric((kind, state), count)
        yield outbox
        if found.fee is not None:
            yield _gauge("relayer_fee_wei", "Price per gas of the newest transaction on its way.", found.fee)
        if found.head is not None:
            yield _gauge("chain_projected_block", "Newest block read.", found.head)
        if found.final is not None:
            yield _gauge("chain_final_block", "Newest block that counts as final.", found.final)

    def _bytes(self, size: int) -> Metric:
        family = GaugeMetricFamily("tanlu_store_bytes", "What the database takes.", labels=("part",))
        family.add_metric(("database",), size)
        if self.database.is_sqlite:
            log = Path(f"{self.database.engine.url.database}-wal")
            family.add_metric(("write_ahead_log",), log.stat().st_size if log.exists() else 0)
        return family

    def _neighbours(self) -> Iterable[Metric]:
        found = self.findings()
        chain = found["chain"]
        yield _gauge("chain_up", "Whether the chain answers.", chain["ok"])
        if "head" in chain:
            yield _gauge("chain_head_block", "The chain's newest block.", chain["head"])
        up = GaugeMetricFamily("tanlu_witness_up", "Whether the witness answers.", labels=("witness",))
        for number, witness in enumerate(found["witnesses"]):
            up.add_metric((str(number),), witness["ok"])
        yield up

    def _account(self) -> Iterable[Metric]:
        if self.balance is None:
            return
        try:
            yield _gauge("relayer_balance_wei", "What the sending account has.", self.balance())
        except (LedgerError, RequestRefused):
            return


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tanlu_{name}", text, value=float(value))
