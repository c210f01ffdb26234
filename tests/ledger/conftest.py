"""A whole small world on a real chain and a real database: a log that grows, its cosigners, deployment and relayer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from sqlalchemy import select

from attestation.typed_data import Domain, to_compact
from ganache import Engine, Node, development_keys
from ledger.chain import outbox
from ledger.chain.asset_intents import AssetIntent
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
    NAMES,
    Deployment,
    EvidenceLog,
)
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.deploy_plan import created_address
from ledger.chain.emission_intents import EmissionIntent
from ledger.chain.finality import Confirmations, Finality
from ledger.chain.intents import AnchorIntent, EnrolIntent, RegistryIntent
from ledger.chain.outbox_waiting import pending
from ledger.chain.relayer import Relayer, RelayerSettings, StepReport
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee
from ledger.chain.signing import sign as sign_transaction
from ledger.checkpoint import Checkpoint, SignatureKind, SignerKey, sign
from ledger.db.base import Base, Database
from ledger.db.chain_models import ChainBlockRow
from ledger.db.log_models import CheckpointRow, LogState
from ledger.db.tiles import SqlTileStore
from ledger.merkle import Tree
from ledger.projection_rows import PROJECTED
from ledger.view import integrated_tree
from tests.ledger.deployed import Deployed, Secrets, deployed
from tests.ledger.engines import database, postgres

__all__ = ["database", "postgres"]

CHAIN_ID = 31337
ORIGIN = "park.example/log/" + "5a" * 32


class World:
    """One deployment's keys, database and log on one engine. ``kept``: a deployment that need not be made again."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        *,
        cosigners: int = 2,
        finality: Finality | None = None,
        database: Database | None = None,
        secrets: Secrets | None = None,
        kept: Deployed | None = None,
    ) -> None:
        self.engine = engine
        self.kept = kept
        self.folder = folder
        self.finality: Finality = finality or Confirmations(1_000_000)
        self.rpc = Rpc(engine.rpc_url)
        keys = development_keys(engine.rpc_url, engine.chain_id)
        self.deployer: LocalAccount = Account.from_key(keys[0])
        self.relayer_account: LocalAccount = Account.from_key(keys[1])
        self.stranger: LocalAccount = Account.from_key(keys[2])
        secrets = kept.secrets if kept else secrets or Secrets.generate(cosigners)
        self.cosigners = [
            SignerKey(f"cosigner{n}", SignatureKind.EIP712, key) for n, key in enumerate(secrets.cosigners)
        ]
        self.approvers = list(secrets.approvers)
        self.parameters = DeploymentParameters(
            chain_id=engine.chain_id,
            deployment_id=secrets.deployment_id,
            cosigners=tuple(sorted(key.verifier.material for key in self.cosigners)),
            threshold=len(self.cosigners),
            epoch_delay=60,
            recovery_delay=100,
            approvers=tuple(
                (key.public.evm_address or b"", bytes([10 + n]) * 32) for n, key in enumerate(self.approvers)
            ),
            registrar=account_address(self.relayer_account),
            governor=account_address(Account.from_key(keys[3])),
        )
        self.book = folder / "addresses.json"
        self.database = database or Database(f"sqlite:///{folder / 'ledger.db'}")
        Base.metadata.create_all(self.database.engine)
        with self.database.write() as session:
            session.add(LogState(id=1, origin=ORIGIN, epoch=0, next_index=0, tree_size=0))

    @property
    def domain(self) -> Domain:
        """Of cosignatures; addresses are known before deployment."""
        return self._domain(EVIDENCE_LOG)

    @property
    def registry_domain(self) -> Domain:
        """Of what the identifier registry checks."""
        return self._domain(IDENTIFIER_REGISTRY)

    @property
    def emissions_domain(self) -> Domain:
        """Of what the emissions registry checks."""
        return self._domain(EMISSIONS_REGISTRY)

    @property
    def ledger_domain(self) -> Domain:
        """Of what the ledger of units checks."""
        return self._domain(CARBON_LEDGER)

    @property
    def compliance_domain(self) -> Domain:
        """Of what the book of obligations checks."""
        return self._domain(COMPLIANCE)

    @property
    def exchange_domain(self) -> Domain:
        """Of what the exchange checks."""
        return self._domain(EXCHANGE)

    def _domain(self, name: str) -> Domain:
        address = created_address(account_address(self.deployer), NAMES.index(name))
        return Domain(self.engine.chain_id, address, self.deployment_id)

    @property
    def deployment_id(self) -> bytes:
        return self.parameters.deployment_id

    def deploy(self, **options: Any) -> Deployment:
        if self.kept is not None and not options:
            self.kept.give(self.rpc, self.parameters, self.book)
        return ensure_deployed(self.rpc, self.parameters, self.deployer, self.book, **options)

    def grow(
        self, leaves: int, *, enqueue: bool = True, cosigned: int | None = None, salt: bytes = b""
    ) -> AnchorIntent:
        """Append leaves, sign the new head with the cosigners, and ask for it to be anchored."""
        with self.database.read() as session:
            start = session.get_one(LogState, 1).tree_size
        made = [hashlib.sha256(salt + b"%d" % n).digest() for n in range(start, start + leaves)]
        return self.integrate(made, enqueue=enqueue, cosigned=cosigned)

    def integrate(self, leaves: list[bytes], *, enqueue: bool = True, cosigned: int | None = None) -> AnchorIntent:
        """Append these leaf hashes, sign the new head with the cosigners, and ask for it to be anchored."""
        with self.database.write() as session:
            state = session.get_one(LogState, 1)
            tree = Tree(SqlTileStore(session), state.tree_size)
            tree.append_leaves(leaves)
            state.tree_size = tree.size
            state.next_index = max(state.next_index, tree.size)
            intent = AnchorIntent(state.epoch, tree.size, tree.root())
            checkpoint = Checkpoint(ORIGIN, tree.size, tree.root(), state.epoch)
            note = sign(checkpoint, self.cosigners[:cosigned], time=1, domain=self.domain).format().decode()
            session.add(
                CheckpointRow(
                    epoch=state.epoch, size=tree.size, root=tree.root(), note=note, cosigned=True, created_at=1
                )
            )
            if enqueue:
                outbox.enqueue_anchor(session, self.deployment_id, intent, now=1)
        return intent

    def enrol(self, intent: RegistryIntent) -> bytes:
        with self.database.write() as session:
            outbox.enqueue_key(session, self.deployment_id, intent, now=1)
        return intent.operation_id(self.deployment_id)

    def tell(self, intent: EmissionIntent | AssetIntent) -> bytes:
        with self.database.write() as session:
            if isinstance(intent, get_args(EmissionIntent)):
                outbox.enqueue_emission(session, self.deployment_id, intent, now=1)
            else:
                outbox.enqueue_asset(session, self.deployment_id, intent, now=1)
        return intent.operation_id(self.deployment_id)

    def pass_time(self, seconds: int) -> None:
        """The chain's clock goes on, and a block says so."""
        self.rpc.request("evm_increaseTime", seconds)
        self.rpc.request("evm_mine")

    def open_epoch(self, good: AnchorIntent) -> None:
        """Two persons of different bodies go on from a known good root, after the delay."""
        log = self.evidence_log()
        (nonce,) = log.view("proposalNonce")
        reason, expiry = bytes(32), self.rpc.head().timestamp + 3_600
        epoch = log.view("head")[0] + 1
        kind = (
            b"EpochProposal(uint64 epoch,uint64 goodEpoch,uint64 goodSize,bytes32 goodRoot,bytes32 reasonHash,"
            b"uint64 nonce,uint64 expiry)"
        )
        fields = [keccak(kind), epoch, good.epoch, good.size, good.root, reason, nonce, expiry]
        struct = keccak(b"".join(item if isinstance(item, bytes) else item.to_bytes(32, "big") for item in fields))
        digest = keccak(b"\x19\x01" + self.domain.separator + struct)
        approvals = [to_compact(key.sign_digest(digest)) for key in self.approvers]
        words = [(approval[:32], approval[32:]) for approval in approvals]
        self.send(self.stranger, log.address, log.data("proposeEpoch", good.epoch, good.size, reason, expiry, words))
        self.rpc.request("evm_increaseTime", self.parameters.epoch_delay + 1)
        self.send(self.stranger, log.address, log.data("openEpoch"))
        with self.database.write() as session:
            session.get_one(LogState, 1).epoch = epoch

    def send(self, account: LocalAccount, to: bytes, data: bytes) -> None:
        signed = sign_transaction(
            account,
            chain_id=self.engine.chain_id,
            nonce=self.rpc.nonce(account_address(account)),
            fee=current_fee(self.rpc),
            gas=1_000_000,
            to=to,
            data=data,
        )
        self.rpc.send_raw(signed.raw)
        assert self.rpc.wait_for_receipt(signed.hash, deadline=10).succeeded

    @staticmethod
    def enterprise(name: str = "88.608.5288/A", *, kind: int = 2, parent: str | None = None) -> EnrolIntent:
        """An enrolment of an Ed25519 key; ``name`` decides the key."""
        return EnrolIntent(
            identifier=name,
            kind=kind,
            parent=parent,
            group=None,
            algorithm=1,
            purposes=2,
            public_key=hashlib.sha256(name.encode()).digest(),
            leaf_hash=hashlib.sha256(b"leaf" + name.encode()).digest(),
            log_index=1,
        )

    def reorganise(self, depth: int) -> None:
        """The newest blocks give way to empty ones.

        Anvil keeps the state of a block that it mines at that very moment (a nonce spent by a transaction that is
        nowhere on its chain): nothing may be on its way.
        """
        sender, deadline = account_address(self.relayer_account), time.monotonic() + 10
        while self.rpc.nonce(sender, "pending") != self.rpc.nonce(sender):
            assert time.monotonic() < deadline, "the node does not mine what it has"
            time.sleep(0.01)
        self.rpc.request("anvil_reorg", depth, [])

    def snapshot(self) -> str:
        return str(self.rpc.request("evm_snapshot"))

    def revert(self, name: str) -> None:
        """The chain forgets every block after the snapshot."""
        assert self.rpc.request("evm_revert", name) is True

    def forget_everything(self) -> None:
        """The chain is back at genesis."""
        self.rpc.request("anvil_reset")

    def evidence_log(self) -> EvidenceLog:
        return EvidenceLog(self.rpc, self.domain.verifying_contract)

    def projected(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every projected row of every table but the resting places of the reader."""
        with self.database.read() as session:
            return {
                table.__tablename__: [
                    tuple(row)
                    for row in session.execute(select(table.__table__).order_by(*table.__table__.primary_key))
                ]
                for table in PROJECTED
                if table is not ChainBlockRow
            }

    def relayer(self, holder: str = "one", **options: Any) -> Relayer:
        settings = RelayerSettings(**options.pop("settings", {}))
        return Relayer(
            options.pop("database", self.database),
            options.pop("rpc", self.rpc),
            self.relayer_account,
            deploy=self.deploy,
            tree_of=integrated_tree,
            finality=self.finality,
            holder=holder,
            settings=settings,
            **options,
        )

    def settle(self, relayer: Relayer, rounds: int = 12) -> list[StepReport]:
        """Rounds until nothing waits or flies any more."""
        reports = []
        for _ in range(rounds):
            reports.append(relayer.step())
            counts = self.counts()
            if not counts[outbox.State.PENDING] and not counts[outbox.State.SENT]:
                return reports
        raise AssertionError(f"not settled after {rounds} rounds: {self.counts()} {self.errors()}")

    def counts(self) -> dict[outbox.State, int]:
        with self.database.read() as session:
            return outbox.counts(session)

    def errors(self) -> list[str | None]:
        with self.database.read() as session:
            return [row.last_error for kind in outbox.Kind for row in pending(session, kind, limit=9)]

    def state(self, op_id: bytes) -> outbox.State | None:
        with self.database.read() as session:
            return outbox.state_of(session, op_id)

    def state_of(self, intent: AnchorIntent | EnrolIntent) -> outbox.State | None:
        return self.state(intent.operation_id(self.deployment_id))

    def close(self) -> None:
        self.database.close()
        self.rpc.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An Anvil of this test's own: its chain is reorganised, reverted and forgotten."""
    with Node(tmp_path / "chain") as running:
        yield running


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(engine: Engine, **options: Any) -> World:
        folder = tmp_path / f"world{len(worlds)}"
        folder.mkdir()
        # A second world on the same chain has a deployment of its own, and another engine reads no state of Anvil's.
        again = bool(worlds) or engine.name != "anvil"
        kept = None if again else deployed(options.get("cosigners", 2), World)
        worlds.append(World(engine, folder, kept=kept, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(engine: Engine, make_world: Callable[..., World]) -> World:
    return make_world(engine)
