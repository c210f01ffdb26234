"""What channels tell: a reminder of a deadline, or a notice of a power that was exercised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Message(Protocol):
    """Something to tell once. ``enterprise``: whose it is, None for everybody's; ``year``, ``label`` (at most 32
    characters), ``at`` (unix seconds) and ``days`` are kept of it."""

    @property
    def enterprise(self) -> str | None: ...
    @property
    def year(self) -> int: ...
    @property
    def label(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def days(self) -> int: ...

    def key(self, log: str, channel: str) -> str:
        """Its name for ever, over a channel: 64 hex digits."""

    def subject(self) -> str:
        """One line in English and Chinese."""

    def text(self) -> str:
        """All of it, in English and Chinese."""

    def members(self) -> Mapping[str, object]:
        """What a webhook is told beside key, log and text; ``type`` says what kind of message it is."""
