"""Verifiers and figures reach the emissions registry: in the order of the log, once, and again if the chain forgets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from attestation.identifiers import account_id
from ganache import Node
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.emission_models import ChainAssignmentRow, ChainEmissionsRow, ChainTieRow
from ledger.projection import Projection

from ..emissions_life import AUDITORS_KEY, DAY, VERIFIERS_KEY, YEAR, Cases
from ..registry_life import AUDITOR, PARK, VERIFIER, WORKS, key

pytestmark = pytest.mark.chain


@pytest.fixture
def cases(world: Any) -> Cases:
    return Cases(world)


def enrol(world: Any, cases: Cases) -> None:
    for intent in cases.everybody():
        world.enrol(intent)


def tell(world: Any, *intents: Any) -> list[bytes]:
    return [world.tell(intent) for intent in intents]


def states(world: Any, ops: list[bytes]) -> set[State | None]:
    return {world.state(op) for op in ops}


def figures(world: Any) -> list[tuple[int, int, bool]]:
    with world.database.read() as session:
        rows = session.scalars(select(ChainEmissionsRow).order_by(ChainEmissionsRow.revision))
        return [(row.tonnes, row.revision, row.determined) for row in rows]


def attempts(world: Any) -> int:
    with world.database.read() as session:
        return int(session.scalar(select(func.sum(OutboxRow.attempts))))


def test_a_figure_asked_for_at_once_with_all_that_it_stands_on_is_registered(world: Any, cases: Cases) -> None:
    """Enrolments, assignment, anchor, figure (DOMAIN 44): each stands on the one before."""
    world.grow(9)
    enrol(world, cases)
    ops = tell(world, cases.tie(WORKS, AUDITOR), cases.assign(), cases.register(38_942, (3, 7)))
    world.settle(world.relayer(), rounds=20)
    assert states(world, ops) == {State.MINED}
    assert cases.standing() == (38_942, 1, False)
    found = cases.contract().emissions_of(account_id(WORKS), YEAR)
    with world.database.read() as session:
        row = session.scalars(select(ChainEmissionsRow)).one()
        assigned = session.scalars(select(ChainAssignmentRow)).one()
        tie = session.scalars(select(ChainTieRow)).one()
    assert found is not None
    assert (row.report_leaf, row.statement_leaf, row.verifier) == (
        found.report_leaf,
        found.statement_leaf,
        account_id(VERIFIER),
    )
    assert row.signer == VERIFIERS_KEY.public.evm_address
    assert (assigned.verifier, assigned.ended_number) == (account_id(VERIFIER), None)
    assert {tie.a, tie.b} == {account_id(WORKS), account_id(AUDITOR)}


def test_an_amendment_is_another_revision_by_another_verifier(world: Any, cases: Cases) -> None:
    """DOMAIN 2: a later version of the figure; the first stays to be seen."""
    world.grow(9)
    enrol(world, cases)
    tell(
        world,
        *(cases.assign(), cases.register(39_105, (1, 2)), cases.end()),
        *(cases.assign(AUDITOR), cases.register(38_942, (4, 5), revision=2, by=AUDITORS_KEY)),
    )
    world.settle(world.relayer(), rounds=20)
    assert cases.standing() == (38_942, 2, False)
    assert figures(world) == [(39_105, 1, False), (38_942, 2, False)]
    with world.database.read() as session:
        ended = [row.ended_index for row in session.scalars(select(ChainAssignmentRow).order_by("block_number"))]
    assert ended[0] is not None
    assert ended[1] is None


def test_a_determination_is_marked_and_a_later_verification_takes_its_place(world: Any, cases: Cases) -> None:
    """DOMAIN 10."""
    world.grow(9)
    enrol(world, cases)
    tell(world, cases.determine(45_000))
    world.settle(world.relayer(), rounds=20)
    assert cases.standing() == (45_000, 1, True)
    tell(world, cases.assign(), cases.register(38_942, (3, 7), revision=2))
    world.settle(world.relayer(), rounds=20)
    assert cases.standing() == (38_942, 2, False)
    assert figures(world) == [(45_000, 1, True), (38_942, 2, False)]


def test_a_figure_waits_for_its_anchor_and_holds_up_no_key_and_no_other_case(world: Any, cases: Cases) -> None:
    world.grow(3)
    enrol(world, cases)
    figure = world.tell(cases.register(38_942, (3, 7)))  # entries that are not anchored
    behind = world.tell(cases.tie(WORKS, AUDITOR))
    later = world.enrol(cases.life.add(key(6), by=key(2)))
    other = world.tell(cases.tie(PARK, AUDITOR))
    relayer = world.relayer()
    for _ in range(6):
        relayer.step()
    assert [world.state(op) for op in (figure, behind, later, other)] == [
        State.PENDING,
        State.PENDING,
        State.MINED,
        State.MINED,
    ]
    assert any("entry 7 is not anchored; the contract knows size 3" in str(error) for error in world.errors())


def test_who_signed_a_figure_keeps_the_key_until_it_is_told(world: Any, cases: Cases) -> None:
    """The contract judges by the keys of that moment: a rotation that overtook the figure would have it refused."""
    world.grow(3)
    enrol(world, cases)
    new = key(40)
    ops = tell(world, cases.assign(), cases.register(38_942, (3, 7)))
    rotated = world.enrol(cases.life.rotate(VERIFIERS_KEY, new, by=VERIFIERS_KEY, whose=VERIFIER))
    others = world.enrol(cases.life.add(key(6), by=key(2)))
    relayer = world.relayer()
    for _ in range(6):
        relayer.step()
    assert [world.state(op) for op in (*ops, rotated, others)] == [
        *(State.MINED, State.PENDING, State.PENDING, State.MINED)
    ]
    world.grow(6)
    world.settle(relayer, rounds=20)
    assert states(world, [*ops, rotated]) == {State.MINED}
    assert cases.standing() == (38_942, 1, False)


def test_a_compromised_key_is_ended_whatever_waits_for_it(world: Any, cases: Cases) -> None:
    world.grow(3)
    enrol(world, cases)
    (figure,) = tell(world, cases.register(38_942, (3, 7)))
    stolen = world.enrol(cases.life.compromise(VERIFIERS_KEY, 6))
    relayer = world.relayer()
    for _ in range(5):
        relayer.step()
    assert [world.state(op) for op in (figure, stolen)] == [State.PENDING, State.MINED]


def test_a_figure_by_who_is_not_assigned_is_refused_and_holds_up_nobody(world: Any, cases: Cases) -> None:
    """DOMAIN 8: the works' own key, and a verifier that nobody assigned."""
    world.grow(9)
    enrol(world, cases)
    assigned = world.tell(cases.assign())
    wrong = tell(world, cases.register(1, (1, 2), by=key(2)), cases.register(1, (1, 2), by=AUDITORS_KEY))
    right = world.tell(cases.register(38_942, (3, 7)))
    relayer = world.relayer()
    for _ in range(12):
        relayer.step()
    assert [world.state(op) for op in (assigned, right)] == [State.MINED, State.MINED]
    assert states(world, wrong) == {State.PENDING}
    assert any("VerifierSignatureInvalid" in str(error) or "Revision" in str(error) for error in world.errors())
    assert figures(world) == [(38_942, 1, False)]


def test_an_assignment_that_begins_by_todays_clock_is_not_refused_by_an_old_blocks(world: Any, cases: Cases) -> None:
    """The last block of a quiet chain may be from yesterday."""
    world.grow(9)
    enrol(world, cases)
    begins = int(time.time()) + 2 * DAY
    ops = tell(world, cases.assign(begins=begins), cases.register(38_942, (3, 7)))
    early = world.relayer()
    for _ in range(6):
        early.step()
    assert [world.state(op) for op in ops] == [State.MINED, State.PENDING]
    assert world.rpc.head().timestamp < begins
    world.rpc.request("evm_setNextBlockTimestamp", begins + 1)
    late = world.relayer(clock=lambda: begins + 1)
    world.settle(late, rounds=6)
    assert cases.standing() == (38_942, 1, False)


def test_a_chain_that_was_reverted_has_its_registrations_back_once(world: Any, cases: Cases) -> None:
    world.grow(9)
    enrol(world, cases)
    relayer = world.relayer()
    world.settle(relayer, rounds=20)
    before = world.snapshot()
    ops = tell(
        world,
        *(cases.tie(WORKS, PARK), cases.assign(), cases.register(39_105, (1, 2)), cases.end()),
        *(cases.assign(AUDITOR), cases.register(38_942, (4, 5), revision=2, by=AUDITORS_KEY)),
    )
    world.settle(relayer, rounds=20)
    rows = world.projected()
    world.revert(before)
    assert cases.standing() is None
    world.settle(relayer, rounds=20)
    assert states(world, ops) == {State.MINED}
    assert cases.standing() == (38_942, 2, False)
    assert figures(world) == [(39_105, 1, False), (38_942, 2, False)]
    assert {name: len(found) for name, found in world.projected().items()} == {
        name: len(found) for name, found in rows.items()
    }


def test_a_chain_back_at_genesis_hears_everything_again_in_order_also_of_keys_that_ended_since(
    world: Any, cases: Cases
) -> None:
    """The verifier's key was rotated, then ended, after the figure: told first, that would refuse the figure."""
    world.grow(9)
    enrol(world, cases)
    relayer = world.relayer()
    tell(world, cases.assign(), cases.register(38_942, (3, 7)))
    world.settle(relayer, rounds=20)
    new = key(40)
    world.enrol(cases.life.rotate(VERIFIERS_KEY, new, by=VERIFIERS_KEY, whose=VERIFIER))
    world.enrol(cases.life.revoke(new))
    world.settle(relayer, rounds=20)
    world.forget_everything()
    world.settle(relayer, rounds=40)
    assert cases.standing() == (38_942, 1, False)
    assert world.counts()[State.REFUSED] == 0


def test_the_rows_are_the_chains_and_come_back_when_dropped(world: Any, cases: Cases) -> None:
    """Law 5: tables are projections."""
    world.grow(9)
    enrol(world, cases)
    tell(world, cases.tie(WORKS, PARK), cases.assign(), cases.register(39_105, (1, 2)), cases.end())
    tell(world, cases.assign(AUDITOR), cases.register(38_942, (4, 5), revision=2, by=AUDITORS_KEY))
    relayer = world.relayer()
    world.settle(relayer, rounds=20)
    rows, sent = world.projected(), attempts(world)
    Projection(world.database, world.rpc, world.deploy(), world.finality).drop()
    assert figures(world) == []
    world.settle(relayer, rounds=20)
    assert world.projected() == rows
    assert attempts(world) == sent, "what is read again is not sent again"


def test_a_reorganised_chain_gets_the_same_figures(world: Any, cases: Cases) -> None:
    world.grow(9)
    enrol(world, cases)
    relayer = world.relayer()
    world.settle(relayer, rounds=20)
    ops = tell(world, cases.assign(), cases.register(39_105, (1, 2)), cases.end())
    world.settle(relayer, rounds=20)
    world.reorganise(3)
    world.settle(relayer, rounds=20)
    assert states(world, ops) == {State.MINED}
    assert figures(world) == [(39_105, 1, False)]


@pytest.mark.node
def test_figures_are_registered_on_ganache_as_on_anvil(make_world: Any, tmp_path: Path) -> None:
    with Node(tmp_path / "ganache", engine="ganache") as engine:
        world = make_world(engine)
        cases = Cases(world)
        world.grow(9)
        enrol(world, cases)
        wrong = world.tell(cases.register(1, (1, 2), by=AUDITORS_KEY))
        ops = tell(world, cases.determine(45_000), cases.assign(), cases.register(38_942, (3, 7), revision=2))
        relayer = world.relayer()
        for _ in range(9):
            relayer.step()
        assert states(world, ops) == {State.MINED}
        assert world.state(wrong) is State.PENDING
        assert cases.standing() == (38_942, 2, False)
        assert figures(world) == [(45_000, 1, True), (38_942, 2, False)]
