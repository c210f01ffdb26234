"""The emissions registry is told in the transaction that accepts the entry, where there is such a contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.chain.emission_intents import EndAssignmentIntent
from ledger.chain.outbox import State, state_of
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Base, Database
from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import LogState
from ledger.effects.emissions import tell_emissions

DEPLOYMENT = b"\x5a" * 32
ORIGIN = f"park.example/log/{DEPLOYMENT.hex()}"
END = EndAssignmentIntent(b"\x03" * 32, 8, "88.608.1/works", 2025)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'o.db'}")
    Base.metadata.create_all(made.engine)
    with made.write() as session:
        session.add(LogState(id=1, origin=ORIGIN, epoch=0, next_index=9, tree_size=0))
    yield made
    made.close()


def tell(database: Database, domain: Domain | None, *, fails: bool = False) -> None:
    registrar = PrivateKey.generate(Algorithm.ED25519).public
    parameters = LogParameters(ORIGIN, DEPLOYMENT, "88.608.1/PARK", registrar, None, emissions_domain=domain)
    with database.write() as session:
        context = LedgerContext(session, parameters, session.get_one(LogState, 1), now=1)
        tell_emissions(session, context, END)
        if fails:
            raise RuntimeError("the entry is not accepted after all")


def asked(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(OutboxRow)) or 0)


def test_what_an_entry_says_is_asked_for_once(database: Database) -> None:
    for _ in range(2):
        tell(database, Domain(31337, b"\x13" * 20, DEPLOYMENT))
    with database.read() as session:
        assert state_of(session, END.operation_id(DEPLOYMENT)) is State.PENDING
    assert asked(database) == 1


def test_without_the_contract_nothing_is_asked_for(database: Database) -> None:
    tell(database, None)
    assert asked(database) == 0


def test_an_entry_that_is_not_accepted_asks_for_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        tell(database, Domain(31337, b"\x13" * 20, DEPLOYMENT), fails=True)
    assert asked(database) == 0
