"""Statements of account over both engines, and what they cost: one question is a bounded number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.accounts import AccountReader
from ledger.compliance_views import ComplianceReader
from ledger.db.base import Database
from tests.api.conftest import Park
from tests.read_chain import ReadChain

YEAR, DEADLINE = 2023, 1_735_660_800
ENTERPRISES = [f"88.608.5288/E{number:02}" for number in range(12)]


@pytest.fixture
def park(database: Database) -> Any:
    """Twelve enterprises with units, of which half have a figure."""
    made: Any = Park(database)
    made.enrol_all()
    for name in ENTERPRISES:
        key = PrivateKey.generate(Algorithm.ED25519)
        made.log.submit([made.key(name, Kind.ENTERPRISE, key, Purpose.STATEMENT)])
    chain = made.chain = ReadChain(database, made.parameters.deployment_id, made.registrar_id)
    chain.knows(made.registrar_id, *ENTERPRISES)
    # Near the largest number of a column: what is added to it must not leave it.
    chain.issued(2**62, YEAR)
    chain.terms(YEAR, DEADLINE)
    for number, name in enumerate(ENTERPRISES):
        chain.carried_in(name, 100 + number, YEAR)
        if number % 2:
            chain.figure(name, YEAR, 50)
    chain.surrendered(ENTERPRISES[1], YEAR, 50)
    chain.frozen(ENTERPRISES[1], 7, YEAR)
    return made


def test_what_is_told_is_the_same_on_each_engine(park: Any) -> None:
    reader, years = AccountReader(park.database), ComplianceReader(park.database)
    found = reader.account(ENTERPRISES[1])
    assert found is not None
    ((held),) = found.summary.holdings
    assert (held.balance.registry, held.balance.frozen, held.leaving) == (101 - 50 - 7, 7, 0)
    assert all(type(number) is int for number in (held.balance.registry, held.leaving, found.cash.free))
    _, (quota,) = reader.assets()
    carried = sum(100 + number for number in range(12))
    assert (quota.supply.issued, quota.supply.surrendered) == (2**62 + carried, 50)
    assert (quota.held.registry, quota.held.frozen, quota.held.accounts) == (2**62 + carried - 57, 7, 13)
    of_year = years.year(YEAR)
    assert [one.enterprise for one in of_year.enterprises] == ENTERPRISES[1::2]
    assert [one.position.due for one in of_year.enterprises] == [0, *[50] * 5]


def test_pages_of_accounts_have_everybody_once(park: Any) -> None:
    reader, seen, after = AccountReader(park.database), [], None
    while page := reader.accounts(after=after, limit=5):
        seen += [one.identifier for one in page]
        after = page[-1].identifier
    assert sorted(seen) == sorted([park.registrar_id, park.enterprise_id, *ENTERPRISES])
    assert len(seen) == len(set(seen))


def test_a_statement_costs_as_many_queries_whatever_others_hold(park: Any) -> None:
    def queries(name: str) -> int:
        counted: list[str] = []
        engine = park.database.engine
        event.listen(engine, "before_cursor_execute", count := lambda *said: counted.append(said[2]))
        try:
            assert AccountReader(park.database).account(name) is not None
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(counted)

    before = queries(ENTERPRISES[1])
    for name in ENTERPRISES[2:6]:
        park.chain.frozen(name, 1, YEAR)
        park.chain.surrendered(name, YEAR, 1)
    assert queries(ENTERPRISES[1]) == before
    assert before < 60
