"""One holder at a time; whoever lost the lease cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.chain.errors import LeaseLost
from ledger.chain.lease import Lease
from ledger.db.base import Base, Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'l.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def acquire(database: Database, lease: Lease) -> bool:
    with database.write() as session:
        return lease.acquire(session)


def check(database: Database, lease: Lease) -> None:
    with database.write() as session:
        lease.check(session)


def test_the_token_grows_with_every_change_of_holder_and_fences_the_old_one(database: Database) -> None:
    now = [100.0]
    first, second = (Lease("relayer", name, seconds=30, clock=lambda: now[0]) for name in ("a", "b"))
    assert acquire(database, first)
    check(database, first)
    assert not acquire(database, second)
    with pytest.raises(LeaseLost):
        check(database, second)
    now[0] += 29
    assert acquire(database, first)
    now[0] += 29
    assert not acquire(database, second)
    now[0] += 1
    assert acquire(database, second)
    assert (first.token, second.token) == (1, 2)
    with pytest.raises(LeaseLost, match=r"b, token 2"):
        check(database, first)
    assert not acquire(database, first)


def test_a_released_lease_is_free_at_once_and_another_role_is_another_lease(database: Database) -> None:
    first, second = Lease("relayer", "a"), Lease("relayer", "b")
    assert acquire(database, first)
    assert acquire(database, Lease("sequencer", "b"))
    with database.write() as session:
        first.release(session)
    assert acquire(database, second)
    with pytest.raises(LeaseLost):
        check(database, first)
