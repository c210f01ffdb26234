"""Proving who signs in: a signature by an active key of the log, over a nonce of this service.

Nothing is stored here. What comes out is spent, once, by :mod:`api.access.sessions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session as StoreSession

from api.access.nonces import Nonces
from api.access.refusals import sign_in_refused, unknown_key
from api.access.sign_in import Checks, check_place
from attestation.eip191 import message_signer
from attestation.eip4361 import read_message
from attestation.errors import AttestationError
from attestation.keys import PublicKey
from attestation.sign_in import SignIn, read_sign_in
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import IdentifierRow
from ledger.records import public_key


@dataclass(frozen=True, slots=True)
class Challenge:
    """What somebody needs to sign in: the nonce and until when it is good, and what the signature must name."""

    nonce: str
    expires_at: int
    log: str
    audience: str
    domain: str
    chain_id: int | None


@dataclass(frozen=True, slots=True)
class Proved:
    """A sign-in that was checked but for whether its nonce is spent. ``holder`` None: the root key before entry 0."""

    nonce: str
    nonce_expires_at: int
    holder: IdentifierRow | None
    key: PublicKey


class Proving:
    """Makes challenges and checks what is signed in answer to them.

    Parameters
    ----------
    database, parameters
        The log whose keys sign in.
    secret
        The log key's secret bytes: all processes of one log check each other's nonces.
    audience
        The service's public URL, which a sign-in must name.
    clock
        Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        secret: bytes,
        *,
        audience: str,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._parameters = parameters
        self._nonces = Nonces(secret)
        self._checks = Checks(parameters, self._nonces, audience)
        self._clock = clock

    @property
    def audience(self) -> str:
        """The public URL that a sign-in must name."""
        return self._checks.audience

    def serve_at(self, url: str) -> None:
        """Take the listening address for the public URL, where none was set."""
        if not self._checks.audience:
            self._checks.audience = url

    def challenge(self) -> Challenge:
        """A fresh nonce. Nothing is stored."""
        nonce, expires_at = self._nonces.make(int(self._clock()))
        return Challenge(
            nonce, expires_at, self._parameters.origin, self.audience, self._checks.domain, self._checks.chain_id
        )

    def prove(self, data: bytes) -> Proved:
        """Who signed a sign-in JWS.

        Raises StatementMalformed for other bytes, and Refused (401, ``sign_in.…``).
        """
        signed = read_sign_in(data)
        now = int(self._clock())
        expires_at = self._checks.check_signed(signed, now)
        with self._database.read() as session:
            holder, key = self._key(session, signed)
        try:
            key.verify(signed.jws.signing_input, signed.jws.signature)
        except AttestationError as error:
            raise _bad_signature(error) from error
        return Proved(signed.nonce, expires_at, holder, key)

    def prove_with_ethereum(self, identifier: str, message: str, signature: bytes) -> Proved:
        """Who signed an EIP-4361 message: an active ES256K key of ``identifier``.

        Raises StatementMalformed for another text, and Refused (401, ``sign_in.…``).
        """
        read = read_message(message)
        now = int(self._clock())
        expires_at = self._checks.check_message(read, now)
        try:
            signer = message_signer(message, signature)
        except AttestationError as error:
            raise _bad_signature(error) from error
        check_place("address", "0x" + read.address.hex(), "0x" + signer.hex())
        with self._database.read() as session:
            holder, key = self._key_of_address(session, identifier, signer)
        return Proved(read.nonce, expires_at, holder, key)

    def _key(self, session: StoreSession, signed: SignIn) -> tuple[IdentifierRow | None, PublicKey]:
        header = signed.jws.header
        root = self._parameters.registrar
        identities = IdentityRepository(session)
        holder = identities.identifier(signed.identifier)
        is_root = (signed.identifier, header.kid_key) == (self._parameters.registrar_identifier, root.kid_name)
        if holder is None and is_root:
            # Before its own first entry the log knows nobody; the trust file knows the registrar.
            return None, root
        row = identities.key(header.kid_key)
        if holder is None or row is None or row.identifier != signed.identifier or row.revoked_index is not None:
            raise unknown_key(header.kid)
        key = public_key(row)
        check_place("algorithm", header.alg.value, key.algorithm.value)
        return holder, key

    def _key_of_address(
        self, session: StoreSession, identifier: str, address: bytes
    ) -> tuple[IdentifierRow | None, PublicKey]:
        identities = IdentityRepository(session)
        holder = identities.identifier(identifier)
        rows = [] if holder is None else identities.keys_of(identifier)
        active = [public_key(row) for row in rows if row.revoked_index is None]
        key = next((key for key in active if key.evm_address == address), None)
        if key is None:
            raise unknown_key(f"{identifier}, 0x{address.hex()}")
        return holder, key


def _bad_signature(error: AttestationError) -> Exception:
    return sign_in_refused(
        "signature", f"{error.rule}: {error.value}", error.expected, "The signature is wrong.", "签名错误。"
    )
