"""Signing in to the service with one of the caller's own keys, and again when the token ends (docs/access.md)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import msgspec

from attestation.keys import Signer
from attestation.sign_in import build_sign_in
from tanlu.client.answers import decode
from tanlu.errors import SignInRefused

CHALLENGE_PATH = "/v1/sessions/challenge"
SESSIONS_PATH = "/v1/sessions"
GOOD_SECONDS = 120
"""How long a sign-in is good for: time for a slow network, not for somebody who keeps it."""

_RENEW_SECONDS = 30
_JWS_TYPE = "application/jose"

Post = Callable[[str, bytes, str], httpx.Response]
"""Posts a body of a media type to a path and returns the 2xx answer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in: an identifier and one of its active keys. The key signs here and goes nowhere."""

    identifier: str
    key: Signer


class _Challenge(msgspec.Struct, frozen=True):
    nonce: str
    log: str
    audience: str


class _Session(msgspec.Struct, frozen=True):
    token: str
    expires_at: int


class SignedIn:
    """A token that is made when it is first needed and renewed before it ends.

    ``log``: the trust file's, which a challenge must name; None without a trust file. ``base_url``: the address that
    was asked for; a service that says it is another one is not signed in to, since that may be whom it relays to.
    """

    def __init__(self, credentials: Credentials, base_url: str, log: str | None) -> None:
        self._credentials = credentials
        self._base_url = base_url
        self._log = log
        self._session: _Session | None = None
        self._lock = threading.Lock()

    def header(self, post: Post) -> dict[str, str]:
        """The header of a request, after signing in where that is needed."""
        with self._lock:
            if self._session is None or time.time() > self._session.expires_at - _RENEW_SECONDS:
                self._session = self._sign_in(post)
            return {"Authorization": f"Bearer {self._session.token}"}

    def forget(self) -> None:
        """The service does not know the token any more."""
        with self._lock:
            self._session = None

    def _sign_in(self, post: Post) -> _Session:
        challenge = decode(post(CHALLENGE_PATH, b"", "").content, _Challenge)
        self._require("log", challenge.log, self._log or challenge.log)
        self._require("audience", challenge.audience, self._base_url)
        now = int(time.time())
        signed = build_sign_in(
            self._credentials.identifier,
            self._credentials.key,
            log=challenge.log,
            audience=challenge.audience,
            nonce=challenge.nonce,
            iat=now,
            exp=now + GOOD_SECONDS,
        )
        return decode(post(SESSIONS_PATH, signed, _JWS_TYPE).content, _Session)

    def _require(self, name: str, found: str, wanted: str) -> None:
        if found != wanted:
            raise SignInRefused(
                rule=f"sign_in.{name}",
                value=found,
                expected=wanted,
                message=f"The service asks for a sign-in to another {name}, {found}; nothing was signed",
                message_zh=f"服务要求登录到另一个目标 {found}，未作任何签名",
            )
