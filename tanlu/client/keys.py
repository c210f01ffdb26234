"""What the service says of keys: whose one is, what became of it, and what a compromised one puts in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import quote

import msgspec

from attestation.context import RecoveryState
from attestation.errors import AttestationError
from attestation.keys import PublicKey
from tanlu.client.answers import decode
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken, RefusedByService

PAGE = 1_000
"""Flagged entries of one request; the service gives no more at once."""

NOT_FOUND = 404


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key and the log positions between which it signs: above ``activated_index``, below ``revoked_index``."""

    thumbprint: str
    algorithm: str
    jwk: dict[str, str]
    purposes: tuple[str, ...]
    activated_index: int
    revoked_index: int | None

    @property
    def public(self) -> PublicKey:
        """The public key itself. Raises AttestationError for a JWK that is none."""
        return PublicKey.from_jwk(self.jwk)


class OnChain(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry contract says of a recovery: the end of its own delay (unix seconds), and whether it was
    vetoed or cancelled there."""

    ready_at: int
    withdrawn: bool


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """A recovery that was proposed. ``index`` and ``statement_id`` are the proposal's, ``thumbprint`` the new key's;
    ``state`` is ``pending``, ``vetoed`` or ``completed``. Times are unix seconds: ``ready_at`` is when it may be
    completed at the earliest; ``delay`` is how long the log waits. ``on_chain`` None: the contract was not told yet."""

    index: int
    statement_id: str
    thumbprint: str
    state: RecoveryState
    proposed_at: int
    ready_at: int
    delay: int
    on_chain: OnChain | None


class KeyLog(Key, frozen=True, kw_only=True):
    """What became of a key. ``compromised_since``: its entries from this index on are flagged. ``authorised_by``:
    thumbprint of the key that brought it, None for the root key. ``recoveries``: those proposed in its place."""

    identifier: str
    compromised_since: int | None = None
    authorised_by: str | None = None
    depth: int = 1
    recoveries: tuple[Recovery, ...] = ()


class Flagged(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in doubt. ``why`` is ``direct`` (the key signed it), ``derived`` (a key that it brought did), ``citing``
    (a report that cites such readings) or ``resting`` (it rests on a policy, report, verdict or admission in doubt)."""

    index: int
    type: str
    issuer: str
    stream: str
    seq: int
    why: str


class _Flagged(msgspec.Struct, frozen=True):
    entries: tuple[Flagged, ...]
    next: int | None


class _Identifier(msgspec.Struct, frozen=True):
    keys: tuple[Key, ...]


_KeyT = TypeVar("_KeyT", bound=Key)


class Keys:
    """Reads of keys over one transport; ``Client.keys``. Each answer's JWK is checked against its thumbprint."""

    def __init__(self, transport: Transport, keep: Callable[[PromiseBroken, str], PromiseBroken]) -> None:
        self._transport = transport
        self._keep = keep

    def find(self, thumbprint: str) -> KeyLog | None:
        """The key of that RFC 7638 thumbprint (base64url) and what became of it, or None. Public."""
        text = self._get(f"/v1/keys/{quote(thumbprint, safe='')}")
        return None if text is None else self._checked(decode(text.encode(), KeyLog), text, thumbprint)

    def of(self, identifier: str) -> tuple[Key, ...]:
        """The keys that an identifier has or had, in the order of their enrolment; none for an unknown one. Public."""
        text = self._get(f"/v1/identifiers/{quote(identifier, safe='')}")
        if text is None:
            return ()
        return tuple(self._checked(key, text, key.thumbprint) for key in decode(text.encode(), _Identifier).keys)

    def flagged(self, thumbprint: str, *, page: int = PAGE) -> Iterator[Flagged]:
        """What the key's compromise puts in doubt, in log order, ``page`` entries a request; none while the key is not
        declared compromised. For those who may read the holder's entries; raises RefusedByService for others, and
        with status 404 for an unknown key."""
        after: int | None = -1
        while after is not None:
            params = {"after": after, "limit": page}
            found = decode(
                self._transport.request("GET", f"/v1/keys/{quote(thumbprint, safe='')}/flagged", params=params).content,
                _Flagged,
            )
            yield from found.entries
            after = found.next

    def _get(self, path: str) -> str | None:
        try:
            return self._transport.request("GET", path, public=True).text
        except RefusedByService as refused:
            if refused.status == NOT_FOUND:
                return None
            raise

    def _checked(self, key: _KeyT, text: str, thumbprint: str) -> _KeyT:
        try:
            found = key.public.kid_name
        except AttestationError as error:
            found = f"{error.rule}: {error.value}"
        if not found == key.thumbprint == thumbprint:
            broken = PromiseBroken(
                rule="answer.thumbprint",
                value=found if found != thumbprint else key.thumbprint,
                expected=thumbprint,
                message="The service answered with another key than the one that was asked for",
                message_zh="服务应答的密钥与所询问的不一致",
            )
            raise self._keep(broken, text)
        return key
