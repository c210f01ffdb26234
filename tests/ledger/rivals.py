"""Two services over one store, told at once what excludes each other, and what must be left when both have answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey
from ledger.db.base import Database
from ledger.log import Accepted, Log, Outcome, Refused
from tests.ledger.mirrored import Mirror

SENT_SECONDS = 60.0


class Rivals:
    """Two services over one store, each with connections and a clock of its own: what orders them is the store."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._other = Database(mirror.database.url)

    def at_once(self, entries: Sequence[bytes], now: Sequence[int] | None = None) -> list[Outcome]:
        """What each service answers, told one entry each; signatures are checked before either may write."""
        times = now or [self.mirror.memory.now] * 2
        logs = [self._service(self.mirror.database, times[0]), self._service(self._other, times[1])]
        examined = [log.examine([entry]) for log, entry in zip(logs, entries, strict=True)]
        start, outcomes = threading.Barrier(2, timeout=SENT_SECONDS), dict[int, Outcome]()

        def send(place: int) -> None:
            start.wait()
            (outcomes[place],) = logs[place].settle(examined[place]).outcomes

        senders = [threading.Thread(target=send, args=(place,)) for place in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(SENT_SECONDS)
        assert sorted(outcomes) == [0, 1], "a service did not answer"
        return [outcomes[place] for place in range(2)]

    def one_enters(self, entries: Sequence[bytes], now: Sequence[int] | None = None) -> tuple[int, AttestationError]:
        """The place of the one entry that was logged, and why the other was not."""
        before = self.mirror.memory.next_index
        outcomes = self.at_once(entries, now)
        entered = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Accepted)]
        assert len(entered) == 1, outcomes
        refused = outcomes[1 - entered[0]]
        assert isinstance(refused, Refused)
        self.mirror.catch_up()
        assert self.mirror.memory.next_index == before + 1
        assert self.mirror.memory.entries[-1].statement.entry == entries[entered[0]]
        self.mirror.compare_facts()
        return entered[0], refused.error

    def whole(self) -> None:
        """Tables and wishes are those of the entries, and of the log in memory; no refused one took a place."""
        self.mirror.compare_facts()
        assert self.mirror.replay_faults() == []
        with self.mirror.database.read() as session:
            assert session.scalar(text("SELECT count(*) FROM equivocations")) == 0
            assert session.scalar(text("SELECT count(*) FROM gaps")) == 0
            entries = text("SELECT count(*) FROM streams WHERE count <> last_seq OR count = 0")
            assert session.scalar(entries) == 0

    def close(self) -> None:
        self._other.close()

    def _service(self, database: Database, now: int) -> Log:
        key = PrivateKey(Algorithm.ED25519, bytes([7] * 32))
        return Log(database, self.mirror.parameters, key, lambda: now)


def sign(rivals: Rivals, type_: str, body: Any, iss: str, stream: str) -> bytes:
    """In a stream of its own, so that no order of places decides."""
    park, now = rivals.mirror.case.park, rivals.mirror.memory.now
    return bytes(park.sign(type_, body, iss=iss, stream=stream, iat=now))


def assert_refused_alike(rivals: Rivals, refused: AttestationError, entry: bytes) -> None:
    """The refusal is the one that whoever had come second would have got."""
    with pytest.raises(type(refused)) as again:
        rivals.mirror.accept(entry)
    found = again.value
    assert (found.step, found.rule, found.value, found.expected) == (
        *(refused.step, refused.rule),
        *(refused.value, refused.expected),
    )
