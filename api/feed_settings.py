"""What the operator decides of the market's event streams (docs/operations.md)."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class FeedSettings(BaseSettings):
    """A part of ``api.settings.Settings``."""

    feed_streams_each: int = Field(8, ge=1, le=10_000, description="Event streams of one identifier at once.")
    feed_streams: int = Field(1_000, ge=1, le=60_000, description="Event streams of all callers at once.")
    feed_queue: int = Field(
        1_000, ge=1, le=1_000_000, description="Events that may wait for a reader of a stream before it is cut off."
    )
    feed_history: int = Field(
        100_000, ge=0, le=1_000_000_000, description="How many log entries back a stream may be taken up again."
    )
    feed_interval_ms: int = Field(
        200, ge=10, le=60_000, description="Pause between two looks for events, while somebody follows."
    )
    feed_heartbeat_s: int = Field(
        15, ge=1, le=600, description="After so long without an event a stream says that it is alive."
    )
