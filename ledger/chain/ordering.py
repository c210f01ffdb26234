"""Which waiting intents are looked at in a round, and in which order they may take effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from sqlalchemy.orm import Session

from ledger.chain import outbox
from ledger.chain.calls import Answer, Call, Wait
from ledger.chain.intents import Kind
from ledger.chain.operations import REGISTRY_KINDS
from ledger.db.chain_models import OutboxRow

LOOKED_AT = 256
"""Registry intents of one round, whether or not there is something to send for them."""


_REPLACING = frozenset({Kind.ROTATE, Kind.COMPLETE_RECOVERY})
"""What ends a key that nobody called stolen."""


class RegistryOrder:
    """The registry hears of keys in the order of the log: what waits holds up what came after it.

    A recovery whose delay is not over (the chain forgot its proposal and took it anew) would hold up everybody for
    days: what brings identifiers and keys goes on, as far as it does not depend on it, and what the contract refuses
    meanwhile is not called impossible. What replaces a key keeps its place: it could take away the word on which
    something before it still waits. A stolen key is ended out of turn all the same.

    Parameters
    ----------
    in_flight
        What is on its way.
    """

    def __init__(self, in_flight: Iterable[OutboxRow]) -> None:
        self._flying = {row.kind != Kind.ANCHOR for row in in_flight}
        self._held = self._unsettled = False

    def holds(self, row: OutboxRow) -> bool:
        """Whether the intent has to wait for one before it."""
        return row.kind != Kind.ANCHOR and (self._held or (self._unsettled and row.kind in _REPLACING))

    def alone(self, row: OutboxRow) -> bool:
        """Whether a refusal by the contract is about the intent itself: nothing that it may build on is under way."""
        return not self._flying if row.kind == Kind.ANCHOR else not self._unsettled and True not in self._flying

    def saw(self, row: OutboxRow, judged: Answer) -> None:
        """Take in what was decided of an intent."""
        if isinstance(judged, Call):
            self._flying.add(row.kind != Kind.ANCHOR)
        if row.kind == Kind.ANCHOR or not isinstance(judged, Wait) or not judged.reason:
            return
        if judged.not_ready:
            self._unsettled = True
        elif row.doubt_number is None and not self._unsettled:
            self._held = True


def waiting(session: Session, room: int) -> Iterator[OutboxRow]:
    """Anchors and the registry's calls in turn, so that a backlog of one does not hold up the other.

    More than there is ``room`` for: what cannot go yet, as an anchor without cosignatures or a recovery whose delay
    runs, takes nobody's place. Whoever asks stops when there is no room for another call.
    """
    anchors = outbox.pending(session, Kind.ANCHOR, limit=room)
    registry = outbox.pending(session, *REGISTRY_KINDS, limit=max(room, LOOKED_AT))
    for row in chain.from_iterable(zip_longest(anchors, registry)):
        if row is not None:
            # What the round notes on a row is written by sessions of its own, never by this one that reads.
            session.expunge(row)
            yield row
