"""The SDK: `Client` talks to one service over HTTP and checks what it promises before returning it."""

from __future__ import annotations

from tanlu.client.answers import Acceptance, BulkChunk, BulkResult, Entry, Gap, LineResult, Stream
from tanlu.client.client import Client
from tanlu.client.key_life import KeyLife
from tanlu.client.keys import Flagged, Key, KeyLog, Recovery
from tanlu.client.sign_in import Credentials

__all__ = [
    "Acceptance",
    "BulkChunk",
    "BulkResult",
    "Client",
    "Credentials",
    "Entry",
    "Flagged",
    "Gap",
    "Key",
    "KeyLife",
    "KeyLog",
    "LineResult",
    "Recovery",
    "Stream",
]
