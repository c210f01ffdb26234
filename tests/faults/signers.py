"""Keys of a park, an enterprise and its meters, and what they sign, for tests that go through real processes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Reading, build, prove_key
from tests.faults.installation import Installation

PARK, ENTERPRISE = "88.608.1/PARK", "88.608.5288/A"
QUARTER = 900
# Quarter hours from here on lie in the past for longer than any test runs.
FIRST_QUARTER = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())


def instant(seconds: int) -> str:
    """Unix seconds as RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Signer:
    """An identifier with its key, in one log."""

    log: str
    identifier: str
    key: PrivateKey

    def sign(self, kind: str, stream: str, seq: int, body: Body, iat: int | None = None) -> bytes:
        """A signed statement, its `iat` now."""
        iat = int(time.time()) if iat is None else iat
        return build(kind, log=self.log, iss=self.identifier, key=self.key, iat=iat, stream=stream, seq=seq, body=body)

    def reading(self, seq: int, quantity: str, *, stream: str = "electricity", unit: str = "kWh") -> bytes:
        """The reading of quarter hour number `seq`."""
        start = FIRST_QUARTER + seq * QUARTER
        body = Reading(start=instant(start), end=instant(start + QUARTER), quantity=quantity, unit=unit)
        return self.sign("reading", stream, seq, body)


@dataclass
class Registrar:
    """The park's administration: signs the `key` statements of one installation."""

    installation: Installation
    # In its first stream seq 1 is its own key, made by `tanlu init`.
    stream: str = "keys"
    last_seq: int = 1
    log: str = field(init=False)
    _signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.installation.trust["log"]
        self._signer = Signer(self.log, PARK, self.installation.registrar())

    def enrol(
        self, identifier: str, kind: Kind, purposes: Purpose, algorithm: Algorithm, *, parent: str | None = None
    ) -> tuple[Signer, bytes]:
        """A new key for an identifier, and the statement that enrols it."""
        key = PrivateKey.generate(algorithm)
        body = prove_key(
            log=self.log,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=int(time.time()),
            domain=self.installation.registry,
            parent=parent,
        )
        self.last_seq += 1
        return Signer(self.log, identifier, key), self._signer.sign("key", self.stream, self.last_seq, body)

    def enterprise(self) -> tuple[Signer, bytes]:
        """The enterprise, with a secp256k1 key for statements."""
        return self.enrol(ENTERPRISE, Kind.ENTERPRISE, Purpose.STATEMENT, Algorithm.ES256K)

    def meter(self, number: int) -> tuple[Signer, bytes]:
        """A meter of the enterprise; odd ones sign with secp256k1, so that they go to the registry contract too."""
        algorithm = Algorithm.ES256K if number % 2 else Algorithm.ED25519
        return self.enrol(f"{ENTERPRISE}_METER_{number}", Kind.DEVICE, Purpose.DEVICE, algorithm, parent=ENTERPRISE)
