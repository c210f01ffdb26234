"""A whole service in one process, with somebody of every role, a log that holds something, and a witness."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from api.access.access import Access, AccessLimits
from api.app import Application, create_app
from api.deps import Limits, Service
from api.health import Findings
from attestation.bodies import Appoint
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.sign_in import build_sign_in
from attestation.statements import Body, Loss, Reading, build, prove_key
from ledger.checkpoint import Note, SignatureKind, SignatureLine, SignerKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.fsck.check import check as fsck
from ledger.fsck.faults import Fault
from ledger.log import Accepted, Log
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.sequencer import Witness as Asked
from ledger.trust import Trust
from ledger.view import LogView
from ledger.witness.core import AddCheckpoint
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile

BASE_URL = "http://test"
QUARTER = 900
PARK, ENTERPRISE, DEVICE = "88.608.1/PARK", "88.608.5288/A", "88.608.5288/A_METER_1"
HOLDERS: Mapping[str, tuple[str, Kind, Purpose, str | None]] = MappingProxyType(
    {
        "administration": (PARK, Kind.PARK, Purpose.ADMINISTRATION, None),
        "enterprise": (ENTERPRISE, Kind.ENTERPRISE, Purpose.STATEMENT, None),
        "device": (DEVICE, Kind.DEVICE, Purpose.DEVICE, ENTERPRISE),
        "verifier": ("88.608.7/V", Kind.VERIFIER, Purpose.STATEMENT, None),
        "regulator": ("88.608.9/R", Kind.REGULATOR, Purpose.STATEMENT, None),
    }
)
"""Role → identifier, kind, purposes, parent."""
ROLES = ("public", *HOLDERS)
"""Whom a request comes from."""
_UNLIMITED = 1_000_000


class _InProcess:
    """A witness that is asked without a network; what it decides and signs is its own."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note, /) -> Sequence[SignatureLine]:
        return self._witness.add_checkpoint(AddCheckpoint(old_size, tuple(proof), note).format())


class World:
    """Keys, store and service in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.now = int(time.time())
        # Readings begin far enough back that none is ever in the future.
        self.start = self.now - 100_000 * QUARTER
        self.keys = {role: PrivateKey.generate(Algorithm.ED25519) for role in HOLDERS}
        self.trust, operator, witness = self._trust()
        self.url = f"sqlite:///{folder / 'log.sqlite3'}"
        self.database = Database(self.url)
        upgrade(self.database)
        self.parameters = LogParameters(
            self.trust.log,
            self.trust.deployment_id,
            PARK,
            self.trust.registrar,
            self.trust.registry_domain,
            checkpoint_domain=self.trust.checkpoint_domain,
        )
        self.log = Log(self.database, self.parameters, self._secret, lambda: float(self.now))
        self.log.open()
        self.view = LogView(self.database, self.parameters)
        self._state = StateFile(folder / "witness.json")
        self._state.__enter__()
        keeper = Witness(
            WitnessSettings(self.trust.log, (self.trust.log_key,), witness, folder / "witness.json"),
            self._state,
            lambda: self.now,
        )
        self.sequencer = Sequencer(
            self.database, self.parameters, operator, [Asked(_InProcess(keeper))], domain=self.trust.checkpoint_domain
        )
        self.failures: list[Exception] = []
        self._seqs = {"keys": 0, "policies": 0, "electricity": 0}
        self._begin()
        self.access = Access(
            self.database,
            self.parameters,
            self._secret,
            audience=BASE_URL,
            limits=AccessLimits(requests_per_s=_UNLIMITED, anonymous_per_s=_UNLIMITED, lines_per_min=_UNLIMITED),
            clock=lambda: float(self.now),
        )
        self.app = self._application()

    def close(self) -> None:
        """Give everything back."""
        self.access.close()
        self.database.close()
        self._state.__exit__(None, None, None)

    # -- what callers send -----------------------------------------------------------------------------------------

    def headers(self, role: str) -> dict[str, str]:
        """A fresh sign-in's header; none for the public."""
        return {} if role == "public" else {"authorization": f"Bearer {self._token(role)}"}

    def sign_in(self, role: str) -> bytes:
        """A good sign-in that nobody has used."""
        made = self.access.proving.challenge()
        return build_sign_in(
            HOLDERS[role][0],
            self.keys[role],
            log=made.log,
            audience=made.audience,
            nonce=made.nonce,
            iat=self.now,
            exp=self.now + 60,
        )

    def reading(self, seq: int | None = None, stream: str = "electricity") -> bytes:
        """A good reading: the next one, or the one with that number."""
        if seq is None:
            self._seqs["electricity"] += 1
            seq = self._seqs["electricity"]
        begin = self.start + seq * QUARTER
        body = Reading(start=_instant(begin), end=_instant(begin + QUARTER), quantity=f"{seq}.5", unit="kWh")
        return self.sign("device", "reading", stream, seq, body)

    def enrolment(self) -> bytes:
        """A good ``key`` statement that introduces another meter."""
        self._seqs["keys"] += 1
        seq = self._seqs["keys"]
        body = prove_key(
            log=self.trust.log,
            identifier=f"{ENTERPRISE}_METER_{seq}",
            kind=Kind.DEVICE,
            key=PrivateKey.generate(Algorithm.ED25519),
            purposes=Purpose.DEVICE,
            iat=self.now,
            parent=ENTERPRISE,
            domain=self.trust.registry_domain,
        )
        return self.sign("administration", "key", "keys", seq, body)

    def sign(self, role: str, kind: str, stream: str, seq: int, body: Body) -> bytes:
        """A statement by that role's key."""
        iss, key = HOLDERS[role][0], self.keys[role]
        return build(kind, log=self.trust.log, iss=iss, key=key, iat=self.now, stream=stream, seq=seq, body=body)

    # -- afterwards ------------------------------------------------------------------------------------------------

    def integrate(self) -> None:
        """Everything accepted comes into a cosigned head."""
        while self.sequencer.step():
            pass

    def faults(self) -> list[Fault]:
        """What fsck finds wrong with the store."""
        found: list[Fault] = []
        fsck(self.url, self.trust, found=found.append)
        return found

    # -- parts -----------------------------------------------------------------------------------------------------

    def _trust(self) -> tuple[Trust, OperatorKeys, SignerKey]:
        deployment = bytes(range(32))
        name = f"fuzz.example/log/{deployment.hex()}"
        self._secret = PrivateKey.generate(Algorithm.ED25519)
        cosigner = PrivateKey.generate(Algorithm.ES256K)
        log = SignerKey(name, SignatureKind.ED25519, self._secret)
        witness = SignerKey("fuzz.example/w", SignatureKind.COSIGNATURE, PrivateKey.generate(Algorithm.ED25519))
        trust = Trust(
            log=name,
            log_key=log.verifier,
            witnesses=(witness.verifier,),
            witness_quorum=1,
            registrar_identifier=PARK,
            registrar=self.keys["administration"].public,
            deployment_id=deployment,
            chain_id=31337,
            evidence_log=b"\x11" * 20,
            identifier_registry=b"\x22" * 20,
            cosigners=(cosigner.public.evm_address or b"",),
            cosigner_threshold=1,
        )
        return trust, OperatorKeys(log, SignerKey(name, SignatureKind.EIP712, cosigner)), witness

    def _begin(self) -> None:
        entries = [self._enrolment(role) for role in HOLDERS]
        day = datetime.fromtimestamp(self.now, UTC).strftime("%Y")
        appointment = Appoint(
            enterprise=ENTERPRISE,
            year=int(day),
            verifier=HOLDERS["verifier"][0],
            start=f"{day}-01-01",
            end=f"{int(day) + 1}-12-31",
        )
        entries.append(self.sign("administration", "assignment", "policies", 1, appointment))
        entries += [self.reading() for _ in range(20)]
        entries += [self.reading(seq, "holes") for seq in (1, 5, 9)]
        loss = Loss(device=DEVICE, stream="holes", first_seq=3, last_seq=4, reason="cable cut")
        entries.append(self.sign("enterprise", "loss", "losses", 1, loss))
        batch = self.log.submit(entries)
        assert all(isinstance(outcome, Accepted) for outcome in batch.outcomes), batch
        self.integrate()

    def _enrolment(self, role: str) -> bytes:
        identifier, kind, purposes, parent = HOLDERS[role]
        self._seqs["keys"] += 1
        body = prove_key(
            log=self.trust.log,
            identifier=identifier,
            kind=kind,
            key=self.keys[role],
            purposes=purposes,
            iat=self.now,
            parent=parent,
            domain=self.trust.registry_domain,
        )
        return self.sign("administration", "key", "keys", self._seqs["keys"], body)

    def _token(self, role: str) -> str:
        return self.access.sessions.open(self.access.proving.prove(self.sign_in(role))).token

    def _application(self) -> Application:
        # Nobody is there: chain and witness are found away, as in a process whose neighbours are down.
        nobody = "http://127.0.0.1:1"
        findings = Findings(self.database, self.view, nobody, self.trust.chain_id, [nobody], [])
        app = create_app(
            Service(
                self.trust.log,
                self.log,
                self.view,
                self.trust.format(),
                findings,
                self.failures.append,
                self.access,
                Limits(max_lines=50, max_bytes=1024 * 1024, chunk_lines=7),
            )
        )
        # A stream that is about to end answers and ends; without a socket another one would be read for ever.
        app.state.hub.stop()
        return app


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
