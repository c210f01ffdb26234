"""Figures of a running process in the Prometheus format (docs/operations.md names each)."""

from __future__ import annotations

from api.metrics.counting import CountedLog
from api.metrics.exposition import Exposition
from api.metrics.instruments import Metrics
from api.metrics.state import StateCollector

__all__ = ["CountedLog", "Exposition", "Metrics", "StateCollector"]
