"""What entries ask of the emissions registry is established again from the log, row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.chain.operations import EMISSION_KINDS, Kind
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.db.chain_models import OutboxRow
from ledger.fsck.check import check
from ledger.fsck.faults import Fault
from tests.ledger.engines import migrated_sqlite

from ..case_desk import BEGIN
from ..chain_desk import DAY, ChainDesk
from ..log.conftest import DEPLOYMENT


class Addresses:
    """Contracts that nobody has to ask."""

    def __init__(self) -> None:
        self.domain, self.registry_domain, self.emissions_domain = (
            Domain(31337, bytes([n]) * 20, DEPLOYMENT) for n in (0x11, 0x12, 0x13)
        )
        self.ledger_domain, self.compliance_domain = (Domain(31337, bytes([n]) * 20, DEPLOYMENT) for n in (0x14, 0x15))
        self.cosigners = [
            SignerKey(f"c{n}", SignatureKind.EIP712, PrivateKey.generate(Algorithm.ES256K)) for n in range(2)
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChainDesk]:
    """A log in which a figure was registered."""
    database = migrated_sqlite(tmp_path / "log.sqlite3")
    made = ChainDesk.over(database, Addresses(), BEGIN)
    made.appoint()
    report = made.report()
    verdict = made.verify(report)
    made.clock.now += 25 * DAY
    made.registered(verdict, made.words(report, verdict, made.reported.totals.obligation_tonnes))
    made.integrate()
    yield made
    database.close()


def faults(desk: ChainDesk, tmp_path: Path) -> list[Fault]:
    found: list[Fault] = []
    check(f"sqlite:///{tmp_path / 'log.sqlite3'}", desk.trust(), found=found.append)
    return found


def test_a_log_with_a_registered_figure_has_no_faults(desk: ChainDesk, tmp_path: Path) -> None:
    with desk.database.read() as session:
        kinds = [row.kind for row in session.query(OutboxRow).order_by(OutboxRow.id)]
    assert [kind for kind in kinds if kind in EMISSION_KINDS] == [Kind.ASSIGN, Kind.REGISTER]
    assert faults(desk, tmp_path) == []


@pytest.mark.parametrize(
    ("column", "spoil"),
    [
        ("payload", lambda row: {"payload": json.dumps(json.loads(row.payload) | {"tonnes": 1}, sort_keys=True)}),
        ("position", lambda row: {"position": row.position + 1}),
        ("op_id", lambda row: {"op_id": bytes(32)}),
    ],
)
def test_a_figure_that_no_entry_asks_for_is_found(
    desk: ChainDesk, tmp_path: Path, column: str, spoil: Callable[[OutboxRow], dict[str, object]]
) -> None:
    with desk.database.write() as session:
        row = session.query(OutboxRow).filter_by(kind=Kind.REGISTER).one()
        session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**spoil(row)))
    found = [(fault.table, fault.column) for fault in faults(desk, tmp_path)]
    assert ("outbox", column) in found


def test_a_figure_that_was_taken_out_of_the_outbox_is_missed(desk: ChainDesk, tmp_path: Path) -> None:
    with desk.database.write() as session:
        session.delete(session.query(OutboxRow).filter_by(kind=Kind.REGISTER).one())
    (fault,) = faults(desk, tmp_path)
    assert (fault.table, fault.found) == ("outbox", "missing")
