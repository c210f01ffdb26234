"""Statements that are no readings, judged once more: acceptance steps 8 to 12 over what the entries before established.

The rules are acceptance's own (``attestation.verification``), the time is that of the entry's acceptance, and what only
the chain can say refuses nothing (``ledger.audit.chain_unread``). Steps 1 to 7 are the pass's own, and so is everything
about readings and closes (``ledger.audit.entries``, ``ledger.audit.places``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from attestation.context import CitedReadings, KeyRecord
from attestation.errors import AttestationError
from attestation.statements import Statement
from attestation.verification import judge
from ledger.audit.chain_unread import NOT_JUDGED, UnreadChain
from ledger.audit.findings import Area, Divergences
from ledger.audit.ranges import Cited, Part
from ledger.fsck.replay import Replay

_FIRST_STEP: Final = 8
_AREAS: Final = {
    "key": Area.IDENTITY,
    "admission": Area.IDENTITY,
    "report": Area.REPORT,
    "holding": Area.UNIT,
    "compliance": Area.OBLIGATION,
    "intent": Area.OBLIGATION,
    "allocation": Area.ALLOCATION,
    "score": Area.SCORE,
    "order": Area.MARKET,
    "market": Area.MARKET,
    "cash": Area.MARKET,
}
SUMS: Final = frozenset({"citation.readings", "citation.unit", "citation.sum"})
"""What the pass says of each citation by itself, where a report's sums are not what its readings give."""


class EntryJudge:
    """Judges in the order of the log. ``part``: what the pass added up of a cited range, None where it found none."""

    def __init__(self, replay: Replay, divergences: Divergences, part: Callable[[Cited], Part | None]) -> None:
        self._replay = replay
        self._divergences = divergences
        self._part = part
        self.judged = 0

    def take(
        self, index: int, accepted_at: int, statement: Statement, record: KeyRecord, told: Collection[str] = ()
    ) -> None:
        """Name the rule that refuses the statement at that position, if any does; ``told``: rules that were named
        before. The replay must stand right before it."""
        self.judged += 1
        error = self._refusal(index, accepted_at, statement, record)
        if error is None or error.rule in NOT_JUDGED or error.rule in told:
            return
        if self._excused(index, accepted_at, statement, record):
            return
        area = _AREAS.get(statement.type, Area.LOG)
        self._divergences.refused(area, f"entry {index}", error, type=statement.type, leaf_hash=statement.leaf_hash)

    def _excused(self, index: int, accepted_at: int, statement: Statement, record: KeyRecord) -> bool:
        """Whether it was good before the contracts' word on some operation was known."""
        for count in reversed(range(self._replay.refusals)):
            with self._replay.refused_so_far(count):
                if self._refusal(index, accepted_at, statement, record) is None:
                    return True
        return False

    def _refusal(
        self, index: int, accepted_at: int, statement: Statement, record: KeyRecord
    ) -> AttestationError | None:
        context = self._replay.context(UnreadChain, index, accepted_at)
        context.about(statement, self._summed)
        try:
            judge(statement, context, record)
        except AttestationError as error:
            return error if error.step >= _FIRST_STEP else None
        except (SQLAlchemyError, RuntimeError, LookupError):
            # What an entry before should have established is missing: that entry was named, and applying this one
            # says what it lacks.
            return None
        return None

    def _summed(self, issuer: str, stream: str, first_seq: int, last_seq: int) -> CitedReadings | None:
        part = self._part(Cited(issuer, stream, first_seq, last_seq))
        if part is None or part.count != last_seq - first_seq + 1 or len(part.units) != 1:
            return None
        return CitedReadings(part.count, part.total, part.units[0], part.start, part.end, tuple(part.meters))
