"""From a report in a real log to a figure in a real contract, judged by whoever has two receipts and a node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ledger.chain.finality import Confirmations
from ledger.chain.view import Web3ChainView
from ledger.db.log_models import LogState
from ledger.errors import ReceiptRefused
from ledger.receipts import FigureWords, verify_registered

from ..case_desk import VERIFIER
from ..chain_desk import DAY, ChainDesk
from ..log.conftest import DEPLOYMENT, ORIGIN

pytestmark = pytest.mark.chain


@pytest.fixture
def view(world: Any) -> Iterator[Web3ChainView]:
    made = Web3ChainView(world.engine.rpc_url, finality=Confirmations(0))
    yield made
    made.close()


def test_a_figure_of_a_real_case_is_registered_and_checked_from_outside_also_after_the_chain_forgot_it(
    world: Any, view: Web3ChainView
) -> None:
    """DOMAIN 44, from the assignment to the registration; then two receipts, a trust file and a node."""
    world.parameters = replace(world.parameters, deployment_id=DEPLOYMENT)
    with world.database.write() as session:
        session.get_one(LogState, 1).origin = ORIGIN
    desk = ChainDesk.over(world.database, world, time.time())
    relayer = world.relayer()
    desk.appoint()
    report = desk.report("1000.00")
    tonnes = desk.reported.totals.obligation_tonnes
    verdict = desk.verify(report)
    desk.integrate()
    world.settle(relayer, rounds=20)
    words = desk.words(report, verdict, tonnes)
    trust = desk.trust()

    def judged(said: FigureWords = words) -> Any:
        return verify_registered(desk.receipt(report), desk.receipt(verdict), said, trust, view)

    with pytest.raises(ReceiptRefused) as refused:
        judged()
    assert (refused.value.step, refused.value.rule) == (12, "chain.emissions")

    desk.clock.now += 25 * DAY  # the objection window is over
    desk.registered(verdict, words)
    world.settle(relayer, rounds=20)
    found = judged()
    assert tonnes > 1_000
    assert (found.on_chain.tonnes, found.on_chain.revision, found.verifier) == (tonnes, 1, VERIFIER)
    with pytest.raises(ReceiptRefused) as refused:
        judged(desk.words(report, verdict, tonnes - 1))
    assert (refused.value.step, refused.value.rule) == (10, "registered.tonnes")

    world.forget_everything()
    world.settle(relayer, rounds=30)
    again = judged()
    assert (again.on_chain.tonnes, again.on_chain.revision) == (tonnes, 1)
