"""What steps of a case leave in the tables and in the outbox, and that a replay finds every change of them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from attestation.errors import SequenceRefused
from ledger.chain.emission_intents import (
    AssignIntent,
    DetermineIntent,
    EmissionIntent,
    EndAssignmentIntent,
    RegisterIntent,
    emission_intent,
)
from ledger.chain.operations import Kind
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from tests.ledger.mirrored import Mirror, casework


@pytest.fixture
def mirror(database: Database) -> Mirror:
    return Mirror(database)


def intents(mirror: Mirror) -> list[EmissionIntent]:
    with mirror.database.read() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
    return [emission_intent(Kind(row.kind), json.loads(row.payload)) for row in rows]


def whole_case(mirror: Mirror):
    """Every kind of step; the verdict that is registered is the second verifier's."""
    case = mirror.case
    plan = case.tell_plan()
    opened = case.open_draw(casework.V1, casework.V2)
    case.contribute(opened)
    first = case.draw(opened).body.verifier
    second = casework.V2 if first == casework.V1 else casework.V1
    case.report(plan=plan.statement_id.hex())
    finding = case.find(verifier=first)
    voided = case.verify(verifier=first, nonconformities=(case.resolve(finding, resolution="explained"),))
    case.decide(case.object(voided), upheld=True)
    assignment = case.appoint(second)
    case.resubmit()
    verdict = case.verify(verifier=second, nonconformities=(case.resolve(finding),))
    case.at(20)
    registration = case.register(verdict)
    return assignment, verdict, registration


def test_the_chain_is_told_who_verifies_and_what_is_registered(mirror: Mirror) -> None:
    assignment, verdict, registration = whole_case(mirror)
    told = intents(mirror)
    assert [type(one) for one in told] == [AssignIntent, EndAssignmentIntent, AssignIntent, RegisterIntent]
    drawn, ended, again, figure = told
    log, case = mirror.memory, mirror.case
    (before, now) = log.assignments_of(case.works, casework.YEAR)
    assert (drawn.verifier, drawn.begins, drawn.until) == (before.verifier, before.start, before.until)
    assert (ended.enterprise, ended.year, ended.log_index) == (case.works, casework.YEAR, before.ended_index)
    assert (again.verifier, again.leaf_hash, again.log_index) == (now.verifier, assignment.leaf_hash, now.index)
    report = log.standing_report(case.works, casework.YEAR)
    assert (figure.report_leaf, figure.report_index) == (report.leaf_hash, report.index)
    assert figure.statement_leaf == verdict.leaf_hash
    assert figure.statement_index == log.verdict(verdict.statement_id).index
    assert (figure.leaf_hash, figure.tonnes, figure.revision) == (
        registration.leaf_hash,
        report.body.totals.obligation_tonnes,
        1,
    )
    assert figure.signature.hex() == registration.body.signature[2:]


def test_a_determination_is_told_with_both_approvals(mirror: Mirror) -> None:
    mirror.memory.now = 1_711_900_800  # 31 March 2024 is over in UTC+8 (DOMAIN 11)
    entry = mirror.case.determine()
    (told,) = intents(mirror)
    assert isinstance(told, DetermineIntent)
    assert (told.tonnes, told.document_hash, told.leaf_hash) == (999, bytes.fromhex("ab" * 32), entry.leaf_hash)
    assert [approval.hex() for approval in told.approvals] == [one.signature[2:] for one in entry.body.approvals]


def test_what_is_refused_leaves_nothing(mirror: Mirror) -> None:
    case = mirror.case
    case.report()
    case.appoint()
    before = intents(mirror)
    with pytest.raises(SequenceRefused):
        case.appoint(casework.V2)
    with pytest.raises(SequenceRefused):
        case.verify(verifier=casework.V2)
    assert intents(mirror) == before
    mirror.compare_facts()


CHANGES = [
    ("plans", "version", "'9'"),
    ("draws", "contribution", "NULL"),
    ("assignments", "verifier", "'88.608.703/verifier'"),
    ("assignments", "ended_index", "NULL"),
    ("findings", "items", "'[]'"),
    ("verdicts", "tonnes", "1"),
    ("verdicts", "voided_index", "NULL"),
    ("objections", "upheld", "NULL"),
    ("registrations", "tonnes", "1"),
    ("reports", "issuer", "''"),
]


def test_a_replay_finds_every_change(mirror: Mirror) -> None:
    whole_case(mirror)
    assert mirror.replay_faults() == []
    for table, column, value in CHANGES:
        with mirror.database.write() as session:
            row = session.execute(text(f"SELECT entry_index, {column} FROM {table} ORDER BY entry_index")).first()
            assert row is not None
            change = f"UPDATE {table} SET {column} = :new WHERE entry_index = :at".replace(":new", value)
            session.execute(text(change), {"at": row[0]})
        faults = mirror.replay_faults()
        assert (table, column) in {(fault.table, fault.column) for fault in faults}, (table, column)
        with mirror.database.write() as session:
            restore = f"UPDATE {table} SET {column} = :old WHERE entry_index = :at"
            # One engine gives JSON as it is kept, the other one as what it means.
            old = json.dumps(row[1]) if isinstance(row[1], list) else row[1]
            session.execute(text(restore), {"old": old, "at": row[0]})
    assert mirror.replay_faults() == []


def test_a_missing_row_is_found(mirror: Mirror) -> None:
    whole_case(mirror)
    with mirror.database.write() as session:
        session.execute(text("DELETE FROM registrations"))
    assert [(fault.table, fault.found) for fault in mirror.replay_faults()] == [("registrations", "missing")]
