"""A real log on SQLite with a registrar, an enterprise and a meter, behind the real application without a socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.access.access import Access, AccessLimits
from api.app import create_app
from api.deps import Limits, Service
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.sign_in import build_sign_in
from attestation.statements import Body, Reading, build, prove_key
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.log import Accepted, Log
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.view import LogView
from tests.ledger.engines import migrated_sqlite

QUARTER_SECONDS = 900
BASE_URL = "http://test"


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Park:
    """Who signs, and the log they sign for."""

    database: Database
    now: int = 1_710_000_000
    start: int = 1_700_000_000
    registrar_id: str = "88.608.1/PARK"
    enterprise_id: str = "88.608.5288/A"
    meter_id: str = "88.608.5288/A_METER_1"
    stream: str = "electricity"
    registrar: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    enterprise: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    meter: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    log_key: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    failures: list[Exception] = field(default_factory=list)
    keys_signed: int = 0

    def __post_init__(self) -> None:
        deployment = bytes(range(32))
        self.origin = f"tanlu.test/log/{deployment.hex()}"
        self.parameters = LogParameters(self.origin, deployment, self.registrar_id, self.registrar.public, None)
        self.log = Log(self.database, self.parameters, self.log_key, lambda: float(self.now))
        self.log.open()
        self.view = LogView(self.database, self.parameters, self.log_key)
        # Without witnesses a signed head counts as cosigned: the tree's routes need no second process here.
        operator = OperatorKeys(SignerKey(self.origin, SignatureKind.ED25519, self.log_key), None)
        self.sequencer = Sequencer(self.database, self.parameters, operator, (), domain=None)

    def service(self, limits: Limits | None = None, access: AccessLimits | None = None) -> Service:
        findings = {
            "status": "ok", "database": {"ok": True}, "chain": {"ok": True}, "witnesses": [], "lag": {}, "roles": {},
        }  # fmt: skip
        self.access = Access(
            self.database,
            self.parameters,
            self.log_key,
            audience=BASE_URL,
            limits=access or AccessLimits(),
            clock=lambda: float(self.now),
        )
        return Service(
            self.origin,
            self.log,
            self.view,
            b"{}",
            lambda: findings,
            self.failures.append,
            self.access,
            limits or Limits(),
        )

    def sign_in(self, identifier: str | None = None, key: PrivateKey | None = None) -> str:
        """A token of the service made last; by default the registrar's, who may read everything."""
        proving, who = self.access.proving, identifier or self.registrar_id
        made = proving.challenge()
        signed = build_sign_in(
            who,
            key or self.registrar,
            log=made.log,
            audience=made.audience,
            nonce=made.nonce,
            iat=self.now,
            exp=self.now + 60,
        )
        return self.access.sessions.open(proving.prove(signed)).token

    def bearer(self, identifier: str | None = None, key: PrivateKey | None = None) -> dict[str, str]:
        """The header of a signed-in request."""
        return {"authorization": f"Bearer {self.sign_in(identifier, key)}"}

    def sign(self, kind: str, iss: str, key: PrivateKey, stream: str, seq: int, body: Body) -> bytes:
        return build(kind, log=self.origin, iss=iss, key=key, iat=self.now, stream=stream, seq=seq, body=body)

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None) -> bytes:
        self.keys_signed += 1
        body = prove_key(
            log=self.origin, identifier=identifier, kind=kind, key=key, purposes=purposes, iat=self.now, parent=parent
        )
        return self.sign("key", self.registrar_id, self.registrar, "keys", self.keys_signed, body)

    def reading(self, seq: int, quantity: str = "3.17", *, key: PrivateKey | None = None) -> bytes:
        begin = self.start + seq * QUARTER_SECONDS
        body = Reading(start=_instant(begin), end=_instant(begin + QUARTER_SECONDS), quantity=quantity, unit="kWh")
        return self.sign("reading", self.meter_id, key or self.meter, self.stream, seq, body)

    def enrol_all(self) -> None:
        """Entries 0, 1, 2."""
        batch = self.log.submit(
            [
                self.key(self.registrar_id, Kind.PARK, self.registrar, Purpose.ADMINISTRATION),
                self.key(self.enterprise_id, Kind.ENTERPRISE, self.enterprise, Purpose.STATEMENT),
                self.key(self.meter_id, Kind.DEVICE, self.meter, Purpose.DEVICE, parent=self.enterprise_id),
            ]
        )
        assert all(isinstance(outcome, Accepted) for outcome in batch.outcomes), batch


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = migrated_sqlite(tmp_path / "log.sqlite3")
    yield database
    database.close()


@pytest.fixture
def empty_park(database: Database) -> Park:
    return Park(database)


@pytest.fixture
def park(empty_park: Park) -> Park:
    empty_park.enrol_all()
    return empty_park


@pytest.fixture
def connect(empty_park: Park) -> Callable[[FastAPI], httpx.AsyncClient]:
    """A client of an application over the park's service, signed in as the registrar."""

    def make(app: FastAPI) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=empty_park.bearer())

    return make


@pytest.fixture
async def http(park: Park, connect: Callable[[FastAPI], httpx.AsyncClient]) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(create_app(park.service())) as client:
        yield client


@pytest.fixture
def problem() -> Callable[[httpx.Response, int, str], dict[str, Any]]:
    """Asserts that an answer is a whole RFC 9457 problem document of that status and rule."""

    def check(response: httpx.Response, status: int, rule: str) -> dict[str, Any]:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        body: dict[str, Any] = json.loads(response.content)
        assert body["rule"] == rule, body
        assert body["type"] == f"urn:tanlu:problem:{rule}"
        assert body["status"] == status
        assert body["instance"] == response.request.url.path
        assert all(body[name] for name in ("title", "detail", "message_zh"))
        assert "Traceback" not in response.text
        return body

    return check
