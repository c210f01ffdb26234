"""The same committed artifacts on Anvil and on Ganache: what they accept, refuse and cost is equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import (
    Domain,
    checkpoint_digest,
    emissions_determination_digest,
    sign_compact_digest,
    sign_key_possession,
    to_compact,
    verified_emissions_digest,
)
from ganache import Engine, EngineName, Node, development_keys
from ledger.chain.contracts import (
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    IDENTIFIER_REGISTRY,
    Contract,
    Deployment,
    EvidenceLog,
    load_artifact,
)
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.emission_intents import AssignIntent, DetermineIntent, RegisterIntent
from ledger.chain.emissions_registry import EmissionsRegistry, Inclusion
from ledger.chain.errors import ContractRefused
from ledger.chain.intents import AnchorIntent
from ledger.chain.rpc import Receipt, Rpc
from ledger.chain.signing import account_address, sign
from ledger.merkle import MemoryTileStore, Tree, leaf_hash

pytestmark = [pytest.mark.chain, pytest.mark.node]

ENTRIES = [b"entry %d" % number for number in range(20)]
OTHERS = [*ENTRIES[:3], b"rewritten", *ENTRIES[4:]]
DEPLOYMENT_ID = hashlib.sha256(b"the same on both engines").digest()
COSIGNERS = [PrivateKey(Algorithm.ES256K, hashlib.sha256(b"cosigner %d" % n).digest()) for n in range(2)]
COSIGNERS.sort(key=lambda key: key.public.evm_address or b"")
FEE = 10**10
DEADLINE = 20.0


@dataclass(frozen=True, slots=True)
class World:
    rpc: Rpc
    deployment: Deployment
    registrar: LocalAccount
    stranger: LocalAccount

    @property
    def log(self) -> EvidenceLog:
        return EvidenceLog(self.rpc, self.deployment.addresses[EVIDENCE_LOG])

    @property
    def registry(self) -> Contract:
        return Contract(self.rpc, IDENTIFIER_REGISTRY, self.deployment.addresses[IDENTIFIER_REGISTRY])

    def send(self, account: LocalAccount, contract: Contract, data: bytes) -> Receipt:
        signed = sign(
            account,
            chain_id=self.deployment.chain_id,
            nonce=self.rpc.nonce(account_address(account)),
            fee=FEE,
            gas=1_000_000,
            to=contract.address,
            data=data,
        )
        self.rpc.send_raw(signed.raw)
        receipt = self.rpc.wait_for_receipt(signed.hash, deadline=DEADLINE)
        assert receipt.succeeded
        return receipt

    def refused(self, contract: Contract, data: bytes, sender: LocalAccount | None = None) -> ContractRefused:
        with pytest.raises(ContractRefused) as caught:
            contract.try_call(data, sender=account_address(sender or self.stranger))
        return caught.value

    def cosign(self, intent: AnchorIntent, domain: Domain | None = None) -> list[bytes]:
        domain = domain or self.deployment.checkpoint_domain
        digest = checkpoint_digest(domain, intent.epoch, intent.size, intent.root)
        return [to_compact(key.sign_digest(digest)) for key in COSIGNERS]


def deploy(engine: Engine, folder: Path) -> World:
    rpc = Rpc(engine.rpc_url)
    keys = development_keys(engine.rpc_url, engine.chain_id)
    deployer, registrar, governor, stranger = (Account.from_key(key) for key in keys[:4])
    parameters = DeploymentParameters(
        chain_id=engine.chain_id,
        deployment_id=DEPLOYMENT_ID,
        cosigners=tuple(key.public.evm_address or b"" for key in COSIGNERS),
        threshold=2,
        epoch_delay=60,
        recovery_delay=100,
        approvers=(),
        registrar=account_address(registrar),
        governor=account_address(governor),
    )
    return World(rpc, ensure_deployed(rpc, parameters, deployer, folder / "book.json"), registrar, stranger)


@pytest.fixture(scope="module", params=["anvil", "ganache"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    name: EngineName = request.param
    folder = tmp_path_factory.mktemp(name)
    with Node(folder / "chain", engine=name) as engine:
        made = deploy(engine, folder)
        yield made
        made.rpc.close()


@pytest.fixture(scope="module")
def gas_used() -> dict[str, int]:
    """Gas of the first engine's calls, for the second to equal."""
    return {}


def same_gas(seen: dict[str, int], what: str, receipt: Receipt) -> None:
    assert seen.setdefault(what, receipt.gas_used) == receipt.gas_used


def tree_of(entries: list[bytes]) -> Tree:
    tree = Tree(MemoryTileStore())
    tree.append_leaves([leaf_hash(entry) for entry in entries])
    return tree


def test_anchors_are_accepted_and_refused_alike(world: World, gas_used: dict[str, int]) -> None:
    tree, log = tree_of(ENTRIES), world.log
    assert log.head() == 0
    first = AnchorIntent(0, 7, tree.root(7))
    same_gas(gas_used, "first", world.send(world.stranger, log, log.anchor(first, [], world.cosign(first))))
    second = AnchorIntent(0, 20, tree.root(20))
    proof = tree.consistency_proof(7, 20)

    assert world.refused(log, log.anchor(second, proof, world.cosign(second)[:1])).name == "CosignaturesTooFew"
    assert world.refused(log, log.anchor(second, proof, world.cosign(second)[::-1])).name == "CosignersNotAscending"
    assert world.refused(log, log.anchor(second, [], world.cosign(second))).name == "ProofLengthInvalid"
    wrong = [bytes(32), *proof[1:]]
    assert world.refused(log, log.anchor(second, wrong, world.cosign(second))).name == "OldRootMismatch"
    shrunk = AnchorIntent(0, 6, tree.root(6))
    refusal = world.refused(log, log.anchor(shrunk, tree.consistency_proof(6, 7), world.cosign(shrunk)))
    assert (refusal.name, refusal.arguments) == ("SizeNotLarger", {"size": 6, "headSize": 7})
    other = tree_of(OTHERS)
    rewritten = AnchorIntent(0, 20, other.root(20))
    history = log.anchor(rewritten, other.consistency_proof(7, 20), world.cosign(rewritten))
    assert world.refused(log, history).name == "OldRootMismatch"
    later = AnchorIntent(1, 20, tree.root(20))
    assert world.refused(log, log.anchor(later, proof, world.cosign(later))).name == "EpochNotCurrent"
    domain = world.deployment.checkpoint_domain
    elsewhere = Domain(domain.chain_id, domain.verifying_contract, bytes(31) + b"\1")
    foreign = world.refused(log, log.anchor(second, proof, world.cosign(second, elsewhere)))
    assert foreign.name in {"CosignerUnknown", "CosignersNotAscending"}
    assert log.head() == first

    same_gas(gas_used, "second", world.send(world.stranger, log, log.anchor(second, proof, world.cosign(second))))
    assert log.head() == second
    middle = AnchorIntent(0, 12, tree.root(12))
    late = log.backfill(middle, tree.consistency_proof(12, 20), world.cosign(middle))
    same_gas(gas_used, "backfill", world.send(world.stranger, log, late))
    for size in (7, 12, 20):
        assert log.root_at(0, size) == tree.root(size)
        inclusion = tree.inclusion_proof(3, size)
        log.verify_inclusion(0, size, 3, leaf_hash(ENTRIES[3]), inclusion)
        assert world.refused(log, log.data("verifyEntry", 0, size, 3, OTHERS[3], inclusion)).name == "RootMismatch"
        log.view("verifyEntry", 0, size, 3, ENTRIES[3], inclusion)
    unknown = world.refused(log, log.data("verifyInclusion", 0, 1, 0, leaf_hash(ENTRIES[0]), []))
    assert (unknown.name, unknown.arguments) == ("RootUnknown", {"epoch": 0, "size": 1})


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_enrolment_takes_effect_once(world: World, algorithm: Algorithm, gas_used: dict[str, int]) -> None:
    """The contract computes the thumbprint of ``attestation`` and recovers its possession proof."""
    key = PrivateKey(algorithm, hashlib.sha256(b"enterprise " + algorithm.value.encode()).digest())
    number = {Algorithm.ED25519: 1, Algorithm.ES256K: 2, Algorithm.ES256: 3}[algorithm]
    identifier = f"88.608.5288/META_{algorithm.value}"
    account, purposes = keccak(text=identifier), Purpose.STATEMENT | Purpose.ASSET
    domain = world.deployment.registry_domain
    on_chain = algorithm is Algorithm.ES256K
    possession = sign_key_possession(domain, account, key, purposes) if on_chain else bytes(64)
    enrolment = (
        *(identifier, 2, bytes(32), bytes(32)),
        (
            *(number, int(purposes), key.public.on_chain, hashlib.sha256(b"leaf").digest(), 1),
            (possession[:32], possession[32:]),
        ),
    )
    op_id = hashlib.sha256(algorithm.value.encode()).digest()
    call = world.registry.data("enrol", op_id, enrolment)
    assert world.refused(world.registry, call).name == "AccessManagedUnauthorized"
    same_gas(gas_used, algorithm.value, world.send(world.registrar, world.registry, call))
    replay = world.refused(world.registry, call, world.registrar)
    assert (replay.name, replay.arguments) == ("OpAlreadyApplied", {"opId": op_id})
    (record,) = world.registry.view("keyOf", key.public.thumbprint)
    assert record[0] == account
    if key.public.evm_address is not None:
        assert bytes.fromhex(record[2].removeprefix("0x")) == key.public.evm_address


def test_emissions_are_registered_and_determined_alike(world: World, gas_used: dict[str, int]) -> None:
    """The verifier's word with proofs of both leaves, and two persons' (DOMAIN 8, 10, 44)."""
    names = {"park": 1, "works": 2, "mill": 2, "auditor": 4, "authority": 5, "ann": 6, "ben": 6}
    parents = {"ann": "park", "ben": "authority"}
    keys = {name: PrivateKey(Algorithm.ES256K, hashlib.sha256(name.encode()).digest()) for name in names}
    for name, kind in names.items():
        account, key = keccak(text=f"88.608.7/{name}"), keys[name]
        parent = keccak(text=f"88.608.7/{parents[name]}") if name in parents else bytes(32)
        purposes = Purpose.ADMINISTRATION if kind == 6 else Purpose.STATEMENT
        proof = sign_key_possession(world.deployment.registry_domain, account, key, purposes)
        grant = (2, int(purposes), key.public.on_chain, account, 1, (proof[:32], proof[32:]))
        call = world.registry.data("enrol", account, (f"88.608.7/{name}", kind, parent, bytes(32), grant))
        same_gas(gas_used, name, world.send(world.registrar, world.registry, call))
    tree, log = tree_of(ENTRIES), world.log
    if log.head() == 0:
        head = AnchorIntent(0, len(ENTRIES), tree.root(len(ENTRIES)))
        world.send(world.stranger, log, log.anchor(head, [], world.cosign(head)))
    emissions = EmissionsRegistry(world.rpc, world.deployment.addresses[EMISSIONS_REGISTRY])
    domain = world.deployment.emissions_domain
    assert domain is not None
    works, mill, leaves = keccak(text="88.608.7/works"), keccak(text="88.608.7/mill"), [leaf_hash(e) for e in ENTRIES]
    digest = verified_emissions_digest(domain, works, 2026, 38_942, leaves[3], leaves[9], 1)
    figure = ("88.608.7/works", 2026, 38_942, 1, leaves[3], 3, leaves[9], 9)
    register = RegisterIntent(leaves[12], 12, *figure, sign_compact_digest(digest, keys["auditor"]))
    size = len(ENTRIES)
    inclusion = Inclusion(0, size, tree.inclusion_proof(3, size), tree.inclusion_proof(9, size))
    number = emissions.register(leaves[12], register, inclusion)
    assert world.refused(emissions, number, world.registrar).name == "AssignmentNone"
    assign = AssignIntent(leaves[2], 2, "88.608.7/works", 2026, "88.608.7/auditor", 1, 2**40)
    same_gas(gas_used, "assign", world.send(world.registrar, emissions, emissions.tell(leaves[2], assign)))
    assert world.refused(emissions, number).name == "AccessManagedUnauthorized"
    mine = RegisterIntent(leaves[12], 12, *figure, sign_compact_digest(digest, keys["works"]))
    forged = emissions.register(leaves[12], mine, inclusion)
    assert world.refused(emissions, forged, world.registrar).name == "VerifierSignatureInvalid"
    misplaced = Inclusion(0, size, inclusion.statement, inclusion.report)
    swapped = emissions.register(leaves[12], register, misplaced)
    assert world.refused(emissions, swapped, world.registrar).name == "RootMismatch"
    same_gas(gas_used, "register", world.send(world.registrar, emissions, number))
    assert world.refused(emissions, number, world.registrar).name == "OpAlreadyApplied"
    found = emissions.emissions_of(works, 2026)
    assert found is not None
    assert (found.tonnes, found.revision, found.determined) == (38_942, 1, False)

    document = hashlib.sha256(b"decision").digest()
    decision = emissions_determination_digest(domain, mill, 2026, 500, document, 1)
    ann, ben = (sign_compact_digest(decision, keys[name]) for name in ("ann", "ben"))
    decided = DetermineIntent(leaves[14], 14, "88.608.7/mill", 2026, 500, 1, document, (ann, ann))
    alone = world.refused(emissions, emissions.tell(leaves[14], decided), world.registrar)
    assert alone.name == "ApproversOfOneBody"
    decided = DetermineIntent(leaves[14], 14, "88.608.7/mill", 2026, 500, 1, document, (ann, ben))
    same_gas(gas_used, "determine", world.send(world.registrar, emissions, emissions.tell(leaves[14], decided)))
    found = emissions.emissions_of(mill, 2026)
    assert found is not None
    assert (found.tonnes, found.revision, found.determined) == (500, 1, True)


def test_deployed_code_is_the_artifacts(world: World) -> None:
    for name, address in world.deployment.addresses.items():
        assert load_artifact(name).runs_at(world.rpc.code(address))
