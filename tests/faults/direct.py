"""Entries taken in by the log itself, in this process, over an installation's own database and keys."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attestation.keyfiles import decrypt
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.log import Accepted, Log
from ledger.trust import parse
from tests.faults.installation import Installation

ANCHOR_SECONDS = 60.0


@contextmanager
def log_of(installation: Installation) -> Iterator[Log]:
    """The log, as one more process over the database would open it; a role must have made the tables."""
    trust = parse(installation.trust_file.read_bytes())
    keys = installation.home / "keys"
    key = decrypt((keys / "log.pem").read_bytes(), (keys / "password").read_text().partition("\n")[0])
    parameters = LogParameters(
        trust.log,
        trust.deployment_id,
        trust.registrar_identifier,
        trust.registrar,
        trust.registry_domain,
        trust.checkpoint_domain,
    )
    database = Database(f"sqlite:///{installation.database}")
    try:
        log = Log(database, parameters, key)
        log.open()
        yield log
    finally:
        database.close()


def take(log: Log, entries: Sequence[bytes]) -> None:
    """Submit entries, each of which must be accepted."""
    for outcome in log.submit(entries).outcomes:
        if not isinstance(outcome, Accepted):
            raise AssertionError(str(outcome.error))


def wait_anchored(installation: Installation, size: int, *, epoch: int = 0) -> None:
    """Wait until a head of at least `size` is in a final block, as the installation's own database sees it."""
    until = time.monotonic() + ANCHOR_SECONDS
    query = (
        "SELECT max(a.size) FROM chain_anchors a, chain_head h"
        " WHERE a.epoch = ? AND a.block_number <= h.final_number AND a.voided_number IS NULL"
    )
    while time.monotonic() < until:
        with sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True) as connection:
            (found,) = connection.execute(query, (epoch,)).fetchone()
        connection.close()
        if (found or 0) >= size:
            return
        time.sleep(0.1)
    raise TimeoutError(f"no head of size {size} is anchored within {ANCHOR_SECONDS:g} s")
