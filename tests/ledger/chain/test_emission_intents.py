"""What the emissions registry is told, as intents: each survives storage, stands for one thing, is asked for once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.chain import outbox
from ledger.chain.emission_intents import (
    AssignIntent,
    DetermineIntent,
    EmissionIntent,
    EndAssignmentIntent,
    RegisterIntent,
    TieIntent,
    emission_intent,
)
from ledger.chain.errors import OutboxConflict
from ledger.chain.operations import ASSET_KINDS, EMISSION_KINDS, REGISTRY_KINDS, Kind
from ledger.db.base import Base, Database
from ledger.db.chain_models import OutboxRow

DEPLOYMENT = b"\x11" * 32
LEAF = b"\x03" * 32
WORKS, VERIFIER = "88.608.1/works", "88.608.2/verifier"
ASSIGN = AssignIntent(LEAF, 7, WORKS, 2025, VERIFIER, 100, 200)
REGISTER = RegisterIntent(LEAF, 9, WORKS, 2025, 38_942, 1, b"\x04" * 32, 5, b"\x05" * 32, 8, b"\x06" * 64)
DETERMINE = DetermineIntent(LEAF, 9, WORKS, 2025, 40_000, 1, b"\x07" * 32, (b"\x01" * 64, b"\x02" * 64))
INTENTS: list[EmissionIntent] = [
    ASSIGN,
    EndAssignmentIntent(LEAF, 8, WORKS, 2025),
    TieIntent(LEAF, 6, WORKS, VERIFIER),
    REGISTER,
    DETERMINE,
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'o.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: type(intent).__name__)
def test_an_intent_comes_back_from_storage_as_it_was(intent: EmissionIntent) -> None:
    assert emission_intent(intent.KIND, json.loads(json.dumps(intent.to_payload()))) == intent


def test_different_intents_of_one_entry_are_different_operations() -> None:
    assert len({intent.operation_id(DEPLOYMENT) for intent in INTENTS}) == len(INTENTS)


def test_every_kind_is_told_to_one_contract_and_fits_its_column() -> None:
    told = (*EMISSION_KINDS, *REGISTRY_KINDS, *ASSET_KINDS, Kind.ANCHOR)
    assert len(told) == len(set(told))
    assert set(told) == set(Kind)
    assert {intent.KIND for intent in INTENTS} == set(EMISSION_KINDS)
    assert max(len(kind) for kind in Kind) <= OutboxRow.__table__.c.kind.type.length


def test_a_tie_is_asked_for_once_by_whichever_entry_and_in_whichever_order(database: Database) -> None:
    """DOMAIN 8: who is tied is tied for ever."""
    with database.write() as session:
        for tie in (TieIntent(LEAF, 6, WORKS, VERIFIER), TieIntent(b"\x09" * 32, 8, VERIFIER, WORKS)):
            outbox.enqueue_emission(session, DEPLOYMENT, tie, now=1)
        assert [row.position for row in session.scalars(select(OutboxRow))] == [6]


def test_an_entry_asks_for_one_figure(database: Database) -> None:
    with database.write() as session:
        outbox.enqueue_emission(session, DEPLOYMENT, DETERMINE, now=1)
        outbox.enqueue_emission(session, DEPLOYMENT, DETERMINE, now=2)
        other = DetermineIntent(LEAF, 9, WORKS, 2025, 39_999, 1, b"\x07" * 32, DETERMINE.approvals)
        with pytest.raises(OutboxConflict):
            outbox.enqueue_emission(session, DEPLOYMENT, other, now=3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AssignIntent(LEAF[1:], 7, WORKS, 2025, VERIFIER, 100, 200),
        lambda: AssignIntent(LEAF, 2**63, WORKS, 2025, VERIFIER, 100, 200),
        lambda: AssignIntent(LEAF, 7, WORKS, 2**16, VERIFIER, 100, 200),
        lambda: AssignIntent(LEAF, 7, WORKS, 2025, VERIFIER, 200, 200),
        lambda: AssignIntent(LEAF, 7, WORKS, 2025, VERIFIER, -1, 200),
        lambda: EndAssignmentIntent(LEAF, 7, WORKS, 0),
        lambda: TieIntent(LEAF, 7, WORKS, WORKS),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, -1, 1, LEAF, 5, LEAF, 8, b"\x06" * 64),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, 2**63, 1, LEAF, 5, LEAF, 8, b"\x06" * 64),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, 1, 0, LEAF, 5, LEAF, 8, b"\x06" * 64),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF[1:], 5, LEAF, 8, b"\x06" * 64),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF, 5, LEAF, -8, b"\x06" * 64),
        lambda: RegisterIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF, 5, LEAF, 8, b"\x06" * 65),
        lambda: DetermineIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF + b"\x00", DETERMINE.approvals),
        lambda: DetermineIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF, DETERMINE.approvals[:1]),
        lambda: DetermineIntent(LEAF, 9, WORKS, 2025, 1, 1, LEAF, (b"\x01" * 64, b"\x02" * 63)),
    ],
)
def test_what_is_no_intent_is_refused_before_it_is_stored(make: Callable[[], EmissionIntent]) -> None:
    with pytest.raises(ValueError, match=r"bytes|range|itself|two persons"):
        make()
