"""P4: what it costs to anchor 10,000 new leaves on about a million, whole transaction, on a real Anvil.

``python -m bench.anchor_gas`` deploys the committed artifacts as in production, looks for the pair of sizes near
(1,000,000, 1,010,000) whose consistency proof is the most expensive to send and to check, anchors that pair and the
plain one with two cosignatures, and prints gas against the limit. JSON goes to ``build/bench/anchor_gas.json``.
The figure to compare with, EAS attest, is published for one attestation; one anchor carries 10,000 statements.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import checkpoint_digest, to_compact
from ganache import Node, development_keys
from ledger.chain.contracts import EVIDENCE_LOG, Deployment, EvidenceLog
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.intents import AnchorIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.merkle import MemoryTileStore, Tree

LIMIT_GAS = 120_000
EAS_ATTEST_GAS = 180_961
PROTOTYPE_GAS = 105_745
MILLION = 1_000_000
NEW_LEAVES = 10_000
REACH = 20_000
"""How far from a million the search for the worst pair goes, in leaves."""
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "anchor_gas.json"
_GAS_PER_ELEMENT = 512
_GAS_PER_HASH = 400
_GAS_BOUND = 1_000_000
_DEADLINE = 30.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What a consistency proof from ``old`` to ``new`` leaves costs: its elements, and the hashes to check it."""

    old: int
    new: int
    elements: int
    hashes: int

    @property
    def weight(self) -> int:
        """Rough gas, to rank pairs by; the ranking's winners are then measured."""
        return self.elements * _GAS_PER_ELEMENT + self.hashes * _GAS_PER_HASH


@dataclass(frozen=True, slots=True)
class Measured:
    """One anchor on chain, whole transaction."""

    old: int
    new: int
    elements: int
    hashes: int
    gas: int
    ratio_to_limit: float
    gas_per_evidence: float
    ratio_to_eas_attest: float


def shape(old: int, new: int) -> Shape:
    """Walk the verifier of RFC 9162 §2.1.4.2 without hashes. 0 < old < new."""
    node, last = old - 1, new - 1
    elements = 0 if old & (old - 1) == 0 else 1
    hashes = 0
    while node & 1:
        node, last = node >> 1, last >> 1
    while last:
        elements += 1
        if node & 1 or node == last:
            hashes += 2
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashes += 1
        node, last = node >> 1, last >> 1
    return Shape(old, new, elements, hashes)


def worst_shapes(count: int) -> list[Shape]:
    """The ``count`` most expensive pairs (m, m + 10,000) within reach of a million."""
    pairs = (shape(old, old + NEW_LEAVES) for old in range(MILLION - REACH, MILLION + REACH + 1))
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.old))[:count]


class AnchorBench:
    """One deployment with two cosigners on one engine, and one tree that is large enough for every pair."""

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], folder: Path, tree: Tree) -> None:
        self._rpc = rpc
        self._tree = tree
        self._sender: LocalAccount = Account.from_key(keys[1])
        made = [PrivateKey.generate(Algorithm.ES256K) for _ in range(2)]
        self._cosigners = sorted(made, key=_address)
        self._deployment = self._deploy(Account.from_key(keys[0]), account_address(Account.from_key(keys[2])), folder)
        self._log = EvidenceLog(rpc, self._deployment.addresses[EVIDENCE_LOG])

    def measure(self, pair: Shape) -> Measured:
        """Anchor ``old`` (a first anchor), then ``new``, and take both back so that each pair starts alike."""
        start = self._rpc.request("evm_snapshot")
        self._anchor(pair.old, [])
        proof = self._tree.consistency_proof(pair.old, pair.new)
        gas = self._anchor(pair.new, proof)
        self._rpc.request("evm_revert", start)
        if len(proof) != pair.elements:
            raise ValueError(f"a proof of {len(proof)} elements where the shape says {pair.elements}")
        return Measured(
            **asdict(pair),
            gas=gas,
            ratio_to_limit=round(gas / LIMIT_GAS, 4),
            gas_per_evidence=round(gas / NEW_LEAVES, 2),
            ratio_to_eas_attest=round(gas / EAS_ATTEST_GAS, 4),
        )

    def _anchor(self, size: int, proof: list[bytes]) -> int:
        intent = AnchorIntent(0, size, self._tree.root(size))
        digest = checkpoint_digest(self._deployment.checkpoint_domain, intent.epoch, intent.size, intent.root)
        signatures = [to_compact(key.sign_digest(digest)) for key in self._cosigners]
        signed = sign(
            self._sender,
            chain_id=self._deployment.chain_id,
            nonce=self._rpc.nonce(account_address(self._sender)),
            fee=current_fee(self._rpc),
            gas=_GAS_BOUND,
            to=self._log.address,
            data=self._log.anchor(intent, proof, signatures),
        )
        self._rpc.send_raw(signed.raw)
        receipt = self._rpc.wait_for_receipt(signed.hash, deadline=_DEADLINE)
        if not receipt.succeeded or self._log.root_at(0, size) != intent.root:
            raise ValueError(f"the anchor at {size} did not take effect")
        return receipt.gas_used

    def _deploy(self, deployer: LocalAccount, governor: bytes, folder: Path) -> Deployment:
        parameters = DeploymentParameters(
            chain_id=self._rpc.chain_id(),
            deployment_id=secrets.token_bytes(32),
            cosigners=tuple(_address(key) for key in self._cosigners),
            threshold=2,
            epoch_delay=3600,
            recovery_delay=3600,
            approvers=(),
            registrar=account_address(self._sender),
            governor=governor,
        )
        return ensure_deployed(self._rpc, parameters, deployer, folder / "addresses.json")


def build_tree(size: int) -> Tree:
    """``size`` different leaf hashes in a tree in memory."""
    tree = Tree(MemoryTileStore())
    tree.append_leaves([hashlib.sha256(b"leaf %d" % number).digest() for number in range(size)])
    return tree


def run() -> dict[str, object]:
    """Measure the plain pair and the worst ones; the answer is what goes into the JSON file."""
    began = time.monotonic()
    pairs = [shape(MILLION, MILLION + NEW_LEAVES), shape(MILLION - 1, MILLION - 1 + NEW_LEAVES), *worst_shapes(5)]
    tree = build_tree(max(pair.new for pair in pairs))
    built = time.monotonic() - began
    with tempfile.TemporaryDirectory() as folder, Node(Path(folder) / "chain") as engine:
        rpc = Rpc(engine.rpc_url)
        bench = AnchorBench(rpc, development_keys(engine.rpc_url, engine.chain_id), Path(folder), tree)
        measured = [bench.measure(pair) for pair in pairs]
        rpc.close()
    worst = max(measured, key=lambda each: each.gas)
    return {
        "goal": "P4",
        "engine": "anvil",
        "new_leaves": NEW_LEAVES,
        "cosignatures": 2,
        "limit_gas": LIMIT_GAS,
        "eas_attest_gas": EAS_ATTEST_GAS,
        "prototype_gas": PROTOTYPE_GAS,
        "tree_leaves": tree.size,
        "tree_seconds": round(built, 2),
        "pairs_searched": 2 * REACH + 1,
        "measured": [asdict(each) for each in measured],
        "worst": asdict(worst),
        "passed": worst.gas <= LIMIT_GAS,
    }


def main() -> int:
    """Run, print, write the JSON; 1 where the goal is missed."""
    result = run()
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"P4 anchor of {NEW_LEAVES:,} new leaves, two cosignatures, whole transaction on Anvil")
    measured = result["measured"]
    if not isinstance(measured, list):
        raise TypeError("measured pairs are a list")
    for each in measured:
        print(
            f"  {each['old']:>9,} -> {each['new']:>9,}  proof {each['elements']:>2}  hashes {each['hashes']:>2}  "
            f"{each['gas']:>7,} gas  {each['ratio_to_limit']:.3f} of the limit  "
            f"{each['gas_per_evidence']:.2f} per piece of evidence  {each['ratio_to_eas_attest']:.3f} of one EAS attest"
        )
    print(f"  limit {LIMIT_GAS:,}; prototype {PROTOTYPE_GAS:,}; EAS attest {EAS_ATTEST_GAS:,} for one piece")
    print(f"  tree of {result['tree_leaves']:,} leaves in {result['tree_seconds']} s; {OUTPUT.name} written")
    return 0 if result["passed"] else 1


def _address(key: PrivateKey) -> bytes:
    address = key.public.evm_address
    if address is None:
        raise ValueError("a cosigner's key is ES256K")
    return address


if __name__ == "__main__":
    raise SystemExit(main())
