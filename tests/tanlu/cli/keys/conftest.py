"""A service with people of several bodies, and their key files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from attestation.encoding import b64url_decode
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.db.base import Database
from ledger.db.chain_models import ChainReadRow, ChainRecoveryRow
from ledger.db.log_models import RecoveryRow
from ledger.view import LogView
from tanlu.client import Client

from ...conftest import ENTERPRISE, METER, PARK, KeyFile, World, cheap_passwords  # noqa: F401 - others take it from here

WORKS, BUREAU = "88.608.5288/W", "88.608.2/BUREAU"
WANG, ZHAO, LI = "88.608.1/WANG", "88.608.1/ZHAO", "88.608.2/LI"
_OF_THE_CHAIN = {
    "account_id": 32, "op_id": 32, "public_key": 64, "leaf_hash": 32, "reason_hash": 32, "first_approver": 20,
    "second_approver": 20, "tx_hash": 32,
}  # fmt: skip
"""Members that nothing here reads, and their lengths."""
ADMINISTRATION = Purpose.ADMINISTRATION
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION


@dataclass
class Office:
    """Everybody's keys and the files they lie in; a client of the registrar, and the log itself."""

    client: Client
    world: World
    keys: dict[str, PrivateKey]
    files: dict[str, Path]
    database: Database
    view: LogView

    def thumbprint(self, identifier: str) -> str:
        return self.keys[identifier].public.kid_name

    def project(self, index: int, *, vetoed: int | None = None) -> None:
        """What the projection will hold of the recovery proposed at ``index``, once the contract was told; ``vetoed``
        is the block in which it was objected to there."""
        with self.database.write() as session:
            row = session.scalars(select(RecoveryRow).where(RecoveryRow.proposed_index == index)).one()
            unread = {name: bytes(length) for name, length in _OF_THE_CHAIN.items()}
            session.add(
                ChainRecoveryRow(
                    **unread,
                    thumbprint=b64url_decode(row.thumbprint),
                    replaces=b64url_decode(row.replaces),
                    algorithm=0,
                    purposes=row.purposes,
                    log_index=index,
                    ready_at=row.proposed_at + self.world.recovery_delay,
                    block_number=1,
                    vetoed_number=vetoed,
                )
            )
            # Read to its head as late as any of these stories goes.
            session.merge(ChainReadRow(id=1, read_at=row.proposed_at + 10 * self.world.recovery_delay))

    def size(self) -> int:
        """How many entries the log has."""
        return self.view.size()


@pytest.fixture
def office(
    client: Client,
    world: World,
    database: Database,
    key_file: KeyFile,
    monkeypatch: pytest.MonkeyPatch,
    run: Any,
    tmp_path: Path,
) -> Office:
    """The client's park, enterprise and meter, a works with an ``administration`` key, and three persons.

    ``TANLU_SERVER`` is set: commands need not name the service.
    """
    monkeypatch.setenv("TANLU_SERVER", client.base_url)
    keys = {PARK: world.registrar, ENTERPRISE: world.enterprise, METER: world.meter}
    files = {PARK: tmp_path / "office.key"}
    purposes = {ENTERPRISE: Purpose.STATEMENT, METER: Purpose.DEVICE}
    for identifier, kind, algorithm, wanted, parent in (
        (WORKS, Kind.ENTERPRISE, Algorithm.ED25519, BOTH, None),
        (BUREAU, Kind.REGULATOR, Algorithm.ED25519, BOTH, None),
        (WANG, Kind.PERSON, Algorithm.ES256K, ADMINISTRATION, PARK),
        (ZHAO, Kind.PERSON, Algorithm.ES256K, ADMINISTRATION, PARK),
        (LI, Kind.PERSON, Algorithm.ES256K, ADMINISTRATION, BUREAU),
    ):
        keys[identifier], purposes[identifier] = PrivateKey.generate(algorithm), wanted
        client.enrol(world.key(identifier, kind, keys[identifier], wanted, parent))
    files |= {identifier: key_file(keys[identifier], identifier, purposes[identifier]) for identifier in purposes}
    return Office(client, world, keys, files, database, LogView(database, world.parameters()))
