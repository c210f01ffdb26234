"""Who signs in a benchmark: a registrar, an enterprise and its meters, in one log."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass

from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose
from attestation.statements import Reading, build, prove_key
from attestation.typed_data import Domain

PARK, ENTERPRISE = "88.608.1/PARK", "88.608.2/A"
START = 1_600_000_000
QUARTER = 900
METERS = 20


@dataclass
class Signed:
    """A signed reading apart: what the bare check needs, and the whole."""

    entry: bytes
    message: bytes
    signature: bytes
    key: PublicKey


class Park:
    """The signers of one log: its registrar signs ``key`` statements in the stream ``bench``."""

    def __init__(
        self,
        origin: str,
        registrar: PrivateKey,
        domain: Domain | None = None,
        *,
        park: str = PARK,
        meters: int = METERS,
    ) -> None:
        self.origin = origin
        self.registrar = registrar
        self.park = park
        self.meters = meters
        self._domain = domain
        self._keys_signed = 0
        self._meters: dict[Algorithm, list[tuple[str, PrivateKey]]] = {}
        self._seq = dict.fromkeys(Algorithm, 0)

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purpose: Purpose, parent: str | None = None) -> bytes:
        """The registrar's ``key`` statement."""
        self._keys_signed += 1
        now = int(time.time())
        body = prove_key(
            log=self.origin,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purpose,
            iat=now,
            parent=parent,
            domain=self._domain,
        )
        return build(
            "key",
            log=self.origin,
            iss=PARK,
            key=self.registrar,
            iat=now,
            stream="bench",
            seq=self._keys_signed,
            body=body,
        )

    def enrolments(self, *algorithms: Algorithm) -> list[bytes]:
        """Entries for the enterprise and so many meters of each algorithm."""
        works = PrivateKey.generate(Algorithm.ED25519)
        found = [self.key(ENTERPRISE, Kind.ENTERPRISE, works, Purpose.STATEMENT)]
        for algorithm in algorithms:
            meters = self._meters.setdefault(algorithm, [])
            for number in range(self.meters):
                identifier = f"{ENTERPRISE}_{algorithm.value}_{number}"
                key = PrivateKey.generate(algorithm)
                meters.append((identifier, key))
                found.append(self.key(identifier, Kind.DEVICE, key, Purpose.DEVICE, ENTERPRISE))
        return found

    def readings(self, algorithm: Algorithm, count: int) -> list[Signed]:
        """The next readings, one quarter hour per meter and row, as a gateway would collect them."""
        meters = self._meters[algorithm]
        found = []
        for place in range(count):
            identifier, key = meters[place % self.meters]
            if place % self.meters == 0:
                self._seq[algorithm] += 1
            seq = self._seq[algorithm]
            start = START + seq * QUARTER
            body = Reading(
                start=format_instant(start),
                end=format_instant(start + QUARTER),
                quantity=f"{place % 97}.{place % 89:02d}",
                unit="kWh",
            )
            entry = build(
                "reading", log=self.origin, iss=identifier, key=key, iat=START, stream="energy", seq=seq, body=body
            )
            message, _, signature = entry.rpartition(b".")
            raw = _b64(signature)
            found.append(Signed(entry, message, raw, key.public))
        return found


def _b64(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
