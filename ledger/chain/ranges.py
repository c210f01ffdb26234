"""How many blocks are asked for at once: so many that their events fill one transaction, and no more than a node gives.

What a range holds is known only when it was read. The next one is measured by the last, and grows by steps, so that a
busy stretch after a quiet one is not read in one piece.
"""

from __future__ import annotations

from ledger.chain.errors import ChainUnavailable, RequestRefused
from ledger.chain.events import EventRange, EventReader
from ledger.chain.wire import LIMIT_EXCEEDED

EVENTS = 8_000
"""Of one range, about: a transaction writes the pages of its indexes once, and memory grows with it."""
FIRST = 64
_GROWTH = 4


class RangeSize:
    """The number of blocks of the next range; ``most``: never more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.blocks = min(most, FIRST)

    def held(self, blocks: int, events: int) -> None:
        """A range of so many blocks held so many events."""
        fitting = blocks * EVENTS // max(1, events)
        self.blocks = max(1, min(self._most, self.blocks * _GROWTH, fitting))

    def refused(self, blocks: int, error: RequestRefused | ChainUnavailable) -> None:
        """The node did not give a range of so many blocks. Raises ``error`` unless fewer may be what it wants."""
        too_much = isinstance(error, RequestRefused) or f"(code {LIMIT_EXCEEDED})" in str(error.value)
        if blocks <= 1 or not too_much:
            raise error
        # For as long as this reader lives: asking again for what was refused costs a request each time.
        self._most = self.blocks = blocks // 2


def read_range(reader: EventReader, size: RangeSize, first: int, tip: int) -> EventRange:
    """The next range from block ``first`` on, up to block ``tip`` at most. Raises as ``EventReader.read``."""
    while True:
        last = min(tip, first + size.blocks - 1)
        try:
            found = reader.read(first, last)
        except (RequestRefused, ChainUnavailable) as error:
            size.refused(last - first + 1, error)
        else:
            size.held(last - first + 1, len(found.events))
            return found
