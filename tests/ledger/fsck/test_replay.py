"""What a replay keeps in memory between entries is what its store says when somebody reads it."""

from __future__ import annotations

from ledger.context import LedgerContext, LogParameters, parameters_of
from ledger.fsck.replay import replaying

from .stores import Made

NAME = ("88.608.5288/A", "s")
STANDING = {
    "last_seq": 9,
    "count": 8,
    "closed_seq": 0,
    "closed_until": 0,
    "head_seq": 9,
    "head_start": 10,
    "head_end": 20,
}


def _parameters(made: Made) -> LogParameters:
    return parameters_of(made.trust)


def test_where_a_stream_stands_is_told_to_verification_and_to_the_store(sound: Made) -> None:
    with replaying(_parameters(sound)) as replay:
        replay.stand(1, NAME, STANDING)
        told = replay.context(LedgerContext, 5, 0).stream(*NAME)
        assert (told.last_seq, told.count) == (9, 8)
        replay.stand(1, NAME, STANDING | {"last_seq": 12, "count": 9})
        columns = ", ".join(STANDING)
        assert replay.store().one(f"SELECT {columns} FROM streams") == (12, 9, 0, 0, 9, 10, 20)
        assert replay.context(LedgerContext, 5, 0).stream(*NAME).last_seq == 12


def test_where_the_log_stands_is_in_the_store_when_it_is_read(sound: Made) -> None:
    with replaying(_parameters(sound)) as replay:
        replay.context(LedgerContext, 7, 0)
        assert replay.store().scalar("SELECT next_index FROM log_state") == 7
        replay.context(LedgerContext, 8, 0)
        replay.commit()
        with replay.database.read() as session:
            assert session.connection().exec_driver_sql("SELECT next_index FROM log_state").scalar_one() == 8
