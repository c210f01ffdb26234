"""What a process counts itself, in a registry of its own."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)

from api.version import version

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAMILIES = 64


class Metrics:
    """Counters, gauges and histograms of one process; ``registry`` is what is exposed."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for standard in (ProcessCollector, PlatformCollector, GCCollector):
            standard(registry=self.registry)
        Info("tanlu_build", "The program's version.", registry=self.registry).info({"version": version()})
        self.requests = self._counter("http_requests", "Requests answered.", "method", "route", "status")
        self.request_seconds = self._histogram(
            "http_request_duration_seconds", "From a request's head to the end of its answer.", "method", "route"
        )
        self.hangups = self._counter("http_hangups", "Connections ended because of what their client did.", "reason")
        self.statements = self._counter("statements", "Statements judged.", "outcome")
        self.refusals = self._counter("statement_refusals", "Statements refused, by the rule's family.", "family")
        self.bulk_lines = self._counter("bulk_lines", "Lines of bulk requests.", "outcome")
        self.queue = Gauge(
            "tanlu_store_queue",
            "Calls that wait for their turn at the database.",
            ("way",),
            registry=self.registry,
        )
        self.wait_seconds = self._histogram("store_wait_seconds", "Waiting for a turn at the database.", "way")
        self.call_seconds = self._histogram("store_call_seconds", "A turn at the database.", "way")
        self.feed_streams = Gauge("tanlu_feed_streams", "Event streams that are open.", registry=self.registry)
        self.feed_events = self._counter("feed_events", "Events told on streams.", "event")
        self.feed_ends = self._counter("feed_ends", "Event streams that the service ended.", "reason")
        self.rounds = self._counter("worker_rounds", "Rounds of background roles.", "role", "outcome")
        self.round_seconds = self._histogram("worker_round_duration_seconds", "A round of a background role.", "role")
        for way in ("read", "write"):
            self.queue.labels(way)
        for outcome in ("accepted", "repeated", "refused"):
            self.statements.labels(outcome)
        self._families: set[str] = set()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tanlu_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"tanlu_{name}", text, labels, registry=self.registry, buckets=_FAST)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request; ``route`` is the template, never the path, which has no bound."""
        method = method if method in _METHODS else "OTHER"
        self.requests.labels(method, route, status).inc()
        self.request_seconds.labels(method, route).observe(seconds)

    def hung_up(self, reason: str) -> None:
        """One connection ended by the service."""
        self.hangups.labels(reason).inc()

    def refused(self, rule: str) -> None:
        """One refused statement."""
        self.statements.labels("refused").inc()
        family = rule.partition(".")[0]
        if len(self._families) < _FAMILIES:
            self._families.add(family)
        self.refusals.labels(family if family in self._families else "other").inc()

    def bulk(self, summary: Mapping[str, int]) -> None:
        """The lines of one bulk request, by its summary; also of one that ended badly."""
        for outcome in ("accepted", "repeated", "refused"):
            self.bulk_lines.labels(outcome).inc(summary[outcome])

    def round(self, role: str, seconds: float, error: Exception | None) -> None:
        """One round of a background role (``api.workers.Observer``)."""
        self.rounds.labels(role, "done" if error is None else "failed").inc()
        self.round_seconds.labels(role).observe(seconds)
