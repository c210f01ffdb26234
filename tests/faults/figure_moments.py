"""Where figures and fills are on their way from the log to the chain, as the database's file has it."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from enum import StrEnum
from pathlib import Path

_LOOK_SECONDS = 0.005


class Aim(StrEnum):
    """What kills are aimed at: the chain writes of registered figures, or of matched fills."""

    FIGURE = "register"
    FILL = "settle"


class Moment(StrEnum):
    """`ACCEPTED`: in the log, no transaction on its way. `SENT`: with a transaction whose event nobody read. `SEEN`:
    the event was read, its block may still be forgotten."""

    ACCEPTED = "accepted"
    SENT = "sent"
    SEEN = "seen"


_STATES = {"pending": Moment.ACCEPTED, "sent": Moment.SENT, "mined": Moment.SEEN}


def on_their_way(database: Path, aim: Aim) -> Counter[Moment]:
    """How many figures or fills are at each moment."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return _count(connection, aim)


def wait_for(database: Path, aim: Aim, moment: Moment, within: float) -> bool:
    """Wait until one more figure or fill is at that moment than when this was called, or one where there was none.
    False if none came `within` seconds."""
    limit = time.monotonic() + within
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        least = _count(connection, aim)[moment]
        while time.monotonic() < limit:
            found = _count(connection, aim)[moment]
            if found > least:
                return True
            least = min(least, found)
            time.sleep(_LOOK_SECONDS)
    return False


def _count(connection: sqlite3.Connection, aim: Aim) -> Counter[Moment]:
    query = "SELECT state, count(*) FROM outbox WHERE kind = ? AND state IN ('pending', 'sent', 'mined') GROUP BY state"
    return Counter({_STATES[state]: count for state, count in connection.execute(query, (aim.value,))})
