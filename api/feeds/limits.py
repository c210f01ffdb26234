"""Bounds of event streams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedLimits:
    """``queue``: events that wait for one stream's reader; ``history``: log entries that a stream may begin back from
    the newest; in seconds ``interval``, between two looks at the store, and ``heartbeat``, without an event."""

    queue: int = 1_000
    history: int = 100_000
    interval: float = 0.2
    heartbeat: float = 15.0
