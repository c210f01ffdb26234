"""Receipts made here are judged by a verifier that shares no code with ``ledger``, and by the contract itself."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from eth_account import Account

from ganache import Engine, development_keys
from ganache.npm import find_node
from ledger.chain.contracts import EVIDENCE_LOG, IDENTIFIER_REGISTRY, NAMES, EvidenceLog
from ledger.chain.deploy import DeploymentParameters, Funding, ensure_deployed
from ledger.chain.deploy_plan import created_address
from ledger.chain.finality import Confirmations
from ledger.chain.intents import AnchorIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee
from ledger.chain.signing import sign as sign_transaction
from ledger.chain.view import Web3ChainView
from ledger.checkpoint import Note, cosigner_lines
from ledger.errors import ReceiptRefused
from ledger.receipts import parse, verify

pytestmark = [pytest.mark.node]

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors" / "receipts"
GOOD = (
    "reading.json",
    "report.json",
    "first-entry.json",
    "rotated.json",
    "rotation.json",
    "added.json",
    "before-rotation.json",
    "before-compromise.json",
    "recovered.json",
)


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("receipt_vectors_for_node", VECTORS / "make_receipts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


RECIPE = load()


def judge(folder: Path, trust: bytes, receipts: dict[str, bytes], rpc: str | None = None) -> dict[str, Any]:
    """The second implementation's answers by name."""
    (folder / "trust.json").write_bytes(trust)
    for name, data in receipts.items():
        (folder / name).write_bytes(data)
    command = [str(find_node()), str(HERE / "verify_receipt.mjs"), "--trust", "trust.json", *receipts]
    if rpc is not None:
        command[2:2] = ["--rpc", rpc]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    answers = {answer["file"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert set(answers) == set(receipts), done.stderr
    assert done.returncode == (0 if all(answer["ok"] for answer in answers.values()) else 1)
    return answers


def test_good_receipts_are_accepted(tmp_path: Path) -> None:
    good = {name: (VECTORS / name).read_bytes() for name in GOOD}
    for answer in judge(tmp_path, (VECTORS / "trust.json").read_bytes(), good).values():
        assert answer == {"file": answer["file"], "ok": True, "checked": [1, 2, 3, 4, 5, 6, 7, 8]}


def test_mutated_receipts_are_refused_at_the_same_steps(tmp_path: Path) -> None:
    good = json.loads((VECTORS / "reading.json").read_bytes())
    cases = {
        f"{case['name']}.json": case
        for case in json.loads((VECTORS / "mutations.json").read_bytes())
        # What needs the chain is asked of the chain below; one spelling of addresses and hashes is the format's law.
        if case["step"] < 9
    }
    made = {
        name: json.dumps(
            RECIPE.patched(good, [(tuple(change["path"]), change["value"]) for change in case["patch"]])
        ).encode()
        for name, case in cases.items()
    }
    answers = judge(tmp_path, (VECTORS / "trust.json").read_bytes(), made)
    accepted = [name for name, answer in answers.items() if answer["ok"]]
    assert accepted == []
    # The order of its checks of form is its own; from step 2 on the two agree.
    differing = {name: answer for name, answer in answers.items() if cases[name]["step"] not in (1, answer["step"])}
    assert differing == {}


class OnChain:
    """The vectors' log, anchored at a real contract."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.rpc = Rpc(engine.rpc_url)
        keys = development_keys(engine.rpc_url, engine.chain_id)
        payer, registrar, governor = (Account.from_key(keys[n]) for n in (4, 5, 6))
        deployer = Account.create()
        addresses = {name: created_address(account_address(deployer), n) for n, name in enumerate(NAMES)}
        self.log = RECIPE.Evidence(evidence_log=addresses[EVIDENCE_LOG], registry=addresses[IDENTIFIER_REGISTRY])
        assert engine.chain_id == RECIPE.CHAIN_ID
        parameters = DeploymentParameters(
            chain_id=engine.chain_id,
            deployment_id=self.log.deployment_id,
            cosigners=self.log.trust.cosigners,
            threshold=2,
            epoch_delay=60,
            recovery_delay=100,
            approvers=((b"\x01" * 20, b"\x0a" * 32), (b"\x02" * 20, b"\x0b" * 32)),
            registrar=account_address(registrar),
            governor=account_address(governor),
        )
        ensure_deployed(self.rpc, parameters, deployer, folder / "addresses.json", funding=Funding(payer))
        contract = EvidenceLog(self.rpc, addresses[EVIDENCE_LOG])
        note: Note = self.log.note()
        signatures = list(cosigner_lines(note, self.log.trust.cosigners, self.log.domain).values())
        intent = AnchorIntent(RECIPE.EPOCH, self.log.size, self.log.tree.root())
        data = contract.anchor(intent, [], signatures)
        sender = account_address(payer)
        signed = sign_transaction(
            payer,
            chain_id=engine.chain_id,
            nonce=self.rpc.nonce(sender, "pending"),
            to=contract.address,
            data=data,
            gas=1_000_000,
            fee=current_fee(self.rpc),
        )
        self.rpc.send_raw(signed.raw)
        sent = self.rpc.wait_for_receipt(signed.hash, deadline=20)
        assert sent.succeeded
        block = self.rpc.block(sent.block_number)
        assert block is not None
        self.anchor = replace(self.log.anchor(), tx=signed.hash, block_number=sent.block_number, block_hash=block.hash)

    def receipt(self, index: int, key_index: int) -> bytes:
        made: bytes = self.log.receipt(index, key_index, anchor=self.anchor).format()
        return made


@pytest.fixture(scope="module")
def on_chain(anvil: Engine, tmp_path_factory: pytest.TempPathFactory) -> OnChain:
    return OnChain(anvil, tmp_path_factory.mktemp("anchored"))


@pytest.mark.chain
def test_the_contract_itself_verifies_the_inclusion(on_chain: OnChain, anvil: Engine, tmp_path: Path) -> None:
    good = {
        "reading.json": on_chain.receipt(RECIPE.READING, RECIPE.METER_KEY),
        "report.json": on_chain.receipt(RECIPE.REPORT, RECIPE.WORKS_KEY),
        "first-entry.json": on_chain.receipt(0, 0),
    }
    for name, answer in judge(tmp_path, on_chain.log.trust.format(), good, anvil.rpc_url).items():
        assert answer == {"file": name, "ok": True, "checked": [1, 2, 3, 4, 5, 6, 7, 8, 9]}
    with contextlib.closing(Web3ChainView(anvil.rpc_url, finality=Confirmations(0))) as chain:
        for data in good.values():
            report = verify(parse(data), on_chain.log.trust, chain=chain)
            assert (report.state, report.checked[-1].step) == ("final", 9)


@pytest.mark.chain
def test_a_false_place_on_the_chain_is_refused(on_chain: OnChain, anvil: Engine, tmp_path: Path) -> None:
    good = json.loads(on_chain.receipt(RECIPE.READING, RECIPE.METER_KEY))
    number = good["anchor"]["block_number"]
    bad = {
        "tx.json": ("tx", "0x" + "12" * 32),
        "number.json": ("block_number", number - 1),
        "hash.json": ("block_hash", "0x" + "12" * 32),
    }
    receipts = {
        name: json.dumps(RECIPE.patched(good, [(("anchor", member), value)])).encode()
        for name, (member, value) in bad.items()
    }
    for answer in judge(tmp_path, on_chain.log.trust.format(), receipts, anvil.rpc_url).values():
        assert (answer["ok"], answer["step"]) == (False, 9)
    with contextlib.closing(Web3ChainView(anvil.rpc_url)) as chain:
        for data in receipts.values():
            with pytest.raises(ReceiptRefused) as refusal:
                verify(parse(data), on_chain.log.trust, chain=chain)
            assert refusal.value.step == 9


@pytest.mark.chain
def test_a_receipt_of_another_contract_is_refused_by_the_chain(anvil: Engine) -> None:
    # The vectors' contract address has no code on this chain.
    log = RECIPE.Evidence()
    with contextlib.closing(Web3ChainView(anvil.rpc_url)) as chain, pytest.raises(ReceiptRefused) as refusal:
        verify(log.receipt(RECIPE.READING, RECIPE.METER_KEY), log.trust, chain=chain)
    assert refusal.value.step == 9
