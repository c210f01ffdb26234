"""Where in the market's events one stands: which entries and which outcomes came before.

An entry's events have the log's order and their place in the entry; what the chain did has the order in which it was
noted (``ledger.db.feed_models``) and its step there. An id says of both what is next, so that it is the same in every
process, after every restart, and for the snapshot of a book.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_TEXT = re.compile(r"(0|[1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class FeedId:
    """Next are the event at ``place`` of the entry ``entry`` and at ``step`` of the outcome ``outcome``; everything
    before either has been told."""

    entry: int
    place: int
    outcome: int
    step: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its text. Raises ValueError."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no id of an event")
        return cls(*(int(part) for part in found.groups()))

    def __str__(self) -> str:
        return f"{self.entry}.{self.place}.{self.outcome}.{self.step}"

    def covers(self, other: FeedId) -> bool:
        """Whether everything that was told up to ``other`` was told up to here."""
        entries, others = (self.entry, self.place), (other.entry, other.place)
        return entries >= others and (self.outcome, self.step) >= (other.outcome, other.step)
