"""A park of one enterprise and one meter, with a real store and a real log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Reading, build, prove_key
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.log import Accepted, Log, Refused
from ledger.view import LogView

DEPLOYMENT = bytes(range(32))
ORIGIN = f"tanlu.test/log/{DEPLOYMENT.hex()}"
PARK, ENTERPRISE, METER = "88.608.1/PARK", "88.608.5288/A", "88.608.5288/A_METER_1"
START = 1_700_000_000
QUARTER = 900


def instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Clock:
    now: float = float(START + 10_000_000)

    def __call__(self) -> float:
        return self.now


@dataclass
class Park:
    """The registrar, an enterprise and a meter, and statements by them."""

    database: Database
    clock: Clock
    registrar: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    enterprise: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ES256K))
    meter: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    log_key: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    keys_issued: int = 0

    @property
    def parameters(self) -> LogParameters:
        return LogParameters(ORIGIN, DEPLOYMENT, PARK, self.registrar.public, registry_domain=None)

    def log(self) -> Log:
        log = Log(self.database, self.parameters, self.log_key, self.clock)
        log.open()
        return log

    def view(self) -> LogView:
        return LogView(self.database, self.parameters, self.log_key)

    def sign(self, kind: str, iss: str, key: PrivateKey, stream: str, seq: int, body: Body) -> bytes:
        iat = int(self.clock.now)
        return build(kind, log=ORIGIN, iss=iss, key=key, iat=iat, stream=stream, seq=seq, body=body)

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None) -> bytes:
        self.keys_issued += 1
        iat = int(self.clock.now)
        body = prove_key(
            log=ORIGIN, identifier=identifier, kind=kind, key=key, purposes=purposes, iat=iat, parent=parent
        )
        return self.sign("key", PARK, self.registrar, "keys", self.keys_issued, body)

    def enrolments(self) -> list[bytes]:
        return [
            self.key(PARK, Kind.PARK, self.registrar, Purpose.ADMINISTRATION),
            self.key(ENTERPRISE, Kind.ENTERPRISE, self.enterprise, Purpose.STATEMENT),
            self.key(METER, Kind.DEVICE, self.meter, Purpose.DEVICE, parent=ENTERPRISE),
        ]

    def reading(self, seq: int, quantity: str = "3.17", stream: str = "electricity", start: int | None = None) -> bytes:
        begin = START + seq * QUARTER if start is None else start
        body = Reading(start=instant(begin), end=instant(begin + QUARTER), quantity=quantity, unit="kWh")
        return self.sign("reading", METER, self.meter, stream, seq, body)


def accepted(outcome: Accepted | Refused) -> Accepted:
    assert isinstance(outcome, Accepted), outcome
    return outcome


def refused(outcome: Accepted | Refused) -> Refused:
    assert isinstance(outcome, Refused), outcome
    return outcome


@pytest.fixture
def park(database: Database) -> Park:
    return Park(database, Clock())


@pytest.fixture
def log(park: Park) -> Log:
    """A log in which the park, the enterprise and the meter are enrolled: entries 0, 1, 2."""
    log = park.log()
    for outcome in log.submit(park.enrolments()).outcomes:
        accepted(outcome)
    return log
