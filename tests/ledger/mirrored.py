"""A case in two logs at once: one over tables, one that keeps a list and recomputes every answer from it.

Whatever is signed is judged by both, and both must answer alike; what they say of the case is compared besides.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import select

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.keys import Kind, PrivateKey, Purpose
from ledger.chain.outbox import State
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Entry
from ledger.fsck.established import compare_established, compare_wishes
from ledger.fsck.faults import Fault, Findings
from ledger.fsck.replay import replaying
from ledger.fsck.store import Store
from ledger.log import Accepted, Log
from tests.ledger.engines import migrated_sqlite


def _load(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / "attestation" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_for_the_ledger", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


memory = _load("memory_log")
casework = _load("casework")
unitwork = _load("unitwork")
marketwork = _load("marketwork")


_OF_A_YEAR = ("obligation_position", "credited", "assessed", "net_sold")


def _quota(year: int) -> tuple[int, ...]:
    return tuple(0x10000 + vintage for vintage in (year - 1, year, year + 1))


class Mirror:
    """``case`` is the case; its log in memory hands every entry to ``log``, which is over ``database``: the one that is
    given, or a new file in a folder."""

    def __init__(self, place: Database | Path, number: int = 0) -> None:
        park = memory.Park()
        self.memory = park.log
        self.database = place if isinstance(place, Database) else migrated_sqlite(place / f"{number}.sqlite3")
        self.memory.ledger_domain, self.memory.compliance_domain = unitwork.LEDGER, unitwork.COMPLIANCE
        self.parameters = LogParameters(
            *(memory.ORIGIN, bytes(32), memory.PARK, park.log.registrar, None),
            emissions_domain=casework.DOMAIN,
            ledger_domain=unitwork.LEDGER,
            compliance_domain=unitwork.COMPLIANCE,
        )
        key = PrivateKey(park.log.registrar.algorithm, bytes([7] * 32))
        self.log = Log(self.database, self.parameters, key, lambda: self.memory.now)
        self.log.open()
        self._accept = park.log.accept
        park.log.accept = self.accept
        park.enrol(memory.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
        park.enrol(memory.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=memory.PARK)
        self.case: Any = casework.Casework(memory, park, memory.WORKS)

    def accept(self, entry: bytes) -> Any:
        """Both logs judge; the outcomes must be the same. Raises the refusal, if it is one."""
        index = self.memory.next_index
        expected: tuple[object, ...]
        try:
            verdict, refusal = self._accept(entry), None
            expected = (index, False) if verdict.duplicate_of is None else (verdict.duplicate_of.index, True)
        except AttestationError as error:
            verdict, refusal = None, error
            expected = (error.step, error.rule, error.value, error.expected)
        (outcome,) = self.log.submit([entry]).outcomes
        found: tuple[object, ...]
        if isinstance(outcome, Accepted):
            found = (outcome.ref.index, outcome.repeated)
        else:
            found = (outcome.error.step, outcome.error.rule, outcome.error.value, outcome.error.expected)
        assert found == expected
        if refusal is not None:
            raise refusal
        return verdict

    def catch_up(self) -> None:
        """The log in memory hears what only the one over tables was told, and must take it too."""
        with self.database.read() as session:
            query = select(Entry.entry, Entry.accepted_at).where(Entry.index >= self.memory.next_index)
            told = session.execute(query.order_by(Entry.index)).all()
        for entry, accepted_at in told:
            self.memory.now = accepted_at
            self._accept(entry)

    def compare_facts(self) -> None:
        """Both say the same of the case."""
        enterprise, year = self.case.works, casework.YEAR
        with self.database.read() as session:
            tables = LedgerContext(session, self.parameters, EntryRepository(session).state(), self.memory.now)
            for name in ("reports_of", "assignments_of", "draws_of", "findings_of", "verdicts_of", "registrations_of"):
                found, expected = getattr(tables, name)(enterprise, year), getattr(self.memory, name)(enterprise, year)
                assert list(found) == list(expected), name
            assert tables.standing_report(enterprise, year) == self.memory.standing_report(enterprise, year)
            for verdict in self.memory.verdicts_of(enterprise, year):
                assert tables.objection_to(verdict.statement_id) == self.memory.objection_to(verdict.statement_id)

    def units(self) -> Any:
        """Two more enterprises of the park, with asset keys, and the case's two persons who approve orders."""
        made: Any = unitwork.Unitwork(memory, casework, self.case)
        return made

    def compare_units(self, *op_ids: str) -> None:
        """Both say the same of what is held, due and said of the two enterprises and the park, and of these freezes."""
        year, accounts = casework.YEAR, (unitwork.STEEL, unitwork.TILES, memory.PARK)
        with self.database.read() as session:
            tables = LedgerContext(session, self.parameters, EntryRepository(session).state(), self.memory.now)
            for name, arguments in [
                *(("holding", (account, asset)) for account in accounts for asset in (*_quota(year), 0x20000)),
                *((name, (account,)) for account in accounts for name in ("suspended", "owed")),
                *((name, (account, year)) for account in accounts for name in _OF_A_YEAR),
                *((name, (year,)) for name in ("year_terms", "price", "price_charged")),
                *((name, (bytes.fromhex(op_id),)) for op_id in op_ids for name in ("freeze", "op_taken")),
            ]:
                assert getattr(tables, name)(*arguments) == getattr(self.memory, name)(*arguments), (name, arguments)

    def replay_faults(self) -> list[Fault]:
        """What a replay of the entries finds wrong with the tables and the chain's wishes."""
        return replay_faults(self.database, self.parameters)


def refused_operations(database: Database) -> list[tuple[bytes, str]]:
    """What contracts finally refused of a store's wishes."""
    with database.read() as session:
        query = select(OutboxRow.op_id, OutboxRow.kind).where(OutboxRow.state == State.REFUSED.value)
        return [(op_id, kind) for op_id, kind in session.execute(query)]


def replay_faults(database: Database, parameters: LogParameters) -> list[Fault]:
    """What a replay of a store's entries finds wrong with its tables and the chain's wishes."""
    found: list[Fault] = []
    findings = Findings(found.append)
    with database.read() as session, replaying(parameters, refused_operations(database)) as replay:
        for row in session.execute(select(Entry.__table__).order_by("idx")).mappings():
            replay.apply(dict(row), examine(row["entry"], parameters.origin))
        store = Store(session.connection())
        compare_established(store, replay.store(), findings)
        compare_wishes(store, replay.store(), findings)
    return found
