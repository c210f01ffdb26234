"""Keys live in the log's tables exactly as they live in a log that keeps a list and recomputes every answer from it."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlalchemy import select

from attestation.encoding import b64url_decode
from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey
from attestation.statements import (
    AddKey,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Key,
    ProposeRecovery,
    RevokeKey,
    RotateKey,
    VetoRecovery,
)
from ledger.chain.intents import Kind as IntentKind
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.chain_models import ChainReadRow, ChainRecoveryRow, OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.log_models import RecoveryRow
from ledger.log import Log, Refused
from tests.ledger.engines import migrated_sqlite

_KIND_OF = {
    EnrolKey: IntentKind.ENROL,
    AddKey: IntentKind.ADD,
    RotateKey: IntentKind.ROTATE,
    RevokeKey: IntentKind.REVOKE,
    CompromiseKey: IntentKind.COMPROMISE,
    ProposeRecovery: IntentKind.PROPOSE_RECOVERY,
    VetoRecovery: IntentKind.CANCEL_RECOVERY,
    CompleteRecovery: IntentKind.COMPLETE_RECOVERY,
}
LATEST = 2**40
ATTESTATION = Path(__file__).parents[2] / "attestation"


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


memory = _module("memory_log_for_key_life", ATTESTATION / "memory_log.py")
machine = _module("key_life_machine", ATTESTATION / "judging" / "test_key_life_machine.py")


class Mirrored(memory.MemoryLog):  # type: ignore[misc]  # a module loaded by hand
    """A memory log that gives every entry to a log over tables too, and compares what both say."""

    database: Database
    real: Log

    def accept(self, entry: bytes) -> Any:
        if self.index_override is not None:
            return super().accept(entry)
        (outcome,) = self.real.submit([entry]).outcomes
        verdict = error = None
        try:
            verdict = super().accept(entry)
        except AttestationError as refusal:
            error = refusal
        if error is not None:
            assert isinstance(outcome, Refused), f"the memory log refused: {error}"
            assert (outcome.error.rule, outcome.error.value) == (error.rule, error.value)
            raise error
        assert not isinstance(outcome, Refused), outcome
        self.put_on_chain()
        assert outcome.ref.index == len(self.entries) - 1
        return verdict

    def put_on_chain(self) -> None:
        """What the projection will hold of a new proposal, with the clock of the memory log's chain."""
        with self.database.write() as session:
            known = set(session.scalars(select(ChainRecoveryRow.thumbprint)))
            for row in session.scalars(select(RecoveryRow)):
                thumbprint = b64url_decode(row.thumbprint)
                if thumbprint not in known:
                    on_chain = self.recovery_on_chain(row.thumbprint)
                    assert on_chain is not None
                    session.add(_projected(row, on_chain.ready_at))
            session.merge(ChainReadRow(id=1, read_at=LATEST))


class Life(machine.KeyLife):  # type: ignore[misc]  # a module loaded by hand
    """The random lives of the pure rules, lived in both logs."""

    @invariant()
    def both_logs_know_the_same_keys(self) -> None:
        log = self.park.log
        with log.database.read() as session:
            entries = EntryRepository(session)
            context = LedgerContext(session, self.parameters(), entries.state(), log.now)
            assert list(context.keys_of(memory.WORKS)) == list(log.keys_of(memory.WORKS))

    def parameters(self) -> LogParameters:
        return _parameters(self.park.log)

    def teardown(self) -> None:
        log = self.park.log
        with log.database.read() as session:
            told = Counter(session.scalars(select(OutboxRow.kind)))
            bodies = [entry.statement.body for entry in log.entries if isinstance(entry.statement.body, Key)]
            said = Counter(_KIND_OF[type(body)] for body in bodies)
            # One entry may flag a key and those that it brought: each is told by itself, as often as it gets worse.
            assert told.pop(IntentKind.COMPROMISE, 0) >= said.pop(IntentKind.COMPROMISE, 0)
            assert told == said, "the chain is told of each entry, once"
        log.database.close()


def _projected(row: RecoveryRow, ready_at: int) -> ChainRecoveryRow:
    hashes = dict.fromkeys(("account_id", "op_id", "leaf_hash", "reason_hash", "tx_hash"), bytes(32))
    return ChainRecoveryRow(
        thumbprint=b64url_decode(row.thumbprint),
        replaces=b64url_decode(row.replaces),
        algorithm=1,
        purposes=row.purposes,
        public_key=bytes(64),
        log_index=row.proposed_index,
        ready_at=ready_at,
        first_approver=bytes(20),
        second_approver=bytes(20),
        block_number=1,
        **hashes,
    )


def _parameters(log: Any) -> LogParameters:
    return LogParameters(
        memory.ORIGIN,
        bytes([0x5A]) * 32,
        memory.PARK,
        log.registrar,
        log.registry_domain,
        recovery_delay=memory.DELAY,
    )


@pytest.fixture
def world(tmp_path: Path) -> SimpleNamespace:
    """What the machine asks of its surroundings, with parks whose log is mirrored."""
    numbers = itertools.count()

    class Park(memory.Park):  # type: ignore[misc]  # a module loaded by hand
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            database = migrated_sqlite(tmp_path / f"{next(numbers)}.sqlite3")
            plain = self.log
            self.log = Mirrored(plain.registrar, registry_domain=plain.registry_domain)
            self.log.database = database
            log_key = PrivateKey(Algorithm.ED25519, bytes([7]) * 32)
            self.log.real = Log(database, _parameters(self.log), log_key, lambda: self.log.now)
            self.log.real.open()

    found = {name: getattr(memory, name) for name in dir(memory) if not name.startswith("__")}
    return SimpleNamespace(**found | {"Park": Park, "refusal_of": memory_refusal_of()})


def memory_refusal_of() -> Any:
    """The refusal that a call raises, or None."""

    def refusal_of(call: Any, *arguments: Any) -> AttestationError | None:
        try:
            call(*arguments)
        except AttestationError as error:
            return error
        return None

    return refusal_of


def test_random_lives_of_keys_in_both_logs(world: SimpleNamespace) -> None:
    run_state_machine_as_test(
        lambda: Life(world), settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
