"""Law 5: the projection can be dropped and rebuilt to the same rows, and follows the chain wherever it goes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from attestation.identifiers import account_id
from ledger.anchors import anchor_for, final_block
from ledger.asset_rows import ASSET_TABLES
from ledger.chain.errors import ChainMoved
from ledger.chain.finality import AnvilState, Confirmations
from ledger.chain.outbox import State
from ledger.chain.rpc import Rpc
from ledger.db.chain_models import ChainBlockRow, ChainEventRow, ChainIdentifierRow, ChainKeyRow
from ledger.exchange_rows import EXCHANGE_TABLES
from ledger.obligation_rows import OBLIGATION_TABLES
from ledger.projection import Projection
from tests.ledger.engines import migrated_postgres

from .emissions_life import Cases
from .registry_life import Life, key

pytestmark = pytest.mark.chain


def follow(world: Any, **options: Any) -> Projection:
    options.setdefault("finality", world.finality)
    return Projection(world.database, options.pop("rpc", world.rpc), world.deploy(), **options)


def filled(world: Any) -> None:
    relayer = world.relayer()
    for size in (3, 4, 50):
        world.grow(size)
    world.enrol(world.enterprise())
    world.enrol(world.enterprise("88.608.5288/METER", kind=3, parent="88.608.5288/A"))
    world.settle(relayer)


def lived(world: Any) -> None:
    """Keys come, are replaced, are called compromised, are recovered or not."""
    life = Life(world.registry_domain)
    intents = [
        *life.everybody(),
        life.add(key(6), by=key(2)),
        life.rotate(key(2), key(7), by=key(6)),
        life.compromise(key(6), 7),
        life.propose(key(6), key(8)),
        life.propose(key(6), key(9)),
        life.cancel(key(9)),
    ]
    for intent in intents:
        world.enrol(intent)
    relayer = world.relayer()
    world.settle(relayer)
    world.pass_time(world.parameters.recovery_delay)
    world.enrol(life.complete(key(8)))
    world.settle(relayer)


def registered(world: Any) -> None:
    """A verifier is assigned, a figure registered, the assignment ended, a tie declared."""
    cases = Cases(world)
    for intent in cases.verifiers():
        world.enrol(intent)
    figure = cases.register(38_942, (3, 7))
    for told in (cases.assign(), figure, cases.end(), cases.tie()):
        world.tell(told)
    world.settle(world.relayer(), rounds=20)


@pytest.mark.parametrize("range_blocks", [1, 3, 2_000])
def test_dropping_and_rebuilding_gives_the_same_rows(world: Any, range_blocks: int) -> None:
    filled(world)
    lived(world)
    registered(world)
    before, outbox_before = world.projected(), world.counts()
    # What these contracts fill is dropped and rebuilt in chain/test_units_life.py and chain/test_exchange_life.py.
    others = {table.__tablename__ for table in (*ASSET_TABLES, *OBLIGATION_TABLES, *EXCHANGE_TABLES)}
    assert {name: bool(rows) for name, rows in before.items() if name not in others} == dict.fromkeys(
        set(before) - others, True
    )
    again = follow(world, range_blocks=range_blocks)
    again.drop()
    assert not any(world.projected().values())
    again.sync()
    assert world.projected() == before
    assert world.counts() == outbox_before


@pytest.mark.postgres
def test_a_server_holds_the_same_rows_and_forgets_figures_with_the_chain(
    engine: Any, make_world: Callable[..., Any], postgres: str
) -> None:
    world = make_world(engine, database=migrated_postgres(postgres))
    filled(world)
    lived(world)
    before, snapshot = world.projected(), world.snapshot()
    registered(world)
    after = world.projected()
    assert all(after[name] for name in ("chain_assignments", "chain_ties", "chain_emissions"))
    again = follow(world)
    again.drop()
    again.sync()
    assert world.projected() == after
    world.revert(snapshot)
    follow(world).sync()
    assert world.projected() == before


def test_rows_are_the_same_whichever_way_the_chain_was_followed(world: Any) -> None:
    """Step by step, through reorgs and forgotten blocks, or once from an empty database."""
    dice = random.Random(20260726)
    relayer = world.relayer(settings={"max_in_flight": 3})
    relayer.step()
    names = iter(f"88.608.5288/E{n}" for n in range(99))
    for _ in range(14):
        action = dice.choice(["grow", "enrol", "reorg", "revert"])
        if action == "grow":
            world.grow(dice.randint(1, 40))
        elif action == "enrol":
            world.enrol(world.enterprise(next(names)))
        elif action == "reorg" and world.rpc.head().number > 10:
            world.reorganise(1)
        elif action == "revert":
            before = world.snapshot()
            world.grow(2)
            relayer.step()
            relayer.step()
            world.revert(before)
        relayer.step()
    world.settle(relayer)
    followed = world.projected()
    again = follow(world)
    again.drop()
    again.sync()
    assert world.projected() == followed
    assert len(followed["chain_anchors"]) == sum(
        row[4] in {"Anchored", "Backfilled"} for row in followed["chain_events"]
    )


def test_rows_say_what_the_contracts_say(world: Any) -> None:
    filled(world)
    with world.database.read() as session:
        meter = session.get_one(ChainIdentifierRow, account_id("88.608.5288/METER"))
        assert (meter.identifier, meter.kind, meter.parent) == ("88.608.5288/METER", 3, account_id("88.608.5288/A"))
        keys = session.scalars(select(ChainKeyRow)).all()
        assert {key.account_id for key in keys} == {account_id("88.608.5288/METER"), account_id("88.608.5288/A")}
        assert {key.public_key for key in keys} == {
            world.enterprise("88.608.5288/METER").public_key,
            world.enterprise().public_key,
        }
        event = session.scalars(select(ChainEventRow).where(ChainEventRow.name == "Anchored")).first()
        assert event is not None
        log = world.evidence_log()
        args = json.loads(event.args)
        assert args == {"epoch": 0, "root": "0x" + log.root_at(0, 3).hex(), "size": 3}


def test_the_smallest_anchored_size_above_the_index_is_the_anchor(world: Any) -> None:
    filled(world)
    with world.database.read() as session:
        sizes = [anchor_for(session, 0, index) for index in (0, 2, 3, 6, 7, 56, 57)]
    assert [anchor.size if anchor else None for anchor in sizes] == [3, 3, 7, 7, 57, 57, None]


def test_an_anchor_is_final_when_its_block_is_and_not_before(world: Any) -> None:
    world.grow(3)
    world.settle(world.relayer())
    for depth, final in ((1, False), (0, True), (1, False)):
        follow(world, finality=Confirmations(depth)).sync()
        with world.database.read() as session:
            anchor = anchor_for(session, 0, 0)
            assert anchor is not None
            assert (anchor.final, anchor.state) == (final, "final" if final else "anchored")
            known = final_block(session)
            assert known is not None
            assert known.number == world.rpc.head().number - depth
    follow(world, finality=AnvilState(world.folder / "never-saved.json")).sync()
    with world.database.read() as session:
        assert final_block(session) is None


def test_a_reorg_goes_back_to_the_common_ancestor_and_no_further(world: Any) -> None:
    relayer = world.relayer()
    first = world.grow(3)
    world.settle(relayer)
    kept = world.projected()["chain_events"]
    world.grow(4)
    world.settle(relayer)
    world.reorganise(1)
    report = follow(world).sync()
    assert report.rolled_back_to == max(row[0] for row in kept)
    assert world.projected()["chain_events"] == kept
    assert world.state_of(first) is State.MINED


def test_a_shorter_chain_is_a_reorg(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    empty = world.projected()
    world.grow(3)
    world.settle(relayer)
    world.revert(before)
    report = follow(world).sync()
    assert report.reopened == 1
    assert world.projected() == empty


def test_an_idle_chain_does_not_fill_the_table_of_blocks(world: Any) -> None:
    world.deploy()
    following = follow(world)
    following.sync()
    with world.database.read() as session:
        before = len(session.scalars(select(ChainBlockRow)).all())
    for _ in range(5):
        world.rpc.request("evm_mine")
        following.sync()
    with world.database.read() as session:
        assert len(session.scalars(select(ChainBlockRow)).all()) <= before + 1


def test_a_chain_that_moves_while_it_is_read_leaves_no_half_of_it(world: Any) -> None:
    class Moving(Rpc):
        """The chain is reorganised between the header and the logs."""

        moves = 1

        def logs(self, *arguments: Any) -> Any:
            if self.moves:
                self.moves -= 1
                self.request("anvil_reorg", 1, [])
            return super().logs(*arguments)

    filled(world)
    rpc = Moving(world.engine.rpc_url)
    following = follow(world, rpc=rpc)
    following.drop()
    with pytest.raises(ChainMoved):
        following.sync()
    assert not any(world.projected().values())
    following.sync()
    followed = world.projected()
    following.drop()
    following.sync()
    assert world.projected() == followed
    rpc.close()


def test_a_chain_that_moves_between_two_ranges_is_not_read_on(world: Any) -> None:
    """What was applied of the first range is of a chain that is no more."""

    class Moving(Rpc):
        ends = 0

        def block(self, tag: Any = "latest") -> Any:
            self.ends += 1
            if self.ends == 3:  # each range asks for its end before and after its events
                world.revert(before)
                world.rpc.request("anvil_mine", hex(30))
            return super().block(tag)

    first = world.deploy().first_block
    before, kept = world.snapshot(), world.rpc.head().number
    filled(world)
    assert world.rpc.head().number > kept + 2
    rpc = Moving(world.engine.rpc_url)
    following = follow(world, rpc=rpc, range_blocks=kept + 2 - first)
    following.drop()
    with pytest.raises(ChainMoved, match="below the blocks"):
        following.sync()
    with world.database.read() as session:
        assert max(session.scalars(select(ChainBlockRow.number))) == kept + 1, "the first range was applied"
    following.sync()
    followed = world.projected()
    following.drop()
    following.sync()
    assert world.projected() == followed
    rpc.close()


def test_two_readers_of_one_database_do_not_apply_a_block_twice(world: Any) -> None:
    class Overtaken(Rpc):
        """Another reader applies the same range while this one fetches it."""

        armed = True

        def logs(self, *arguments: Any) -> Any:
            found = super().logs(*arguments)
            if self.armed:
                self.armed = False
                follow(world).sync()
            return found

    filled(world)
    expected = world.projected()
    rpc = Overtaken(world.engine.rpc_url)
    following = follow(world, rpc=rpc)
    following.drop()
    with pytest.raises(ChainMoved, match="another process"):
        following.sync()
    following.sync()
    assert world.projected() == expected
    rpc.close()


def test_reading_starts_where_the_deployment_does(engine: Any, make_world: Callable[..., Any]) -> None:
    world = make_world(engine)
    world.rpc.request("anvil_mine", hex(50))
    deployment = world.deploy()
    assert deployment.first_block == 51
    report = follow(world).sync()
    assert report.events == 78


def test_what_the_chain_forgot_while_the_projection_was_dropped_comes_back(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    kept = world.grow(3)
    world.settle(relayer)
    follow(world).drop()
    world.revert(before)
    assert follow(world).sync().reopened == 1
    assert world.state_of(kept) is State.SENT
    world.settle(relayer)
    assert world.evidence_log().root_at(0, kept.size) == kept.root
