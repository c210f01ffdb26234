"""A filled store of the release before cases goes on, and gives back nothing that the release before could not read."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text

from attestation.bodies.policies import Corrects
from attestation.statements import Policy
from ledger.db.base import Database
from ledger.db.migrate import configuration, current_revision, head_revision, upgrade
from tests.ledger.case_desk import STEEL, VERIFIER, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK
from tests.ledger.mirrored import replay_faults

PREVIOUS = "0010"
NEW_TABLES = {
    "plans",
    "verdicts",
    "device_events",
    "ties",
    "applications",
    "chain_emissions",
    "used_policies",
    "labels",
}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.open(database)


def back(desk: Desk, revision: str = PREVIOUS) -> None:
    command.downgrade(configuration(desk.database), revision)


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    with desk.database.read() as session:
        return [tuple(row) for row in session.execute(text(query))]


REPORTS = "SELECT entry_index, issuer, plan, compiled_by, year, superseded_by FROM reports ORDER BY entry_index"
USED = "SELECT entry_index, policy, policy_id, version FROM used_policies ORDER BY entry_index, policy"


def test_what_reports_of_the_previous_release_established_is_filled_in(desk: Desk) -> None:
    desk.publish("obligation-base", {"year": 2023, "base": "direct"}, "1")
    first = desk.report()
    second = desk.report("9.00", supersedes=first.ref.statement_id.hex())
    before = rows(desk, REPORTS), rows(desk, USED)
    back(desk)
    assert not NEW_TABLES & set(inspect(desk.database.engine).get_table_names())
    assert not {"issuer", "plan", "compiled_by"} & {
        column["name"] for column in inspect(desk.database.engine).get_columns("reports")
    }
    upgrade(desk.database)
    assert current_revision(desk.database) == head_revision(desk.database)
    assert (rows(desk, REPORTS), rows(desk, USED)) == before
    assert before[0] == [
        (first.ref.index, ENTERPRISE, None, None, 2023, second.ref.index),
        (second.ref.index, ENTERPRISE, None, None, 2023, None),
    ]
    assert [row[:2] for row in before[1]] == [
        (one.ref.index, policy) for one in (first, second) for policy in ("factor-set", "obligation-base")
    ]
    assert replay_faults(desk.database, desk.parameters) == []
    # The case goes on as if it had always been there.
    desk.appoint()
    desk.find(second)


def test_who_compiled_a_report_is_not_forgotten_on_the_way_back(desk: Desk) -> None:
    """Domain 8 asks for it for as long as the report stands."""
    desk.report(compiled_by=VERIFIER)
    with pytest.raises(RuntimeError, match="who compiled them"):
        back(desk)
    upgrade(desk.database)
    assert [row[3] for row in rows(desk, REPORTS)] == [VERIFIER]


def test_a_correction_is_not_forgotten_on_the_way_back(desk: Desk) -> None:
    document = {**STEEL.document(), "version": "2"}
    corrects = Corrects(version=STEEL.version, reason="mistyped")
    body = Policy(
        policy="factor-set", id=STEEL.id, version="2", effective_from="2024-03-05", document=document, corrects=corrects
    )
    desk.accept("policy", body, PARK)
    with pytest.raises(RuntimeError, match="corrects another"):
        back(desk)
    upgrade(desk.database)
    assert rows(desk, "SELECT version, by_version FROM corrections") == [(STEEL.version, "2")]


def test_a_long_version_is_not_cut_on_the_way_back(desk: Desk) -> None:
    desk.publish("obligation-base", {"year": 2023, "base": "direct"}, "v" * 65)
    with pytest.raises(RuntimeError, match="over 64 characters"):
        back(desk)
