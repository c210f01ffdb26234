"""A park with its trust file, and a real service on loopback over a real SQLite file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import uvicorn

from api.access.access import Access
from api.app import create_app
from api.deps import Limits, Service
from attestation.keyfiles import encrypt
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Reading, build, prove_key
from ledger import checkpoint
from ledger.chain.intents import EnrolIntent  # noqa: F401 - the outbox's tables are part of the schema
from ledger.checkpoint import Checkpoint, SignatureKind, SignerKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.log import Log
from ledger.merkle import MemoryTileStore, Tree, leaf_hash
from ledger.receipts import Anchor, Inclusion, KeyEvidence, KeyStatus, build_receipt, sign_status
from ledger.trust import Trust
from ledger.view import LogView
from tanlu.client import Client, Credentials
from tanlu.keyring import write_key
from tests.ledger.engines import migrated_sqlite

DEPLOYMENT = bytes(range(32))
ORIGIN = f"tanlu.test/log/{DEPLOYMENT.hex()}"
PARK, ENTERPRISE, METER = "88.608.1/PARK", "88.608.5288/A", "88.608.5288/A_METER_1"
PASSWORD = "a password for tests"
START_SECONDS = 10.0


@dataclass
class World:
    """Keys of everybody, and the trust file that names them."""

    registrar: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    enterprise: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ES256K))
    meter: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    log_key: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    witness: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    cosigner: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ES256K))
    keys_issued: int = 0
    recovery_delay: int = 604_800

    @property
    def log_signer(self) -> SignerKey:
        return SignerKey(ORIGIN, SignatureKind.ED25519, self.log_key)

    @property
    def witness_signer(self) -> SignerKey:
        return SignerKey("witness.test", SignatureKind.COSIGNATURE, self.witness)

    @property
    def cosigner_signer(self) -> SignerKey:
        return SignerKey(ORIGIN, SignatureKind.EIP712, self.cosigner)

    @property
    def trust(self) -> Trust:
        address = self.cosigner.public.evm_address
        assert address is not None
        return Trust(
            log=ORIGIN,
            log_key=self.log_signer.verifier,
            witnesses=(self.witness_signer.verifier,),
            witness_quorum=1,
            registrar_identifier=PARK,
            registrar=self.registrar.public,
            deployment_id=DEPLOYMENT,
            chain_id=31337,
            evidence_log=b"\x11" * 20,
            identifier_registry=b"\x22" * 20,
            cosigners=(address,),
            cosigner_threshold=1,
        )

    def sign(self, kind: str, iss: str, key: PrivateKey, stream: str, seq: int, body: Body) -> bytes:
        return build(kind, log=ORIGIN, iss=iss, key=key, iat=int(time.time()), stream=stream, seq=seq, body=body)

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None) -> bytes:
        self.keys_issued += 1
        body = prove_key(
            log=ORIGIN,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=int(time.time()),
            parent=parent,
            domain=self.trust.registry_domain,
        )
        return self.sign("key", PARK, self.registrar, "keys", self.keys_issued, body)

    @property
    def administration(self) -> Credentials:
        """Signs in as the registrar."""
        return Credentials(PARK, self.registrar)

    def root(self) -> bytes:
        return self.key(PARK, Kind.PARK, self.registrar, Purpose.ADMINISTRATION)

    def enrolments(self) -> list[bytes]:
        return [
            self.root(),
            self.key(ENTERPRISE, Kind.ENTERPRISE, self.enterprise, Purpose.STATEMENT),
            self.key(METER, Kind.DEVICE, self.meter, Purpose.DEVICE, parent=ENTERPRISE),
        ]

    def reading(self, seq: int, quantity: str = "3.17", *, stream: str = "electricity") -> bytes:
        day, hour = divmod(seq, 24)
        start = f"2020-01-{day + 1:02d}T{hour:02d}:00:00Z"
        body = Reading(start=start, end=start.replace(":00:00Z", ":30:00Z"), quantity=quantity, unit="kWh")
        return self.sign("reading", METER, self.meter, stream, seq, body)

    def parameters(self) -> LogParameters:
        trust = self.trust
        return LogParameters(
            ORIGIN,
            DEPLOYMENT,
            PARK,
            self.registrar.public,
            trust.registry_domain,
            recovery_delay=self.recovery_delay,
        )


def receipt_of(world: World, index: int) -> bytes:
    """The receipt of a meter's reading (index 3 to 8) in a log of 9 entries, by all the right keys."""
    entries = [*world.enrolments(), *(world.reading(seq) for seq in range(1, 7))]
    tree = Tree(MemoryTileStore(), 0)
    tree.append_leaves([leaf_hash(entry) for entry in entries])
    size, trust = len(entries), world.trust
    signers = [world.log_signer, world.witness_signer, world.cosigner_signer]
    head = Checkpoint(origin=ORIGIN, size=size, root=tree.root(), epoch=1)
    note = checkpoint.sign(head, signers, time=1_700_000_000, domain=trust.checkpoint_domain)

    def inclusion(of: int) -> Inclusion:
        return Inclusion(size, tuple(tree.inclusion_proof(of, size)))

    anchor = Anchor(
        chain_id=trust.chain_id,
        contract=trust.evidence_log,
        deployment_id=trust.deployment_id,
        epoch=1,
        size=size,
        root=tree.root(),
        tx=b"\x01" * 32,
        block_number=5,
        block_hash=b"\x02" * 32,
        state="anchored",
    )
    return build_receipt(
        log=ORIGIN,
        entry=entries[index],
        index=index,
        inclusion=inclusion(index),
        keys=[KeyEvidence(entries[2], 2, inclusion(2))],
        status=sign_status(
            ORIGIN,
            size,
            [KeyStatus(kid=world.meter.public.kid_name, revoked=None, invalid_since=None, by=None)],
            world.log_key,
        ),
        notices=[],
        checkpoint=note.format(),
        anchor=anchor,
    ).format()


class Server:
    """uvicorn in a thread; the port is the system's choice."""

    def __init__(self, service: Service, port: int = 0) -> None:
        config = uvicorn.Config(create_app(service), host="127.0.0.1", port=port, log_config=None, lifespan="off")
        self._service = service
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> str:
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.01)
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        url = f"http://{host}:{port}"
        self._service.access.proving.serve_at(url)
        return url

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        assert not self._thread.is_alive(), "the service did not stop"


def make_service(world: World, database: Database) -> Service:
    log = Log(database, world.parameters(), world.log_key)
    log.open()

    def fail(error: Exception) -> None:
        raise AssertionError("the service found its own records in contradiction") from error

    return Service(
        origin=ORIGIN,
        log=log,
        view=LogView(database, world.parameters(), world.log_key),
        trust=world.trust.format(),
        findings=dict,
        fail=fail,
        access=Access(database, world.parameters(), world.log_key, audience=""),
        limits=Limits(chunk_lines=100),
    )


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key files whose passwords are cheap to guess: what scrypt costs is tested elsewhere (tests/attestation)."""
    monkeypatch.setattr("tanlu.keyring.encrypt", partial(encrypt, fast=True))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def trust_file(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(world.trust.format())
    return path


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = migrated_sqlite(tmp_path / "log.sqlite3")
    yield made
    made.close()


@pytest.fixture
def url(world: World, database: Database) -> Iterator[str]:
    """A running service whose log is empty."""
    server = Server(make_service(world, database))
    yield server.start()
    server.stop()


@pytest.fixture
def client(world: World, url: str, tmp_path: Path) -> Iterator[Client]:
    """A client of the service, after the park, an enterprise and its meter were enrolled."""
    who = world.administration
    with Client(url, trust=world.trust, patience=10, evidence=tmp_path / "evidence", credentials=who) as made:
        for entry in world.enrolments():
            made.enrol(entry)
        yield made


KeyFile = Callable[[PrivateKey, str, Purpose], Path]


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    """Writes a key to a file, with the tests' password."""

    def write(key: PrivateKey, identifier: str, purposes: Purpose) -> Path:
        path = tmp_path / f"{identifier.rpartition('/')[2]}.key"
        write_key(path, key, PASSWORD, identifier=identifier, purposes=purposes)
        return path

    return write
