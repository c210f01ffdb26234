"""A figure that the contract finally refused, in the tables: registered anew, its history whole, its wish withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from attestation.errors import SequenceRefused
from ledger.cases import CaseReader, CaseState
from ledger.chain.outbox import State
from ledger.chain.outbox_blocks import reopen_above
from ledger.db.case_models import ReplacedFigureRow
from ledger.db.chain_models import OutboxRow
from ledger.subjects import about
from tests.ledger.mirrored import Mirror, casework


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    yield made
    made.database.close()


def refuse_last(mirror: Mirror) -> int:
    """The contract refuses the figure of the last entry for good, in block 9."""
    index = mirror.memory.next_index - 1
    with mirror.database.write() as session:
        refused = {"state": State.REFUSED.value, "doubt_number": 9, "doubt_hash": bytes(32)}
        session.execute(update(OutboxRow).where(OutboxRow.position == index).values(refused))
    mirror.memory.refused_figures |= {index}
    return index


def states(mirror: Mirror) -> list[str]:
    with mirror.database.read() as session:
        return list(session.scalars(select(OutboxRow.state).where(OutboxRow.kind == "register").order_by(OutboxRow.id)))


def state_of(mirror: Mirror) -> tuple[CaseState, int | None]:
    reader = CaseReader(mirror.database, mirror.parameters)
    found = reader.case(mirror.case.works, casework.YEAR, mirror.memory.now)
    assert found is not None
    return found.summary.state, None if found.summary.figure is None else found.summary.figure.revision


def test_it_is_registered_anew_and_everything_is_told(mirror: Mirror) -> None:
    case = mirror.case
    case.report()
    case.appoint()
    verdict = case.verify()
    case.at(20)
    case.register(verdict)
    with pytest.raises(SequenceRefused, match=r"registration\.repeated"):
        case.register(verdict)
    first = refuse_last(mirror)
    assert state_of(mirror) == (CaseState.REGISTRABLE, None)
    case.register(verdict)
    assert state_of(mirror) == (CaseState.REGISTERED, 1)
    mirror.compare_facts()
    assert mirror.replay_faults() == []
    # Both are in the case's history, and the enterprise's to read.
    file = CaseReader(mirror.database, mirror.parameters).case(case.works, casework.YEAR, mirror.memory.now)
    assert file is not None
    assert [step.kind for step in file.steps][-2:] == ["registration", "registration"]
    with mirror.database.read() as session:
        assert about(session, "registration", first) == (case.works,)
    # Whatever the chain forgets, the contract is not asked for the old one again.
    assert states(mirror) == ["refused", "pending"]
    with mirror.database.write() as session:
        reopen_above(session, 0, now=1)
    assert states(mirror) == ["refused", "pending"]


def test_a_figure_in_doubt_is_not_registered_anew(mirror: Mirror) -> None:
    """A reorg may forget a refusal until its block is final."""
    case = mirror.case
    case.report()
    case.appoint()
    verdict = case.verify()
    case.at(20)
    case.register(verdict)
    with mirror.database.write() as session:
        session.execute(update(OutboxRow).values(doubt_number=9, doubt_hash=bytes(32)))
    with pytest.raises(SequenceRefused, match=r"registration\.repeated"):
        case.register(verdict)


def test_a_replaced_figure_that_was_changed_is_found(mirror: Mirror) -> None:
    test_it_is_registered_anew_and_everything_is_told(mirror)
    with mirror.database.write() as session:
        session.execute(update(ReplacedFigureRow).values(tonnes=1))
    assert [(fault.table, fault.column) for fault in mirror.replay_faults()] == [("replaced_figures", "tonnes")]
