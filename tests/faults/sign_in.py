"""Signing in for clients that are not the SDK: a token for every request, another one when it is not known any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import httpx

from attestation.keys import PrivateKey
from attestation.sign_in import build_sign_in
from tests.faults.installation import Installation

_SECONDS = 120


class SignedIn(httpx.Auth):
    """One identifier's sign-in to the service at ``base``, shared by threads and clients."""

    requires_response_body = True

    def __init__(self, base: str, identifier: str, key: PrivateKey) -> None:
        self.base = base
        self._identifier = identifier
        self._key = key
        self._token: str | None = None
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with a token; once again with a new one if the service does not know it."""
        for _ in range(2):
            if self._token is None:
                yield from self._sign_in()
            request.headers["Authorization"] = f"Bearer {self._token}"
            answer = yield request
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                return
            self._token = None

    def _sign_in(self) -> Generator[httpx.Request, httpx.Response, None]:
        challenge = yield httpx.Request("POST", f"{self.base}/v1/sessions/challenge")
        made = _good(challenge, 200)
        now = int(time.time())
        signed = build_sign_in(
            self._identifier,
            self._key,
            log=made["log"],
            audience=made["audience"],
            nonce=made["nonce"],
            iat=now,
            exp=now + _SECONDS,
        )
        headers = {"Content-Type": "application/jose"}
        opened = yield httpx.Request("POST", f"{self.base}/v1/sessions", content=signed, headers=headers)
        token = _good(opened, 201)["token"]
        with self._lock:
            self._token = token


def as_registrar(installation: Installation) -> SignedIn:
    """The park's administration, which may read everything."""
    return SignedIn(installation.url, installation.trust["registrar"]["identifier"], installation.registrar())


def _good(answer: httpx.Response, status: int) -> dict[str, str]:
    if answer.status_code != status:
        # For the caller this is a service that does not answer now: it tries again.
        raise httpx.RemoteProtocolError(f"signing in: {answer.status_code} {answer.text[:200]}")
    return dict(answer.json())
