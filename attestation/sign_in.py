"""Signing in with a key of the log: a JWS with a ``typ`` of its own, an audience and an expiry.

It is no statement: no type of statement has this ``typ``, it has no place in a stream, and a log refuses it. The nonce
comes from the service that is signed in to and is spent there.
"""

from __future__ import annotations

from msgspec import Struct

from attestation.encoding import compact_json, strict_object
from attestation.envelope import typ_of
from attestation.jws import Jws, parse_compact, sign_compact
from attestation.keys import Signer
from attestation.refusals import refuse

SIGN_IN_TYP = typ_of("sign-in")
LONGEST_SECONDS = 600
"""How long a sign-in may be good for, from ``iat`` to ``exp``."""

_VERSION = 1
_TEXTS = ("log", "aud", "nonce")
_TIMES = ("iat", "exp")


class SignIn(Struct, frozen=True):
    """A parsed sign-in; nothing in it is verified yet. Times are unix seconds."""

    jws: Jws
    log: str
    aud: str
    nonce: str
    iat: int
    exp: int

    @property
    def identifier(self) -> str:
        """Who signs in."""
        return self.jws.header.kid_identifier


def build_sign_in(identifier: str, key: Signer, *, log: str, audience: str, nonce: str, iat: int, exp: int) -> bytes:
    """The compact JWS by which ``identifier`` signs in to the service at ``audience`` (its public URL)."""
    payload = {"v": _VERSION, "type": "sign-in", "log": log, "aud": audience, "iat": iat, "exp": exp, "nonce": nonce}
    return sign_compact(identifier, SIGN_IN_TYP, compact_json(payload), key)


def read_sign_in(data: bytes) -> SignIn:
    """A sign-in of its bytes.

    Raises StatementMalformed (step 1, or ``sign_in.form``) for anything else, a statement of the log included.
    """
    jws = parse_compact(data)
    if jws.header.typ != SIGN_IN_TYP:
        raise refuse("sign_in.form", jws.header.typ, SIGN_IN_TYP)
    payload = strict_object(jws.payload)
    if set(payload) != {"v", "type", *_TEXTS, *_TIMES}:
        raise refuse("sign_in.form", ", ".join(payload), ", ".join(("v", "type", *_TEXTS, *_TIMES)))
    if payload["v"] != _VERSION or isinstance(payload["v"], bool) or payload["type"] != "sign-in":
        raise refuse("sign_in.form", f"v {payload['v']}, type {payload['type']}", "v 1, type sign-in")
    for name in _TEXTS:
        if not isinstance(payload[name], str):
            raise refuse("sign_in.form", payload[name], "a string", at=name)
    for name in _TIMES:
        if type(payload[name]) is not int or payload[name] < 0:  # type: ignore[operator]  # an integer by then
            raise refuse("sign_in.form", payload[name], "whole seconds", at=name)
    log, aud, nonce = (str(payload[name]) for name in _TEXTS)
    return SignIn(jws, log, aud, nonce, int(str(payload["iat"])), int(str(payload["exp"])))
