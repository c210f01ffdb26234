"""A log with an operator and a real witness, for tests of whoever moves its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import Note, SignatureKind, SignatureLine, SignerKey
from ledger.cosigning import Witness as AskedWitness
from ledger.db.base import Database
from ledger.errors import WitnessUnavailable
from ledger.held_heads import HeldHead
from ledger.log import Log
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.witness.core import AddCheckpoint
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile

from .conftest import DEPLOYMENT, ORIGIN, Park

DOMAIN = Domain(31337, bytes.fromhex("aa" * 20), DEPLOYMENT)


@dataclass
class Direct:
    """The real witness, asked without HTTP between; ``before`` and ``after`` are where a test pulls the plug."""

    witness: Witness
    before: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)
    asked: int = 0

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note, /) -> Sequence[SignatureLine]:
        self.asked += 1
        if self.before:
            raise self.before.pop()
        lines = self.witness.add_checkpoint(AddCheckpoint(old_size, tuple(proof), note).format())
        if self.after:
            raise self.after.pop()
        return lines


@dataclass
class World:
    """A log with an operator, a witness and as many sequencers as a test starts."""

    park: Park
    log: Log
    operator: OperatorKeys
    client: Direct
    witness_keys: tuple[SignerKey, SignerKey]

    def sequencer(self, *holders: Callable[[], HeldHead | None], database: Database | None = None) -> Sequencer:
        return Sequencer(
            database or self.park.database,
            self.park.parameters,
            self.operator,
            [AskedWitness(self.client)],
            domain=DOMAIN,
            holders=holders,
            clock=self.park.clock,
        )

    def witness_head(self) -> HeldHead:
        """What the witness says when it is asked for its health."""
        state = self.client.witness.state
        return HeldHead("witness", state.size, state.root, state.epoch)


def unavailable() -> WitnessUnavailable:
    return WitnessUnavailable("the witness is away", rule="test")


@contextmanager
def witnessed(park: Park, log: Log, folder: Path) -> Iterator[World]:
    """A world over a log, its witness's state in ``folder``."""
    log_key = SignerKey(ORIGIN, SignatureKind.ED25519, park.log_key)
    cosigner = SignerKey(f"{ORIGIN}/operator", SignatureKind.EIP712, PrivateKey.generate(Algorithm.ES256K))
    notary = SignerKey("witness.test", SignatureKind.COSIGNATURE, PrivateKey.generate(Algorithm.ED25519))
    chain = SignerKey("witness.test", SignatureKind.EIP712, PrivateKey.generate(Algorithm.ES256K))
    path = folder / "witness.json"
    settings = WitnessSettings(ORIGIN, [log_key.verifier], notary, path, chain, DOMAIN, first_epoch=0)
    with StateFile(path) as store:
        witness = Witness(settings, store, lambda: int(park.clock.now))
        yield World(park, log, OperatorKeys(log_key, cosigner), Direct(witness), (notary, chain))
