"""Laws 3 and 5: the statement of an account, as of whatever block, is what the contracts say at that block."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from attestation.assets import CCER, quota_of
from ledger.accounts import AccountReader, AccountStatement
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE
from ledger.chain.finality import Confirmations
from ledger.compliance_views import ComplianceReader
from ledger.db.account_queries import AccountRepository
from ledger.errors import OutOfRange
from tests.ledger.mirrored import memory

from .chained_units import STEEL, TILES, YEAR, Chained

pytestmark = pytest.mark.chain

QUOTA, OLD = quota_of(YEAR), quota_of(2022)
ACCOUNTS, ASSETS = (memory.PARK, STEEL, TILES), (OLD, QUOTA, CCER)


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


class Contracts:
    """What the contracts say at a block."""

    def __init__(self, chained: Chained) -> None:
        addresses = chained.world.deploy().addresses
        self.rpc = chained.world.rpc
        self.ledger = CarbonLedger(self.rpc, addresses[CARBON_LEDGER])
        self.compliance = Compliance(self.rpc, addresses[COMPLIANCE])

    def require_account(self, found: AccountStatement, block: int) -> None:
        account = found.summary.account
        held = {one.asset: one.balance for one in found.summary.holdings}
        for asset in ASSETS:
            said = held.get(asset)
            shown = (0, 0) if said is None else (said.registry, said.frozen)
            assert shown == self.ledger.balance_of(account, asset, block=block), (block, asset)
        owed = found.summary.owed
        assert (owed.tonnes, owed.due_at) == self.ledger.owed_of(account, block=block)[:2]
        assert found.summary.suspended_at == self.ledger.suspended_at(account, block=block)
        frozen = 0
        for freeze in found.freezes:
            on_chain = self.ledger.freeze_of(freeze.freeze, block=block)
            assert on_chain is not None
            assert (on_chain.tonnes, on_chain.lapses_at) == (freeze.left, freeze.lapses_at)
            frozen += freeze.left
        assert frozen == sum(one.balance.frozen for one in found.summary.holdings)
        for year, holds in found.years:
            position = self.compliance.position_of(account, year.year, block=block)
            for member in fields(position):
                assert getattr(year.position, member.name) == getattr(position, member.name), (block, member.name)
            price, _ = self.compliance.price_of(year.year, block=block)
            assert (holds.price_fen or 0) == price


def _year(chained: Chained) -> None:
    """A year with everything in it, in six groups of blocks."""
    units = chained.opened().units
    chained.settle()
    taken, emergency = units.signed(units.freeze(300)), units.freeze(50, approvals=None)
    units.hold(taken)
    units.hold(emergency)
    chained.settle()
    units.hold(units.confirm(emergency))
    units.hold(units.signed(units.release(taken, 100)))
    units.hold(units.signed(units.transfer(120, freeze=taken.op_id, cause="enforcement")))
    chained.settle()
    units.say(units.surrender(50, asset="ccer"))
    units.say(units.surrender(600))
    units.settle(units.signed(units.price(6_000)))
    chained.settle()
    units.hold(units.signed(units.suspend(TILES)))
    chained.settle()
    units.hold(units.signed(units.suspend(TILES, suspended=False)))
    units.say(units.cancel_own(7))
    chained.settle()


def test_a_statement_as_of_any_block_is_what_the_contracts_say_there(chained: Chained) -> None:
    _year(chained)
    reader, contracts = AccountReader(chained.world.database), Contracts(chained)
    with chained.world.database.read() as session:
        head = AccountRepository(session).head()
        assert head is not None
    at, supplies = reader.assets()
    assert at is not None
    assert (at.number, [one.asset for one in supplies]) == (head.number, list(ASSETS))
    first = min(
        number for number in range(head.number) if any(one.supply.issued for one in reader.assets(block=number)[1])
    )
    blocks = {first, head.number, *random.Random(5).sample(range(first, head.number), 12)}
    changed = set()
    for block in sorted(blocks):
        for name in ACCOUNTS:
            found = reader.account(name, block=block)
            assert found is not None
            contracts.require_account(found, block)
            assert found.as_of is not None
            assert found.as_of.number == block
            assert found.as_of.hash in {None, contracts.rpc.block(block).hash}
            since = found.as_of.unchanged_since
            assert since is not None
            assert since.number <= block
            assert since.hash == contracts.rpc.block(since.number).hash
            changed.add(since.number)
        for one in reader.assets(block=block)[1]:
            assert contracts.ledger.supply_of(one.asset, block=block) == (
                one.supply.issued,
                one.supply.surrendered,
                one.supply.cancelled,
            )
            held = one.held.registry + one.held.trading + one.held.frozen
            assert one.supply.issued == held + one.supply.surrendered + one.supply.cancelled, "law 3"
    assert len(changed) > 5, "the blocks are not all alike"
    # The head is the last of them, and nothing is on its way.
    for name in ACCOUNTS:
        found, named = reader.account(name), reader.account(name, block=head.number)
        assert found is not None
        assert named is not None
        assert (found.summary, found.as_of, found.freezes) == (named.summary, named.as_of, named.freezes)
        assert [year for year, _ in found.years] == [year for year, _ in named.years]
    steel = reader.account(STEEL)
    assert steel is not None
    ((year, holds),) = [one for one in steel.years if one[0].year == YEAR]
    assert (year.position.due, year.position.offsets_counted) == (350, 50)
    # DOMAIN 7: what the shortfall would be charged, shown before the deadline.
    assert year.charge_now_fen == 350 * 6_000 * 5
    assert holds.terms is not None
    assert reader.account(memory.PARK).years == ()  # type: ignore[union-attr]  # it has an account


def test_what_is_accepted_and_not_on_chain_is_shown_apart(chained: Chained) -> None:
    units = chained.opened().units
    chained.settle()
    reader, years = AccountReader(chained.world.database), ComplianceReader(chained.world.database)
    before = reader.account(STEEL)
    assert before is not None
    units.say(units.surrender(600))
    units.say(units.surrender(20, asset="ccer"))
    units.hold(units.signed(units.transfer(30, cause="enforcement")))
    found, receiver = reader.account(STEEL), reader.account(TILES)
    assert found is not None
    assert receiver is not None
    assert {one.asset: (one.leaving, one.arriving) for one in found.summary.holdings} == {
        OLD: (0, 0),
        QUOTA: (630, 0),
        CCER: (20, 0),
    }
    assert [one.balance for one in found.summary.holdings] == [one.balance for one in before.summary.holdings]
    # It holds nothing of it yet: the line is there because something comes.
    assert [(one.asset, one.arriving) for one in receiver.summary.holdings] == [(QUOTA, 30)]
    obligation = years.obligation(STEEL, YEAR)
    assert obligation is not None
    assert (obligation.quota_leaving, obligation.offsets_leaving, obligation.carried_leaving) == (600, 20, 0)
    assert obligation.found.position.due == 1_000
    assert before.as_of is not None
    earlier = reader.account(STEEL, block=before.as_of.number)
    assert earlier is not None
    assert all(one.leaving == one.arriving == 0 for one in earlier.summary.holdings)
    chained.settle()
    obligation, found = years.obligation(STEEL, YEAR), reader.account(STEEL)
    assert obligation is not None
    assert found is not None
    assert (obligation.quota_leaving, obligation.found.position.due) == (0, 380)
    assert all(one.leaving == one.arriving == 0 for one in found.summary.holdings)


def test_a_block_that_was_not_read_has_no_statement(chained: Chained) -> None:
    chained.opened()
    chained.settle()
    reader = AccountReader(chained.world.database)
    at, _ = reader.assets()
    assert at is not None
    for block in (at.number + 1, -1):
        with pytest.raises(OutOfRange) as refused:
            reader.account(STEEL, block=block)
        assert (refused.value.rule, refused.value.value) == ("accounts.block", str(block))
    assert reader.account("88.608.404/nobody") is None
    assert [one.identifier for one in reader.accounts(limit=2)] == sorted(one.identifier for one in reader.accounts())[
        :2
    ]


def test_the_year_of_all_has_whoever_has_a_figure_page_by_page(chained: Chained) -> None:
    chained.opened()
    chained.settle()
    years = ComplianceReader(chained.world.database)
    found = years.year(YEAR)
    assert [one.enterprise for one in found.enterprises] == [STEEL]
    assert found.enterprises[0].position.emissions == 1_000
    assert years.year(YEAR, after=STEEL).enterprises == ()
    nobody = years.year(YEAR + 7)
    assert (nobody.enterprises, nobody.year_terms.terms, nobody.year_terms.price_fen) == ((), None, None)
