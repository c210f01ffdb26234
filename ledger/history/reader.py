"""The read side of the history; every call is one snapshot of the store."""

from __future__ import annotations

from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.history.search import HITS_SHOWN, Found, MayRead, Question, search
from ledger.history.tonne import Tonne, way_of_tonne
from ledger.history.units import UnitWay, way_of_units


class HistoryReader:
    """Reads of what was said, and of what came of it."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def search(
        self,
        question: Question,
        may_read: MayRead,
        *,
        newest: bool = True,
        after: int | None = None,
        limit: int = HITS_SHOWN,
    ) -> Found:
        """Entries that answer the question and that ``may_read`` (issuer, type, whom it is about) lets through, a page
        from beyond log position ``after``."""
        with self._database.read() as session:
            return search(session, question, may_read, newest=newest, after=after, limit=limit)

    def units(
        self, account: str, asset: int, *, from_block: int = 0, block: int | None = None, at: int | None = None
    ) -> UnitWay | None:
        """What came of an asset into an account (identifier) and what left it, from ``from_block`` to ``block``, or to
        the last one until ``at`` (unix seconds); None for what has no account. Raises ``OutOfRange``."""
        with self._database.read() as session:
            return way_of_units(session, account, asset, from_block=from_block, block=block, at=at)

    def tonne(self, enterprise: str, year: int) -> Tonne | None:
        """The way of an enterprise's year from readings to surrender; None where the log has no entry of it."""
        with self._database.read() as session:
            return way_of_tonne(session, self._parameters, enterprise, year)
