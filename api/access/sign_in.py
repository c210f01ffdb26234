"""What a sign-in must say to be meant for this service, now, and once; who signed it is looked at elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from api.access.nonces import Nonces
from api.access.refusals import sign_in_refused, stale_nonce
from attestation.eip4361 import SiweMessage
from attestation.sign_in import LONGEST_SECONDS, SignIn
from ledger.context import LogParameters


def check_place(what: str, found: str, wanted: str) -> None:
    """Raise ``sign_in.<what>`` unless the signed value is the one that counts here."""
    if found != wanted:
        raise sign_in_refused(
            what,
            found,
            wanted,
            f"This sign-in is for another {what} than this service's.",
            "该登录凭证不是签给本服务的。",
        )


class Checks:
    """The checks of one service: its log, its nonces, its public URL."""

    def __init__(self, parameters: LogParameters, nonces: Nonces, audience: str) -> None:
        self._parameters = parameters
        self._nonces = nonces
        self.audience = audience

    @property
    def domain(self) -> str:
        """Host and port of the public URL: EIP-4361's domain."""
        return urlsplit(self.audience).netloc

    @property
    def chain_id(self) -> int | None:
        """EIP-4361's chain id; None for a log without a chain."""
        domain = self._parameters.registry_domain
        return None if domain is None else domain.chain_id

    def check_signed(self, signed: SignIn, now: int) -> int:
        """What a sign-in JWS says. Returns when its nonce expires. Raises Refused (401, ``sign_in.…``)."""
        check_place("log", signed.log, self._parameters.origin)
        check_place("audience", signed.aud, self.audience)
        self._check_times(signed.iat, signed.exp, now)
        return self._check_nonce(signed.nonce, now)

    def check_message(self, read: SiweMessage, now: int) -> int:
        """What an EIP-4361 message says. Returns when its nonce expires."""
        check_place("domain", read.domain, self.domain)
        check_place("audience", read.uri, self.audience)
        check_place("chain", str(read.chain_id.value), str(self.chain_id))
        log = f"urn:tanlu:log:{self._parameters.origin}"
        resources = read.resources or ()
        if log not in resources:
            check_place("log", ", ".join(resources), log)
        if read.expires_at is None:
            raise sign_in_refused(
                "lifetime",
                "no Expiration Time",
                f"one, at most {LONGEST_SECONDS} seconds after Issued At",
                "The sign-in never expires.",
                "登录凭证没有有效期。",
            )
        issued, expires = read.issued_at.value, read.expires_at.value
        self._check_times(issued, expires, now)
        if read.not_before is not None:
            self._check_begun(read.not_before.value, now)
        return self._check_nonce(read.nonce, now)

    def _check_begun(self, start: int, now: int) -> None:
        if start > now + self._parameters.skew:
            raise sign_in_refused(
                "future",
                start,
                f"at most {now + self._parameters.skew}",
                "The sign-in is from the future.",
                "登录凭证的时间在未来。",
            )

    def _check_times(self, iat: int, exp: int, now: int) -> None:
        self._check_begun(iat, now)
        if exp <= now:
            raise sign_in_refused("expired", exp, f"after {now}", "The sign-in has expired.", "登录凭证已过期。")
        if not iat < exp <= iat + LONGEST_SECONDS:
            raise sign_in_refused(
                "lifetime",
                exp - iat,
                f"1 to {LONGEST_SECONDS} seconds",
                "The sign-in is good for too long.",
                "登录凭证的有效期过长。",
            )

    def _check_nonce(self, nonce: str, now: int) -> int:
        expires_at = self._nonces.expiry(nonce)
        if expires_at is None or expires_at <= now:
            raise stale_nonce(nonce)
        return expires_at
