"""A case from the first statement to the contract: what was signed for the log is what the emissions registry takes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from attestation.identifiers import account_id
from attestation.keys import Kind, PrivateKey, Purpose
from ledger.cases import CaseReader
from ledger.chain.contracts import EMISSIONS_REGISTRY
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.context import LogParameters
from ledger.db.log_models import Entry, LogState
from ledger.log import Accepted, Log
from ledger.projection import Projection
from tests.ledger.mirrored import casework, memory

pytestmark = pytest.mark.chain


@pytest.fixture
def case(world: Any) -> Any:
    """A case in the world's log, at the time that its chain has, registrable at once."""
    park = memory.Park(domain=world.registry_domain)
    park.log.now = int(time.time())
    parameters = LogParameters(
        memory.ORIGIN,
        world.deployment_id,
        memory.PARK,
        park.log.registrar,
        world.registry_domain,
        emissions_domain=world.emissions_domain,
    )
    key = PrivateKey(park.log.registrar.algorithm, bytes([7] * 32))
    log = Log(world.database, parameters, key, lambda: park.log.now)
    judge = park.log.accept

    def accept(entry: bytes) -> Any:
        verdict = judge(entry)
        (outcome,) = log.submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return verdict

    park.log.accept = accept
    park.enrol(memory.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
    park.enrol(memory.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=memory.PARK)
    made: Any = casework.Casework(memory, park, memory.WORKS, domain=world.emissions_domain)
    made.policy("rules", "rules", "1", {"year": casework.YEAR, "objection_days": 0})
    made.parameters = parameters
    return made


def anchor(world: Any) -> None:
    """What the log has taken in goes into the tree, and the chain is told of everything."""
    with world.database.read() as session:
        size = session.get_one(LogState, 1).tree_size
        leaves = session.scalars(select(Entry.leaf_hash).where(Entry.index >= size).order_by(Entry.index)).all()
    world.integrate(list(leaves))
    world.settle(world.relayer(), rounds=30)


def standing(world: Any) -> tuple[int, int, bool]:
    contract = EmissionsRegistry(world.rpc, world.deploy().addresses[EMISSIONS_REGISTRY])
    found = contract.emissions_of(account_id(memory.WORKS), casework.YEAR)
    assert found is not None
    return found.tonnes, found.revision, found.determined


def test_determined_then_verified_by_who_was_drawn(world: Any, case: Any) -> None:
    # The year is long over: its deadlines have passed (DOMAIN 10).
    case.determine()
    anchor(world)
    assert standing(world) == (999, 1, True)

    opened = case.open_draw(casework.V1, casework.V2)
    case.contribute(opened)
    verifier = case.draw(opened).body.verifier
    case.report()
    verdict = case.verify(verifier=verifier, **case.adjusted("90.00"))
    case.register(verdict)
    anchor(world)
    tonnes = case.report_body("90.00").totals.obligation_tonnes
    assert standing(world) == (tonnes, 2, False)

    Projection(world.database, world.rpc, world.deploy(), world.finality).sync()
    file = CaseReader(world.database, case.parameters).case(memory.WORKS, casework.YEAR, case.log.now)
    assert file is not None
    assert (file.summary.state.value, file.summary.figure_on_chain) == ("registered", True)
