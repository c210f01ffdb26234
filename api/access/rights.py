"""Whose things are whose, and who may read them (docs/access.md).

An identifier's things are those that it signed. A device's and a person's belong to the body they are part of as well.
A verifier reads what is assigned to it: what enterprises with a current ``assignment`` to it have, within its days,
but for what they hold and owe.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from api.access.callers import OVERSEERS, Caller, Role
from attestation.keys import Kind
from ledger.db.base import Database
from ledger.db.cases import CaseRepository
from ledger.db.identities import IdentityRepository

OPEN_TYPES = frozenset({"key", "policy", "market"})
"""Entries that everybody who is signed in may read: without them nobody could judge a signature, a sum or a price."""
HOLDERS_TYPES = frozenset({"holding", "compliance", "intent", "allocation", "score", "order", "cash"})
"""Entries about what somebody holds and owes: for them and the overseers, not for who verifies their emissions."""

KEPT_SECONDS = 2.0
_KEPT = 50_000
_PARTS = frozenset({Kind.DEVICE.value, Kind.PERSON.value})


class Rights:
    """Answers who may read what. ``clock``: unix seconds; ``ticks``: monotonic seconds."""

    def __init__(self, database: Database, clock: Callable[[], float], ticks: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._bodies: dict[str, str | None] = {}
        self._assigned: tuple[float, frozenset[tuple[str, str]]] = (float("-inf"), frozenset())

    def body_of(self, issuer: str) -> str | None:
        """The body that an identifier's things belong to; None for an identifier that is not enrolled."""
        # An identifier keeps its kind and parent for ever.
        known = self._bodies.get(issuer)
        if known is None:
            with self._database.read() as session:
                row = IdentityRepository(session).identifier(issuer)
            if row is None:
                return None
            known = row.parent if row.kind in _PARTS and row.parent is not None else row.identifier
            with self._lock:
                if len(self._bodies) >= _KEPT:
                    self._bodies.clear()
                self._bodies[issuer] = known
        return known

    def may_read(self, caller: Caller, issuer: str, type_: str | None = None) -> bool:
        """Whether the caller may read what ``issuer`` signed; ``type_``: the statement's type, where there is one."""
        if caller.role in OVERSEERS or type_ in OPEN_TYPES or issuer == caller.identifier:
            return True
        if caller.role is Role.DEVICE:
            return False
        body = self.body_of(issuer)
        if body == caller.body:
            return True
        if caller.role is not Role.VERIFIER or type_ in HOLDERS_TYPES:
            return False
        return body is not None and (caller.body, body) in self._assignments()

    def enterprises_of(self, caller: Caller) -> frozenset[str] | None:
        """Whose cases the caller may read: its own and those that are assigned to it; None for everybody's."""
        if caller.role in OVERSEERS:
            return None
        if caller.role is Role.DEVICE:
            return frozenset()
        assigned = {enterprise for verifier, enterprise in self._assignments() if verifier == caller.body}
        return frozenset({caller.body} | (assigned if caller.role is Role.VERIFIER else set()))

    def _assignments(self) -> frozenset[tuple[str, str]]:
        until, found = self._assigned
        if self._ticks() >= until:
            found = self._read_assignments()
            self._assigned = (self._ticks() + KEPT_SECONDS, found)
        return found

    def _read_assignments(self) -> frozenset[tuple[str, str]]:
        with self._database.read() as session:
            return frozenset(CaseRepository(session).assigned_at(int(self._clock())))
