"""A store from before `used_policies` gets the rows that its reports would have made."""

from __future__ import annotations

from datetime import date

import pytest
from alembic import command
from sqlalchemy import select

from attestation.bodies import NAME_LIMIT
from ledger.db.base import Base, Database
from ledger.db.migrate import configuration, upgrade
from ledger.db.policy_models import UsedPolicyRow
from tests.ledger.case_desk import STEEL, Desk

TABLES = ("policies", "corrections", "used_policies")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.open(database)


def used(desk: Desk) -> list[tuple[int, str, str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(UsedPolicyRow).order_by(UsedPolicyRow.entry_index, UsedPolicyRow.policy))
        return [(row.entry_index, row.policy, row.policy_id, row.version) for row in rows]


def test_reports_of_an_older_store_know_what_they_used(desk: Desk) -> None:
    desk.publish("obligation-base", {"year": 2023, "base": "direct"}, "1")
    desk.publish("obligation-base", {"year": 2022, "base": "direct+energy"}, "other-year")
    report = desk.report()
    before = used(desk)
    assert before == [
        (report.ref.index, "factor-set", STEEL.id, STEEL.version),
        (report.ref.index, "obligation-base", "park", "1"),
    ]
    command.downgrade(configuration(desk.database), "0014")
    upgrade(desk.database)
    assert used(desk) == before


def test_a_store_with_a_calendar_is_not_given_to_an_older_program(desk: Desk) -> None:
    desk.publish("rules", {"year": 2023})
    with pytest.raises(RuntimeError, match="calendars, rules or coverage lists"):
        command.downgrade(configuration(desk.database), "0014")


def test_a_version_has_as_many_characters_as_its_statement_may_have(desk: Desk) -> None:
    columns = {name: Base.metadata.tables[name].columns["version"].type.length for name in TABLES}  # type: ignore[attr-defined]  # strings
    assert columns == dict.fromkeys(TABLES, NAME_LIMIT)
    desk.publish("rules", {"year": 2023}, "v" * NAME_LIMIT)
    assert desk.view().policies.published(date(2024, 3, 4), policy="rules")[0].version == "v" * NAME_LIMIT
