"""A figure that the contract refuses for good comes back by the log's own rules, and chain and log agree at the end."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.cases import CaseReader
from ledger.chain.contracts import EMISSIONS_REGISTRY
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.context import LogParameters
from ledger.db.chain_models import OutboxRow
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


def anchor(world: Any, relayer: Any) -> None:
    """What the log has taken in goes into the tree, and the chain is told of everything; refusals become final."""
    with world.database.read() as session:
        size = session.get_one(LogState, 1).tree_size
        leaves = session.scalars(select(Entry.leaf_hash).where(Entry.index >= size).order_by(Entry.index)).all()
    if leaves:
        world.integrate(list(leaves))
    for _ in range(40):
        relayer.step()
        world.rpc.request("evm_mine")
        counts = world.counts()
        if not counts[State.PENDING] and not counts[State.SENT]:
            return
    raise AssertionError(f"{world.counts()} {world.errors()}")


def on_chain(world: Any) -> tuple[int, int] | None:
    contract = EmissionsRegistry(world.rpc, world.deploy().addresses[EMISSIONS_REGISTRY])
    found = contract.emissions_of(account_id(memory.WORKS), casework.YEAR)
    return None if found is None else (found.tonnes, found.revision)


def registers(world: Any) -> list[tuple[int, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "register").order_by(OutboxRow.id))
        return [(row.position, row.state) for row in rows]


def test_a_key_declared_stolen_before_the_contract_heard_of_the_figure(world: Any, case: Any) -> None:
    world.finality = Confirmations(1)
    relayer = world.relayer()
    case.appoint()
    case.report()
    verdict = case.verify()
    case.register(verdict)
    first = case.log.entries[-1].index
    stolen, new = case.park.keys[casework.V1], memory.seeded(Algorithm.ES256K, 91)
    case.park.rotate(casework.V1, new, consent=stolen)
    case.park.compromise(casework.V1, stolen, case.log.next_index)
    # The figure waits for its anchor; the theft waits for nothing.
    for _ in range(4):
        relayer.step()
    anchor(world, relayer)
    assert (on_chain(world), registers(world)) == (None, [(first, "refused")])
    case.log.refused_figures |= {first}

    case.park.keys[casework.V1] = new
    case.register(verdict)
    second = case.log.entries[-1].index
    anchor(world, relayer)
    tonnes = case.report_body().totals.obligation_tonnes
    assert on_chain(world) == (tonnes, 1)
    Projection(world.database, world.rpc, world.deploy(), world.finality).sync()
    file = CaseReader(world.database, case.parameters).case(memory.WORKS, casework.YEAR, case.log.now)
    assert file is not None
    assert (file.summary.state.value, file.summary.figure_on_chain) == ("registered", True)

    # The next version follows, also where the chain begins anew and the old wish might go first.
    case.resubmit("80.00")
    case.register(case.verify())
    world.forget_everything()
    anchor(world, relayer)
    assert on_chain(world) == (case.report_body("80.00").totals.obligation_tonnes, 2)
    assert registers(world)[0] == (first, "refused")
    assert [position for position, _ in registers(world)][1] == second


def test_a_chain_that_forgot_hears_of_a_figure_after_the_days_of_its_assignment(world: Any, case: Any) -> None:
    world.finality = Confirmations(1)
    relayer = world.relayer()
    case.appoint(last=3)
    case.report()
    verdict = case.verify()
    case.register(verdict)
    first = case.log.entries[-1].index
    anchor(world, relayer)
    told = on_chain(world)
    assert told is not None
    world.forget_everything()
    world.pass_time(5 * casework.DAY)
    case.at(5)
    anchor(world, relayer)
    assert (on_chain(world), registers(world)) == (None, [(first, "refused")])
    case.log.refused_figures |= {first}

    case.end()
    case.appoint(first=4)
    case.register(verdict)
    anchor(world, relayer)
    assert on_chain(world) == told
