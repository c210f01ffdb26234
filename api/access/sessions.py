"""Sessions: a sign-in that was proved (:mod:`api.access.proving`) becomes a short-lived token.

Tokens are 32 random bytes; the store keeps their SHA-256 only. A session lives as long as its key: it is looked up with
the key's state each time, or at most ``KEPT_SECONDS`` later.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session as StoreSession

from api.access.callers import ROLE_BY_KIND, Caller, Role
from api.access.proving import Proved
from api.access.refusals import not_signed_in, sign_in_refused, stale_nonce, unknown_key
from attestation.encoding import b64url_encode
from attestation.keys import Kind
from ledger.context import LogParameters
from ledger.db.access import AccessRepository
from ledger.db.access_models import SessionRow
from ledger.db.base import Database
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import IdentifierRow

KEPT_SECONDS = 2.0
"""How long a process may go on believing a session after its key was revoked or the session ended elsewhere."""

_TOKEN_BYTES = 32
_TOKEN_CHARACTERS = 43
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: the token, shown once, and until when it is good."""

    token: str
    caller: Caller
    expires_at: int


class Sessions:
    """Opens, finds and ends sessions.

    Parameters
    ----------
    database, parameters
        The log whose keys sign in.
    seconds
        How long a token is good for.
    clock, ticks
        Unix seconds; monotonic seconds.
    """

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        *,
        seconds: int,
        clock: Callable[[], float],
        ticks: Callable[[], float],
    ) -> None:
        self._database = database
        self._parameters = parameters
        self._seconds = seconds
        self._clock = clock
        self._ticks = ticks
        self._kept: dict[bytes, tuple[Caller, int, float]] = {}
        self._endings = 0

    def open(self, proved: Proved) -> Opened:
        """The session of a checked sign-in.

        Raises Refused (401): ``sign_in.replayed``: of two with one nonce, one wins; ``sign_in.nonce``, ``sign_in.key``:
        nonce or key ended since the check.
        """
        now, key = int(self._clock()), proved.key
        # A spent nonce is forgotten some time after its end: nobody who waited that long may spend it again.
        if proved.nonce_expires_at <= now:
            raise stale_nonce(proved.nonce)
        token = b64url_encode(secrets.token_bytes(_TOKEN_BYTES))
        expires_at = now + self._seconds
        with self._database.write() as session:
            access = AccessRepository(session)
            access.forget_expired(now)
            if not access.spend(proved.nonce, proved.nonce_expires_at):
                raise sign_in_refused(
                    "replayed",
                    proved.nonce,
                    "a nonce that nobody signed in with",
                    "Somebody signed in with this nonce before.",
                    "该随机数已被使用过。",
                )
            # Between the check and here the key may have been revoked: the write lock orders the two.
            row = IdentityRepository(session).key(key.kid_name)
            if row is not None and row.revoked_index is not None:
                raise unknown_key(key.kid_name)
            caller = self._caller_of(session, proved.holder, key.kid_name)
            access.open(
                SessionRow(
                    token_hash=self._digest(token),
                    identifier=caller.identifier,
                    thumbprint=caller.thumbprint,
                    role=caller.role.value,
                    body=caller.body,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return Opened(token, caller, expires_at)

    def caller(self, token: str) -> Caller:
        """Who holds a token. Raises Refused (401, ``access.token_unknown``, ``access.token_expired``)."""
        return self.kept(token) or self._living(self._find(self._digest(token)), token)

    def kept(self, token: str) -> Caller | None:
        """Who holds a token that was looked up just before, without asking the store; None: it has to be asked."""
        found = self._kept.get(self._digest(token))
        return None if found is None or self._ticks() >= found[2] else self._living(found, token)

    def ends_at(self, token: str) -> int:
        """Until when a token is good, in Unix seconds. Raises Refused (401) as :meth:`caller` does."""
        digest = self._digest(token)
        return (self._kept.get(digest) or self._find(digest))[1]

    def _living(self, found: tuple[Caller, int, float], token: str) -> Caller:
        caller, expires_at, _ = found
        if int(self._clock()) >= expires_at:
            self._kept.pop(self._digest(token), None)
            raise not_signed_in(
                "access.token_expired", "an expired token", "a new sign-in", "The token has expired.", "令牌已过期。"
            )
        return caller

    def end(self, token: str) -> None:
        """End a session, at once here and within ``KEPT_SECONDS`` in other processes."""
        digest = self._digest(token)
        with self._database.write() as session:
            AccessRepository(session).end(digest)
        # In this order: whoever looked the session up before it ended must not keep it after.
        self._endings += 1
        self._kept.pop(digest, None)

    def _caller_of(self, session: StoreSession, holder: IdentifierRow | None, thumbprint: str) -> Caller:
        if holder is None:
            park = self._parameters.registrar_identifier
            return Caller(park, thumbprint, Role.ADMINISTRATION, park)
        body = holder
        if Kind(holder.kind) is Kind.PERSON:
            parent = None if holder.parent is None else IdentityRepository(session).identifier(holder.parent)
            if parent is None:
                raise unknown_key(holder.identifier)
            body = parent
        return Caller(holder.identifier, thumbprint, ROLE_BY_KIND[Kind(body.kind)], body.identifier)

    def _find(self, digest: bytes) -> tuple[Caller, int, float]:
        endings = self._endings
        with self._database.read() as session:
            row = AccessRepository(session).session(digest)
            key = None if row is None else IdentityRepository(session).key(row.thumbprint)
        root = self._parameters.registrar.kid_name
        alive = row is not None and (row.thumbprint == root if key is None else key.revoked_index is None)
        if row is None or not alive:
            self._kept.pop(digest, None)
            raise not_signed_in(
                "access.token_unknown",
                "a token of no session",
                "a token of /v1/sessions",
                "The token is unknown, ended, or its key was revoked.",
                "令牌无效、已注销，或其密钥已被吊销。",
            )
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        caller = Caller(row.identifier, row.thumbprint, Role(row.role), row.body)
        found = (caller, row.expires_at, self._ticks() + KEPT_SECONDS)
        self._kept[digest] = found
        if self._endings != endings:
            # Perhaps it was this one; the next request asks the store.
            self._kept.pop(digest, None)
        return found

    def _digest(self, token: str) -> bytes:
        if len(token) != _TOKEN_CHARACTERS or not token.isascii():
            raise not_signed_in(
                "access.token_unknown",
                f"{len(token)} characters",
                f"{_TOKEN_CHARACTERS} characters of base64url",
                "This is no token of this service.",
                "这不是本服务的令牌。",
            )
        return hashlib.sha256(token.encode("ascii")).digest()
