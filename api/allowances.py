"""How much callers may ask for at once, as the settings say it."""

from __future__ import annotations

from api.access.access import AccessLimits
from api.deps import Limits
from api.feeds.limits import FeedLimits
from api.settings import Settings


def access_limits(settings: Settings) -> AccessLimits:
    """Of sign-ins, requests, bulk requests, streams, applications."""
    return AccessLimits(
        token_seconds=settings.token_minutes * 60,
        requests_per_s=settings.requests_per_s,
        anonymous_per_s=settings.anonymous_requests_per_s,
        lines_per_min=settings.bulk_lines_per_min,
        bulk_each=settings.bulk_requests_each,
        bulk_all=settings.bulk_requests,
        applications_per_hour=settings.applications_per_hour,
        streams_each=settings.feed_streams_each,
        streams_all=settings.feed_streams,
    )


def bulk_limits(settings: Settings) -> Limits:
    """Of one bulk request."""
    return Limits(settings.bulk_max_lines, settings.bulk_max_bytes, settings.bulk_chunk_lines)


def feed_limits(settings: Settings) -> FeedLimits:
    """Of event streams."""
    return FeedLimits(
        queue=settings.feed_queue,
        history=settings.feed_history,
        interval=settings.feed_interval_ms / 1000,
        heartbeat=settings.feed_heartbeat_s,
    )
