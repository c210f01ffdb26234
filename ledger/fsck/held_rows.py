"""Rows that one long transaction reads again and again, held so that they need not be read from the store each time.

A session forgets a row as soon as nobody holds it, which is right for a service. A replay has the store to itself, and
asks for the same identifiers, keys, days and verdicts with every entry: most of its queries were for rows that it had
read before.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from ledger.db.log_models import Stream

_MOST: Final = 4_096
_NOT_HELD: Final = (Stream,)
"""What is written past the session, so that a row held here would be an old one."""


class HeldRows:
    """Holds the last rows that a session read or wrote, a few thousand however many there are."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: deque[object] = deque(maxlen=_MOST)
        event.listen(session, "loaded_as_persistent", self._hold)
        event.listen(session, "pending_to_persistent", self._hold)

    def let_go(self) -> None:
        """Hold nothing any more: others may write to the store from now on."""
        event.remove(self._session, "loaded_as_persistent", self._hold)
        event.remove(self._session, "pending_to_persistent", self._hold)
        self._rows.clear()

    def _hold(self, _session: Session, row: object) -> None:
        if not isinstance(row, _NOT_HELD):
            self._rows.append(row)
