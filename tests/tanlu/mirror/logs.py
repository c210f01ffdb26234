"""A log of some pages with signed heads in a real store, to be served, and to be spoiled behind the service's back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Reading
from ledger import checkpoint
from ledger.checkpoint import Checkpoint
from ledger.db.base import Database
from ledger.db.log_models import CheckpointRow, Entry, LogState
from ledger.db.tiles import SqlTileStore
from ledger.log import Accepted, Log
from ledger.merkle import Tree
from tanlu.client import Client, Credentials
from tests.ledger.engines import migrated_sqlite

from ..conftest import METER, ORIGIN, PARK, Server, World, make_service

REGULATOR = "88.608.2/BUREAU"
FIRST, SIZE = 1_100, 2_600
"""Entries of the two heads: pages of 1,024, whole tiles, and a rest."""
_BEGIN = 1_577_836_800


@dataclass
class Made:
    """The file of a store, and everybody's keys."""

    path: Path
    world: World
    regulator: PrivateKey

    def copy(self, folder: Path) -> Made:
        """The same, to be spoiled."""
        target = folder / "copy.sqlite3"
        shutil.copyfile(self.path, target)
        return Made(target, self.world, self.regulator)

    def sql(self, statement: str, *parameters: object) -> None:
        """Change the file as no program of ours would."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            assert connection.execute(statement, parameters).rowcount
        connection.close()

    @contextmanager
    def client(self, folder: Path, who: Credentials | None = None) -> Iterator[Client]:
        """A client of a service over it, who signs in as the regulator."""
        database = Database(f"sqlite:///{self.path}")
        server = Server(make_service(self.world, database))
        try:
            who = who or Credentials(REGULATOR, self.regulator)
            url = server.start()
            with Client(url, trust=self.world.trust, patience=5, evidence=folder, credentials=who) as client:
                yield client
        finally:
            server.stop()
            database.close()


def make(folder: Path) -> Made:
    """A log of :data:`SIZE` entries with heads at :data:`FIRST` and there."""
    world, regulator = World(), PrivateKey.generate(Algorithm.ED25519)
    made = Made(folder / "log.sqlite3", world, regulator)
    database = migrated_sqlite(made.path)
    try:
        log = Log(database, world.parameters(), world.log_key)
        log.open()
        entries = [*world.enrolments(), world.key(REGULATOR, Kind.REGULATOR, regulator, Purpose.STATEMENT)]
        entries += [reading(world, seq) for seq in range(1, SIZE - len(entries) + 1)]
        for start in range(0, SIZE, 500):
            batch = log.submit(entries[start : start + 500])
            assert all(isinstance(outcome, Accepted) for outcome in batch.outcomes)
        for size in (FIRST, SIZE):
            integrate(world, database, size)
    finally:
        database.close()
    return made


def integrate(world: World, database: Database, size: int) -> None:
    """Sign the head of that size, by log and witness."""
    with database.write() as session:
        state = session.get_one(LogState, 1)
        tree = Tree(SqlTileStore(session), state.tree_size)
        wanted = select(Entry.leaf_hash).where(Entry.index >= state.tree_size, Entry.index < size)
        tree.append_leaves(list(session.scalars(wanted.order_by(Entry.index))))
        state.tree_size = tree.size
        session.add(
            CheckpointRow(
                epoch=state.epoch,
                size=size,
                root=tree.root(),
                note=note(world, size, tree.root()),
                cosigned=True,
                created_at=1,
            )
        )


def note(world: World, size: int, root: bytes) -> str:
    """A head that log and witness signed, whatever is in it."""
    head = Checkpoint(origin=ORIGIN, size=size, root=root, epoch=0)
    return (
        checkpoint.sign(
            head,
            [world.log_signer, world.witness_signer, world.cosigner_signer],
            time=1,
            domain=world.trust.checkpoint_domain,
        )
        .format()
        .decode()
    )


def reading(world: World, seq: int) -> bytes:
    start = _BEGIN + seq * 900
    body = Reading(start=format_instant(start), end=format_instant(start + 900), quantity="3.17", unit="kWh")
    return world.sign("reading", METER, world.meter, "electricity", seq, body)


__all__ = ["FIRST", "PARK", "REGULATOR", "SIZE", "Made", "integrate", "make", "note", "reading"]
