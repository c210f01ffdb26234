"""P9: memory of a process while the log grows, each part in a process of its own, read at every tenth of its way.

``python -m bench.memory [--readings 200000] [--events 1000]``:

* ingest: readings in chunks of 1,000, each integrated and cosigned by a witness at once;
* fsck: ``tanlu fsck``'s check of that very store;
* projection: so many enrolments on an Anvil, read into empty tables.

JSON goes to ``build/bench/memory.json``. What the whole service needs over a day, each process by itself: see
``bench.park_day``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from eth_account import Account

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from bench.signers import PARK, Park
from ganache import Node, development_keys
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.finality import Confirmations
from ledger.chain.intents import EnrolIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.context import LogParameters
from ledger.cosigning import Witness as AskedWitness
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.fsck.check import check
from ledger.fsck.faults import Fault
from ledger.heap import settle_heap
from ledger.log import Accepted, Log
from ledger.projection import Projection
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.trust import Trust, parse
from ledger.witness.core import AddCheckpoint
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile

GOAL = 1.1
CHUNK = 1_000
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "memory.json"


def resident_mib() -> float:
    """This process's resident memory."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


class Direct:
    """The real witness, asked without HTTP between."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def add_checkpoint(self, old_size: int, proof: Any, note: Any, /) -> Any:
        """See ``ledger.cosigning.AddsCheckpoints``."""
        return self._witness.add_checkpoint(AddCheckpoint(old_size, tuple(proof), note).format())


def grow(path: Path, readings: int) -> list[float]:
    """Take in and integrate; resident memory at every tenth. The store's trust file is written beside it."""
    deployment = os.urandom(32)
    registrar, log_key, notary = (PrivateKey.generate(Algorithm.ED25519) for _ in range(3))
    operator_key, witness_key = (PrivateKey.generate(Algorithm.ES256K) for _ in range(2))
    origin = f"bench.example/log/{deployment.hex()}"
    signers = (SignerKey(origin, SignatureKind.ED25519, log_key), SignerKey(origin, SignatureKind.EIP712, operator_key))
    witnesses = (
        SignerKey("witness.example", SignatureKind.COSIGNATURE, notary),
        SignerKey("witness.example", SignatureKind.EIP712, witness_key),
    )
    trust = Trust(
        log=origin,
        log_key=signers[0].verifier,
        witnesses=(witnesses[0].verifier,),
        witness_quorum=1,
        registrar_identifier=PARK,
        registrar=registrar.public,
        deployment_id=deployment,
        chain_id=31337,
        evidence_log=b"\x11" * 20,
        identifier_registry=b"\x22" * 20,
        cosigners=tuple(sorted((signers[1].verifier.material, witnesses[1].verifier.material))),
        cosigner_threshold=2,
    )
    path.with_name("trust.json").write_bytes(trust.format())
    domain = trust.checkpoint_domain
    settings = WitnessSettings(
        origin, [signers[0].verifier], witnesses[0], path.with_name("witness.json"), witnesses[1], domain, first_epoch=0
    )
    park = Park(origin, registrar, trust.registry_domain)
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    parameters = LogParameters(origin, deployment, PARK, registrar.public, trust.registry_domain, domain)
    log = Log(database, parameters, log_key)
    log.open()
    settle_heap()  # as the service does before it serves
    log.submit([park.key(PARK, Kind.PARK, registrar, Purpose.ADMINISTRATION), *park.enrolments(Algorithm.ED25519)])
    found = []
    with StateFile(settings.state_path) as state:
        asked = AskedWitness(Direct(Witness(settings, state, lambda: int(time.time()))))
        sequencer = Sequencer(database, parameters, OperatorKeys(*signers), [asked], domain=domain)
        for done in range(CHUNK, readings + 1, CHUNK):
            entries = [one.entry for one in park.readings(Algorithm.ED25519, CHUNK)]
            if not all(isinstance(outcome, Accepted) for outcome in log.submit(entries).outcomes):
                raise RuntimeError("not taken in")
            while sequencer.step():
                pass
            if done % (readings // 10) == 0:
                found.append(round(resident_mib(), 1))
    database.close()
    return found


def check_store(path: Path) -> list[float]:
    """``tanlu fsck`` of the store; resident memory at every tenth."""
    found: list[float] = []

    def progress(done: int, entries: int) -> None:
        if len(found) < 10 and done * 10 >= entries * (len(found) + 1):
            found.append(round(resident_mib(), 1))

    def fault(one: Fault) -> None:
        raise RuntimeError(f"the store has a fault: {one}")

    check(f"sqlite:///{path}", parse(path.with_name("trust.json").read_bytes()), found=fault, progress=progress)
    return found


def follow(folder: Path, events: int) -> list[float]:
    """Enrolments on a chain, read into empty tables; resident memory at every tenth of the transactions that wrote."""
    with Node(folder / "chain") as engine, contextlib.closing(Rpc(engine.rpc_url)) as rpc:
        keys = development_keys(engine.rpc_url, engine.chain_id)
        deployer, registrar = Account.from_key(keys[0]), Account.from_key(keys[1])
        cosigners = sorted(account_address(Account.from_key(key)) for key in keys[2:4])
        plan = DeploymentParameters(
            chain_id=engine.chain_id,
            deployment_id=os.urandom(32),
            cosigners=tuple(cosigners),
            threshold=2,
            epoch_delay=60,
            recovery_delay=60,
            approvers=(),
            registrar=account_address(registrar),
            governor=account_address(Account.from_key(keys[4])),
        )
        deployment = ensure_deployed(rpc, plan, deployer, folder / "book.json")
        registry = IdentifierRegistry(rpc, deployment.addresses[IDENTIFIER_REGISTRY])
        # Full blocks make the next ones dearer.
        fee, nonce, sent = 100 * current_fee(rpc), rpc.nonce(plan.registrar), b""
        for number in range(events):
            intent = EnrolIntent(f"88.608.2/E{number}", 2, None, None, 1, 2, os.urandom(32), os.urandom(32), number + 1)
            data = registry.tell(intent.operation_id(plan.deployment_id), intent)
            signed = sign(
                registrar,
                chain_id=engine.chain_id,
                nonce=nonce + number,
                fee=fee,
                gas=400_000,
                to=registry.address,
                data=data,
            )
            rpc.send_raw(signed.raw)
            sent = signed.hash
        if not rpc.wait_for_receipt(sent, deadline=240).succeeded:
            raise RuntimeError("an enrolment was refused")
        database = Database(f"sqlite:///{folder / 'projection.sqlite3'}")
        upgrade(database)
        seen: list[float] = []
        projection = Projection(
            database,
            rpc,
            deployment,
            Confirmations(0),
            guard=lambda _session: seen.append(round(resident_mib(), 1)),
            range_blocks=max(1, events // 50),
        )
        if projection.sync().events < 2 * events:
            raise RuntimeError("events are missing")
        database.close()
    tenth = len(seen) // 10
    return [seen[place * tenth - 1] for place in range(1, 10)] + [seen[-1]]


def in_process(*arguments: str) -> Any:
    """This file's other half in a fresh process; its JSON answer."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--part", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part is not None:
        name, path = arguments.part[0], Path(arguments.part[1])
        parts = {
            "ingest": lambda: grow(path, arguments.readings),
            "fsck": lambda: check_store(path),
            "projection": lambda: follow(path, arguments.events),
        }
        print(json.dumps(parts[name]()))
        return 0
    results: dict[str, Any] = {"readings": arguments.readings, "events": arguments.events, "goal": GOAL}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "log.sqlite3"
        for name, path in (("ingest", store), ("fsck", store), ("projection", Path(folder))):
            numbers = ("--readings", str(arguments.readings), "--events", str(arguments.events))
            tenths = in_process("--part", name, str(path), *numbers)
            results[name] = {"mib_by_tenths": tenths, "end_against_first_tenth": round(tenths[-1] / tenths[0], 3)}
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
