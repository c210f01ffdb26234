"""Units, obligations, scores reach their contracts: in the order of the log, once, and again if the chain forgets."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from sqlalchemy import select

from ledger.asset_rows import ASSET_TABLES
from ledger.chain.contracts import EMISSIONS_REGISTRY
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.outbox import State
from ledger.db.asset_models import ChainMovementRow
from ledger.db.assets import AssetRepository
from ledger.db.chain_models import ChainHeadRow, OutboxRow
from ledger.obligation_rows import OBLIGATION_TABLES
from ledger.projection import Projection
from tests.ledger.engines import migrated_postgres

from ..asset_life import ACCOUNTS, ASSETS, CCER, HOLDER, YEAR, Time, Units, live
from .test_relayer_faults import Crash

pytestmark = pytest.mark.chain


@pytest.fixture
def units(world: Any) -> Units:
    return Units(world)


def told(world: Any) -> list[OutboxRow]:
    with world.database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def require_same(world: Any, units: Units, block: int | None) -> None:
    """Rows built from events alone say what the contracts say, as of a block (law 5), and law 3 holds there."""
    ledger, compliance = units.ledger(), units.compliance()
    emissions = EmissionsRegistry(world.rpc, world.deploy().addresses[EMISSIONS_REGISTRY])
    at: Any = "latest" if block is None else block
    with world.database.read() as session:
        rows = AssetRepository(session)
        for asset in ASSETS:
            supply = rows.supply(asset, block=block)
            assert (supply.issued, supply.surrendered, supply.cancelled) == ledger.supply_of(asset, block=at)
            assert supply.issued == supply.held + supply.surrendered + supply.cancelled
        for account in ACCOUNTS:
            for asset in ASSETS:
                held = rows.balance(account, asset, block=block)
                assert (held.registry, held.frozen) == ledger.balance_of(account, asset, block=at)
            owed = rows.owed(account, block=block)
            assert (owed.tonnes, owed.due_at, owed.reserve or bytes(32)) == ledger.owed_of(account, block=at)
            assert rows.suspended_at(account, block=block) == ledger.suspended_at(account, block=at)
            for freeze in rows.freezes(account, block=block):
                found = ledger.freeze_of(freeze.freeze, block=at)
                assert found is not None
                assert (freeze.account, freeze.asset, freeze.left, freeze.lapses_at) == (
                    found.account,
                    found.asset,
                    found.tonnes,
                    found.lapses_at,
                )
            for year in (YEAR + 1, YEAR):
                position = rows.position(account, year, block=block)
                found_position = compliance.position_of(account, year, block=at)
                for name in found_position.__slots__:
                    assert getattr(position, name) == getattr(found_position, name), name
            for since in (0, position.registered_at - 1, position.registered_at):
                (lowest,) = emissions.view("lowestSince", account, YEAR, max(0, since), block=at)
                assert (rows.lowest_since(account, YEAR, max(0, since), block=block) or 0) == lowest
        for run in rows.runs(block=block):
            on_chain = ledger.run_of(run.run, block=at)
            assert on_chain is not None
            assert (run.reserve, run.vintage, run.tonnes, run.granted, run.return_due, run.parts_done) == (
                on_chain.reserve,
                on_chain.vintage,
                on_chain.tonnes,
                on_chain.granted,
                on_chain.return_due,
                on_chain.parts_done,
            )
        assert (rows.price(YEAR, block=block) or 0, rows.price_charged(YEAR, block=block)) == compliance.price_of(
            YEAR, block=at
        )
        score, on_chain_score = rows.score(HOLDER, YEAR, block=block), units.scores().score_of(HOLDER, YEAR, block=at)
        assert (score is None) == (on_chain_score is None)
        if score is not None and on_chain_score is not None:
            for name in on_chain_score.__slots__:
                assert getattr(score, name) == getattr(on_chain_score, name), name


def test_balances_rebuilt_from_events_equal_the_contracts_at_the_head_and_at_earlier_blocks(
    world: Any, units: Units
) -> None:
    """Laws 3 and 5, at the head, at ten random earlier blocks, and after the rows were dropped and built anew."""
    live(world, units)
    assert {row.state for row in told(world)} == {State.MINED}
    assert {row.attempts for row in told(world)} == {1}
    with world.database.read() as session:
        head = session.get_one(ChainHeadRow, 1).number
        first = min(row.block_number or 0 for row in told(world))
    before = world.projected()
    assert all(before[table.__tablename__] for table in (*ASSET_TABLES, *OBLIGATION_TABLES))
    for range_blocks in (1, 3, 2_000):
        projection = Projection(world.database, world.rpc, world.deploy(), world.finality, range_blocks=range_blocks)
        projection.drop()
        projection.sync()
        assert world.projected() == before
    require_same(world, units, None)
    for block in random.Random(1).sample(range(first, head), 10):
        require_same(world, units, block)
    with world.database.read() as session:
        rows = AssetRepository(session)
        for block in range(first, head + 1):
            for asset in ASSETS:
                supply = rows.supply(asset, block=block)
                assert supply.issued == supply.held + supply.surrendered + supply.cancelled
        position = rows.position(HOLDER, YEAR)
        assert (position.due, position.credit_out, rows.position(HOLDER, YEAR + 1).credit_in) == (0, 47, 47)
        assert rows.supply(CCER).surrendered == 20
        movements = [row for account in ACCOUNTS for row in rows.movements(account)]
    asked = {row.op_id for row in told(world)}
    assert {row.op_id for row in movements} <= asked, "every movement names the operation that asked for it"
    assert all(row.entry_index is not None for row in movements)


@pytest.mark.parametrize("applied", [True, False], ids=["after-sending", "before-sending"])
def test_a_relayer_killed_around_sending_takes_no_units_twice(world: Any, units: Units, applied: bool) -> None:
    """Law 6. Every relayer dies at its third transaction; what it stored is sent by the next."""
    dead: list[Crash] = []

    def die(clock: Time) -> None:
        for at in (3, 2, 1):
            dead.append(Crash(world.engine.rpc_url, at, applied=applied))
            clock.go_on(60)  # the lease of the one before is over
            with contextlib.suppress(KeyboardInterrupt):
                world.relayer(f"dying {len(dead)}", rpc=dead[-1], clock=clock).step()
        clock.go_on(60)

    live(world, units, between=die)
    for rpc in dead:
        rpc.close()
    assert {row.state for row in told(world)} == {State.MINED}
    require_same(world, units, None)
    require_once(world)


def require_once(world: Any) -> None:
    """Of every operation there is what one call of it says, and no other."""
    kinds = {row.op_id: row.kind for row in told(world)}
    with world.database.read() as session:
        rows = session.execute(select(ChainMovementRow.op_id, ChainMovementRow.tx_hash).distinct()).all()
    assert len(rows) == len({row.op_id for row in rows})
    assert {row.op_id for row in rows} <= set(kinds)


def test_a_chain_that_forgot_blocks_has_all_units_back_once(world: Any, units: Units) -> None:
    """Law 6: what was told before the deadline is told again in the order of the log."""
    clock = Time(world)
    relayer = world.relayer(clock=clock)
    for intent in units.everybody():
        world.enrol(intent)
    world.settle(relayer)
    before = world.snapshot()
    for intent in units.year()[0]:
        world.tell(intent)
    world.settle(relayer, rounds=60)
    require_same(world, units, None)
    after = amounts(world)
    for forget in (lambda: world.revert(before), lambda: world.reorganise(4), world.forget_everything):
        forget()
        world.settle(relayer, rounds=60)
        assert {row.state for row in told(world)} == {State.MINED}
        assert amounts(world) == after
        require_same(world, units, None)
        require_once(world)


def amounts(world: Any) -> list[Any]:
    """What moved, in its order, whatever blocks it is in."""
    columns = ("kind", "account", "asset", "registry", "trading", "frozen", "issued", "surrendered", "cancelled")
    table = ChainMovementRow.__table__
    with world.database.read() as session:
        query = select(*(table.c[name] for name in columns), table.c.op_id)
        return sorted(tuple(row) for row in session.execute(query))


@pytest.mark.postgres
def test_a_server_adds_up_the_same(engine: Any, make_world: Any, postgres: str) -> None:
    """Sums, stamps and blocks on PostgreSQL, in the tables that migrations made."""
    world = make_world(engine, database=migrated_postgres(postgres))
    units = Units(world)
    live(world, units)
    require_same(world, units, None)
    with world.database.read() as session:
        head = session.get_one(ChainHeadRow, 1).number
        rows = AssetRepository(session)
        assert rows.pending_out(HOLDER, ASSETS[0]) == 0
        assert YEAR in rows.years(HOLDER)
        assert rows.closed(HOLDER, YEAR) is not None
    require_same(world, units, head - 9)
    before = world.projected()
    projection = Projection(world.database, world.rpc, world.deploy(), world.finality)
    projection.drop()
    projection.sync()
    assert world.projected() == before
