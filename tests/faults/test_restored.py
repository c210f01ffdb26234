"""A park loses its newest entries: the old copy is refused, until two persons open an epoch from what it has."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from attestation.keyfiles import decrypt
from attestation.keys import PrivateKey
from attestation.typed_data import to_compact
from ganache import development_keys
from ledger.chain.contracts import EvidenceLog
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.epochs import chain_standing
from ledger.trust import parse
from tests.faults.direct import log_of, take, wait_anchored
from tests.faults.installation import Installation, Role, run_tanlu
from tests.faults.restoring import Copy, copy_of, held_by_witness, restore, restored_home, start
from tests.faults.signers import Registrar
from tests.faults.supervision import Operator

pytestmark = pytest.mark.chain

SIGNING = (Role.SEQUENCER, Role.RELAYER)


@dataclass
class Story:
    """One installation whose chain runs; copies of its database from before and from after an anchor."""

    installation: Installation
    folder: Path
    early: Copy
    anchored: Copy


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("restored")
    installation = Installation.make(folder / "home")
    registrar = Registrar(installation)
    with Operator(installation, folder / "chain", [Role.CHAIN]):
        with (
            Operator(installation, folder / "first", [Role.WITNESS, *SIGNING]),
            log_of(installation) as log,
        ):
            take(log, [installation.first_entry()])
            wait_anchored(installation, 1)
            early = copy_of(installation.database, folder / "early.sqlite3")
            take(log, [registrar.enterprise()[1]])
            wait_anchored(installation, 2)
            anchored = copy_of(installation.database, folder / "anchored.sqlite3")
            take(log, [registrar.meter(0)[1], registrar.meter(1)[1]])
            wait_anchored(installation, 4)
        yield Story(installation, folder, early, anchored)


def test_a_database_from_before_the_last_anchor_is_refused_and_nothing_is_signed(story: Story) -> None:
    with Operator(story.installation, story.folder / "second", [Role.WITNESS]):
        size, root = held_by_witness(story.installation)
        assert (story.anchored.size, size) == (2, 4)
        assert restore(story.installation, story.anchored, story.folder).faults(root) == []
        # The log went on over the copy, past the size that the others hold.
        other = restored_home(story.installation, story.anchored, story.folder / "went-on")
        office = Registrar(other, last_seq=2)
        with log_of(other) as log:
            take(log, [office.meter(number)[1] for number in range(7, 12)])
        assert start(other).faults(root) == []
        assert held_by_witness(story.installation) == (size, root)


def test_an_epoch_from_the_last_backup_lets_log_and_witness_go_on(story: Story) -> None:
    witness = story.installation.home / "witness"
    restored = restored_home(story.installation, story.anchored, story.folder / "goes-on")
    too_old = restored_home(story.installation, story.early, story.folder / "too-old")

    def epoch(command: str, home: Installation, *options: str, code: int = 0) -> dict[str, Any]:
        return run_tanlu("epoch", command, "--home", str(home.home), "--folder", str(witness), *options, code=code)

    refused = epoch("adopt", restored, code=1)
    assert (refused["error"]["rule"], epoch("status", restored)["chain"]["epoch"]) == ("epoch.not_open", 0)

    open_epoch(story.installation, story.anchored.size)
    root = epoch("status", restored)["chain"]["root"]

    with Operator(story.installation, story.folder / "third", [Role.WITNESS]):
        busy = epoch("adopt", restored, code=1)
        assert busy["error"]["rule"] == "witness.lock"
        # Chain and witness do not agree yet: nothing is signed, and the process waits.
        with Operator(story.installation, story.folder / "waits", [Role.SEQUENCER]) as waiting:
            until = time.monotonic() + 20
            while "sequencer.epoch" not in waiting.output(Role.SEQUENCER) and time.monotonic() < until:
                time.sleep(0.1)
            assert "tanlu epoch adopt" in waiting.output(Role.SEQUENCER)
    assert epoch("adopt", too_old, code=4)["error"]["rule"] == "sequencer.start"
    standing = epoch("status", restored)
    assert [standing[part]["epoch"] for part in ("chain", "log", "witness")] == [1, 0, 0]

    done = epoch("adopt", restored)
    assert done == {"epoch": 1, "size": 2, "root": root, "adopted": ["witness", "log"]}
    assert epoch("adopt", restored, code=1)["error"]["rule"] == "epoch.not_open"
    with (
        Operator(story.installation, story.folder / "fourth", [Role.WITNESS]),
        Operator(restored, story.folder / "fifth", SIGNING),
        log_of(restored) as log,
    ):
        until = time.monotonic() + 20
        # Shown before any entry comes.
        while held_by_witness(story.installation) != (2, root) and time.monotonic() < until:
            time.sleep(0.1)
        take(log, [Registrar(restored, last_seq=2).meter(5)[1]])
        wait_anchored(restored, 3, epoch=1)
        assert held_by_witness(story.installation)[0] == 3
    checked = run_tanlu("fsck", "--home", str(restored.home))
    assert (checked["sound"], checked["size"]) == (True, 3)


def open_epoch(installation: Installation, size: int) -> None:
    """Two persons of different bodies, with the keys that `tanlu init` gave them, and the delay in the chain's time."""
    domain = parse(installation.trust_file.read_bytes()).checkpoint_domain
    rpc = Rpc(installation.rpc_url)
    log = EvidenceLog(rpc, domain.verifying_contract)
    payer = Account.from_key(development_keys(installation.rpc_url, domain.chain_id)[2])
    good = log.root_at(0, size)
    assert good is not None
    (nonce,), (delay,) = log.view("proposalNonce"), log.view("epochDelaySeconds")
    expiry = rpc.head().timestamp + delay + 3_600
    kind = (
        b"EpochProposal(uint64 epoch,uint64 goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,"
        b"uint64 nonce,uint64 expiry)"
    )
    fields = [keccak(kind), 1, 0, size, good, bytes(32), nonce, expiry]
    struct = keccak(b"".join(item if isinstance(item, bytes) else item.to_bytes(32, "big") for item in fields))
    digest = keccak(b"\x19\x01" + domain.separator + struct)
    approvals = [to_compact(_approver(installation.home / body).sign_digest(digest)) for body in BODIES]
    words = [(approval[:32], approval[32:]) for approval in approvals]

    def send(data: bytes) -> None:
        address = account_address(payer)
        fee, nonce = current_fee(rpc), rpc.nonce(address)
        signed = sign(payer, chain_id=domain.chain_id, nonce=nonce, fee=fee, gas=1_000_000, to=log.address, data=data)
        rpc.send_raw(signed.raw)
        assert rpc.wait_for_receipt(signed.hash, deadline=10).succeeded

    send(log.data("proposeEpoch", 0, size, bytes(32), expiry, words))
    shown = run_tanlu("epoch", "status", "--home", str(installation.home))
    assert (shown["pending"]["epoch"], shown["pending"]["size"]) == (1, size)
    rpc.request("evm_increaseTime", delay + 1)
    send(log.data("openEpoch"))
    opened = rpc.head().number
    until = time.monotonic() + 20
    while json.loads((installation.home / "node" / "final.json").read_bytes())["number"] < opened:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert chain_standing(rpc, domain).epoch == 1
    rpc.close()


BODIES = ("administration", "regulator")


def _approver(folder: Path) -> PrivateKey:
    return decrypt((folder / "approver.json").read_bytes(), (folder / "password").read_text().partition("\n")[0])
