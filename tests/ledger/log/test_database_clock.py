"""Machines that share a database share its clock."""

from __future__ import annotations

import time

import pytest

from ledger.chain.lease import Lease
from ledger.db.base import Database
from ledger.db.clock import database_time


def test_the_database_knows_the_time(database: Database) -> None:
    with database.read() as session:
        assert abs(database_time(session) - time.time()) < 5


def test_a_machine_whose_clock_is_ahead_takes_no_lease_that_is_alive(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Lease("relayer", "here"), Lease("relayer", "there")
    with database.write() as session:
        assert here.acquire(session)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    with database.write() as session:
        assert not there.acquire(session)
    with database.write() as session:
        here.check(session)
