"""A real store with something of everything in it."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attestation.accounting import Activity, CitedRange, build_report
from attestation.accounting.bundled import load_bundled
from attestation.accounting.lines import LineKind
from attestation.bodies import Activity as LabelActivity
from attestation.bodies import InstallDevice, Label, Sector
from attestation.diagnosis import parse_body
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Close, Loss, Policy, Reading, build, prove_key
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.context import LogParameters
from ledger.cosigning import Witness as AskedWitness
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.fsck.check import check
from ledger.fsck.faults import Fault
from ledger.log import Accepted, Log
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.trust import Trust
from ledger.witness.core import AddCheckpoint
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile
from tests.ledger.engines import migrated_sqlite

DEPLOYMENT = bytes(range(32))
ORIGIN = f"tanlu.test/log/{DEPLOYMENT.hex()}"
PARK, ENTERPRISE, METER = "88.608.1/PARK", "88.608.5288/A", "88.608.5288/A_METER_1"
NOW = 1_750_000_000
BASE = NOW - 90 * 86_400
STEP = 900
READINGS = 600
FACTORS = load_bundled("cets-steel", "03.01-v01-2024")


def instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Direct:
    """The real witness, asked without HTTP between."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def add_checkpoint(self, old_size: int, proof: Any, note: Any, /) -> Any:
        return self._witness.add_checkpoint(AddCheckpoint(old_size, tuple(proof), note).format())


@dataclass
class Made:
    """A store's file, its trust file, and how to find what is in it."""

    path: Path
    trust: Trust
    elsewhere: str | None = None

    @property
    def url(self) -> str:
        return self.elsewhere or f"sqlite:///{self.path}"

    def faults(self) -> list[Fault]:
        found: list[Fault] = []
        report = check(self.url, self.trust, found=found.append)
        assert report.faults == len(found)
        return found

    def sql(self, statement: str, *parameters: object) -> list[Any]:
        """Change the file as no program of ours would: without constraints, behind everybody's back."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA ignore_check_constraints=ON")
            rows = connection.execute(statement, parameters).fetchall()
        connection.close()
        return rows

    def scalar(self, statement: str, *parameters: object) -> Any:
        return self.sql(statement, *parameters)[0][0]


class Maker:
    """Signs what a small park signs, and takes it in by the real log and the real sequencer."""

    def __init__(self, folder: Path) -> None:
        names = ("registrar", "meter", "log", "notary")
        keys = {name: PrivateKey.generate(Algorithm.ED25519) for name in names}
        self.registrar, self.meter, self.log_key = keys["registrar"], keys["meter"], keys["log"]
        self.enterprise, operator, chain = (PrivateKey.generate(Algorithm.ES256K) for _ in range(3))
        self.signers = (
            SignerKey(ORIGIN, SignatureKind.ED25519, self.log_key),
            SignerKey(ORIGIN, SignatureKind.EIP712, operator),
        )
        notary = SignerKey("witness.test", SignatureKind.COSIGNATURE, keys["notary"])
        second = SignerKey("witness.test", SignatureKind.EIP712, chain)
        self.trust = Trust(
            log=ORIGIN,
            log_key=self.signers[0].verifier,
            witnesses=(notary.verifier,),
            witness_quorum=1,
            registrar_identifier=PARK,
            registrar=self.registrar.public,
            deployment_id=DEPLOYMENT,
            chain_id=31337,
            evidence_log=b"\x11" * 20,
            identifier_registry=b"\x22" * 20,
            cosigners=tuple(sorted((self.signers[1].verifier.material, second.verifier.material))),
            cosigner_threshold=2,
        )
        domain = self.trust.checkpoint_domain
        self.witness_settings = WitnessSettings(
            ORIGIN, [self.signers[0].verifier], notary, folder / "witness.json", second, domain, first_epoch=0
        )
        self.path = folder / "log.sqlite3"
        self.parameters = LogParameters(
            ORIGIN, DEPLOYMENT, PARK, self.registrar.public, self.trust.registry_domain, domain
        )
        self._seqs = itertools.count(1)

    def sign(self, kind: str, iss: str, key: PrivateKey, stream: str, seq: int, body: Body) -> bytes:
        return build(kind, log=ORIGIN, iss=iss, key=key, iat=NOW, stream=stream, seq=seq, body=body)

    def enrol(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None) -> bytes:
        body = prove_key(
            log=ORIGIN,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=NOW,
            domain=self.trust.registry_domain,
            parent=parent,
        )
        return self.sign("key", PARK, self.registrar, "keys", next(self._seqs), body)

    def reading(self, seq: int, quantity: str = "1.5", stream: str = "electricity") -> bytes:
        start = BASE + seq * STEP
        body = Reading(start=instant(start), end=instant(start + STEP), quantity=quantity, unit="MWh")
        return self.sign("reading", METER, self.meter, stream, seq, body)

    def close(self, seq: int) -> bytes:
        body = Close(start=instant(BASE), end=instant(BASE + seq * STEP), last_seq=seq - 1, count=seq - 3)
        return self.sign("close", METER, self.meter, "electricity", seq, body)

    def loss(self, first: int, last: int) -> bytes:
        body = Loss(device=METER, stream="electricity", first_seq=first, last_seq=last, reason="meter replaced")
        return self.sign("loss", ENTERPRISE, self.enterprise, "losses", 1, body)

    def policy(self) -> bytes:
        body = Policy(
            policy="factor-set",
            id=FACTORS.id,
            version=FACTORS.version,
            effective_from="2023-01-01",
            document=dict(FACTORS.document()),
        )
        return self.sign("policy", PARK, self.registrar, "policies", 1, body)

    def report(self, seq: int, last: int, supersedes: str | None) -> bytes:
        cited = CitedRange(METER, "electricity", 1, last, str(1.5 * last), "MWh")
        built = build_report(
            year=2025,
            period_from=instant(BASE),
            period_to=instant(BASE + 100 * 86_400 // 2),
            activities=[Activity(id="power", kind=LineKind.ELECTRICITY, name="ets_constant/2022", evidence=(cited,))],
            factor_set=FACTORS,
            obligation_base="direct",
            supersedes=supersedes,
        )
        return self.sign("report", ENTERPRISE, self.enterprise, "reports", seq, parse_body("report", built.body))

    def make(self, url: str | None = None, *, more: int = 0) -> Made:
        """The store, in a SQLite file or at another database's URL; ``more`` readings in a stream of their own."""
        if url is None:
            database = migrated_sqlite(self.path)
        else:
            database = Database(url)
            upgrade(database)
        log = Log(database, self.parameters, self.log_key, lambda: NOW)
        log.open()
        with StateFile(self.witness_settings.state_path) as state:
            witness = AskedWitness(Direct(Witness(self.witness_settings, state, lambda: NOW)))
            sequencer = Sequencer(
                database,
                self.parameters,
                OperatorKeys(*self.signers),
                [witness],
                domain=self.trust.checkpoint_domain,
                clock=lambda: NOW,
            )
            self._take(
                log,
                self.enrol(PARK, Kind.PARK, self.registrar, Purpose.ADMINISTRATION, None),
                self.enrol(ENTERPRISE, Kind.ENTERPRISE, self.enterprise, Purpose.STATEMENT, None),
                self.enrol(METER, Kind.DEVICE, self.meter, Purpose.DEVICE, ENTERPRISE),
                self.policy(),
            )
            sequencer.step()
            self._take(log, *(self.reading(seq) for seq in range(1, READINGS // 2) if seq != 222))
            sequencer.step()
            self._take(log, *(self.reading(seq) for seq in range(READINGS // 2, READINGS) if seq not in {444, 445}))
            first = self.report(1, 20, None)
            self._take(log, self.close(READINGS), self.loss(444, 444), first)
            refs = log.submit([first]).outcomes[0]
            assert isinstance(refs, Accepted)
            second = self.report(2, 30, refs.ref.statement_id.hex())
            (reported,) = self._take(log, second)
            (labelled,) = self._take(log, self.label(1, reported, None))
            self._take(log, self.label(2, reported, labelled), self.device())
            assert not isinstance(log.submit([self.reading(7, "9.99")]).outcomes[0], Accepted)
            for first in range(1, more + 1, 500):
                self._take(log, *(self.reading(seq, stream="more") for seq in range(first, first + 500)))
            sequencer.step()
            # The last one waits for the next head.
            self._take(log, self.reading(READINGS + 1))
        database.close()
        return Made(self.path, self.trust, url)

    def device(self) -> bytes:
        """The meter was installed, told after its report."""
        body = InstallDevice(device=METER, at=instant(NOW - 86_400), unit="kWh", opening="7", multiplier="1")
        return self.sign("device", ENTERPRISE, self.enterprise, "devices", 1, body)

    def label(self, seq: int, report: str, supersedes: str | None) -> bytes:
        """The code of a report that has nothing but electricity, on the base ``direct``: 0 t."""
        body = Label(
            enterprise=ENTERPRISE,
            year=2025,
            basis="reported",
            report=report,
            obligation_base="direct",
            tonnes=0,
            activity=LabelActivity(product="tiles", quantity="1000", unit="t"),
            sector=Sector(name="ceramics", intensity="1.2", source="park bulletin"),
            value_added="1000",
            intensity="0.0000",
            k="0.0000",
            level=1,
            value_intensity="0.0000",
            grade="low",
            supersedes=supersedes,
            reason=None if supersedes is None else "sector table corrected",
        )
        return self.sign("label", PARK, self.registrar, "labels", seq, body)

    def _take(self, log: Log, *entries: bytes) -> list[str]:
        """Statement ids of the entries, each accepted."""
        outcomes = log.submit(entries).outcomes
        for outcome in outcomes:
            assert isinstance(outcome, Accepted), outcome
        return [outcome.ref.statement_id.hex() for outcome in outcomes if isinstance(outcome, Accepted)]
