"""Checkpoints and consistency proofs of a real sequencer and a real witness, judged by the client."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from attestation.keys import Algorithm, PrivateKey
from ledger.checkpoint import Note, SignatureKind, SignatureLine, SignerKey
from ledger.db.base import Database
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.sequencer import Witness as AskedWitness
from ledger.view import LogView
from ledger.witness.core import AddCheckpoint
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile
from tanlu.client import Client
from tanlu.errors import PromiseBroken, RefusedByService

from ..conftest import ORIGIN, World


@dataclass
class Direct:
    """The real witness, asked without HTTP between."""

    witness: Witness

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note, /) -> Sequence[SignatureLine]:
        return self.witness.add_checkpoint(AddCheckpoint(old_size, tuple(proof), note).format())


@pytest.fixture
def sequencer(world: World, database: Database, tmp_path: Path) -> Iterator[Sequencer]:
    domain = world.trust.checkpoint_domain
    path = tmp_path / "witness.json"
    chain = SignerKey("witness.test", SignatureKind.EIP712, PrivateKey.generate(Algorithm.ES256K))
    settings = WitnessSettings(
        ORIGIN, [world.log_signer.verifier], world.witness_signer, path, chain, domain, first_epoch=0
    )
    operator = OperatorKeys(world.log_signer, world.cosigner_signer)
    with StateFile(path) as store:
        asked = AskedWitness(Direct(Witness(settings, store, lambda: int(time.time()))))
        yield Sequencer(database, world.parameters(), operator, [asked], domain=domain)


@pytest.fixture
def sizes(client: Client, world: World, sequencer: Sequencer) -> tuple[int, int]:
    """Two heads: of the three enrolments, and of five readings more."""
    sequencer.step()
    client.submit_bulk([world.reading(seq) for seq in range(1, 6)])
    sequencer.step()
    return 3, 8


def test_checkpoints_are_judged_and_the_later_extends_the_earlier(client: Client, sizes: tuple[int, int]) -> None:
    old, new = sizes
    assert client.checkpoint() == client.checkpoint(new)
    assert client.checkpoint(old).splitlines()[:2] == [ORIGIN, str(old)]
    assert client.consistency(old, new)
    assert client.entry(0).state == "integrated"


def test_before_the_first_head_there_is_no_checkpoint(client: Client) -> None:
    with pytest.raises(RefusedByService) as caught:
        client.checkpoint()
    assert caught.value.status == 404


def test_an_entry_that_is_integrated_only_has_no_receipt_yet(client: Client, sizes: tuple[int, int]) -> None:
    with pytest.raises(RefusedByService) as caught:
        client.receipt(0)
    assert caught.value.status == 409


@pytest.mark.parametrize("missing", ["log_key", "witness"])
def test_a_head_that_a_trusted_key_did_not_sign_is_refused(
    client: Client, world: World, sizes: tuple[int, int], tmp_path: Path, missing: str
) -> None:
    stranger = dataclasses.replace(world, **{missing: getattr(World(), missing)})
    with (
        Client(
            client.base_url, trust=stranger.trust, evidence=tmp_path / "kept", credentials=world.administration
        ) as suspicious,
        pytest.raises(PromiseBroken) as caught,
    ):
        suspicious.checkpoint()
    assert caught.value.rule == {"log_key": "checkpoint.log_signature", "witness": "checkpoint.witnesses"}[missing]
    assert caught.value.evidence is not None
    assert "checkpoint" in caught.value.evidence.name


def test_a_proof_that_does_not_connect_two_heads_is_refused_and_kept(
    client: Client, sizes: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = LogView.consistency

    def altered(view: LogView, old: int, new: int) -> list[bytes]:
        return [bytes(32), *honest(view, old, new)[1:]]

    monkeypatch.setattr(LogView, "consistency", altered)
    with pytest.raises(PromiseBroken) as caught:
        client.consistency(*sizes)
    assert caught.value.evidence is not None
    assert bytes(32).hex() in caught.value.evidence.read_text()
