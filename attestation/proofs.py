"""Building the bodies of ``key`` statements, with the proofs that new and old keys give."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from attestation.bodies import (
    VERSION,
    AddKey,
    Approval,
    CompleteRecovery,
    EnrolKey,
    Jwk,
    NewKey,
    ProposeRecovery,
    RotateKey,
    Subject,
    VetoRecovery,
)
from attestation.encoding import b64url_decode, compact_json
from attestation.envelope import typ_of
from attestation.identifiers import account_id
from attestation.jws import sign_compact
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose, Signer
from attestation.typed_data import (
    Domain,
    key_consent_digest,
    recovery_approval_digest,
    recovery_veto_digest,
    sign_compact_digest,
    sign_key_possession,
)

POSSESSION_TYP = typ_of("possession")


def possession_proof(*, log: str, identifier: str, purposes: Purpose, iat: int, key: Signer) -> str:
    """The JWS by which a new key says that it wants to be this identifier's, for these purposes."""
    payload = compact_json(
        {
            "v": VERSION,
            "type": "possession",
            "log": log,
            "identifier": identifier,
            "purposes": purposes.names(),
            "iat": iat,
        }
    )
    return sign_compact(identifier, POSSESSION_TYP, payload, key).decode("ascii")


def jwk_struct(key: PublicKey) -> Jwk:
    """The public key as the member ``jwk`` of a ``key`` statement."""
    return Jwk(**key.to_jwk())


class Proofs(Struct, frozen=True):
    """What the holder of a new key hands over: the members that every body with a new key has."""

    key: NewKey
    possession: str
    possession_evm: str | None = None


def prove_possession(
    *, log: str, identifier: str, key: PrivateKey, purposes: Purpose, iat: int, domain: Domain | None = None
) -> Proofs:
    """The proofs, made by whoever holds the new private key.

    ``domain`` is the identifier registry's, where there is one: an ES256K key then signs for it too.
    """
    evm = None
    if domain is not None and key.algorithm is Algorithm.ES256K:
        evm = _hex(sign_key_possession(domain, account_id(identifier), key, purposes))
    return Proofs(
        NewKey(jwk=jwk_struct(key.public), purposes=purposes.names()),
        possession_proof(log=log, identifier=identifier, purposes=purposes, iat=iat, key=key),
        evm,
    )


def key_body(
    *,
    identifier: str,
    kind: Kind,
    key: PublicKey,
    purposes: Purpose,
    possession: str,
    possession_evm: bytes | None = None,
    parent: str | None = None,
    group: str | None = None,
) -> EnrolKey:
    """Body of the enrolment that the registrar signs, from what the new key's holder hands over:
    the public key and its proofs (:func:`possession_proof`, 64 bytes of
    :func:`attestation.typed_data.sign_key_possession`)."""
    return EnrolKey(
        subject=Subject(identifier=identifier, kind=kind.value, parent=parent, group=group),
        key=NewKey(jwk=jwk_struct(key), purposes=purposes.names()),
        possession=possession,
        possession_evm=None if possession_evm is None else _hex(possession_evm),
    )


def prove_key(
    *,
    log: str,
    identifier: str,
    kind: Kind,
    key: PrivateKey,
    purposes: Purpose,
    iat: int,
    domain: Domain | None = None,
    parent: str | None = None,
    group: str | None = None,
) -> EnrolKey:
    """:func:`key_body` with the proofs of :func:`prove_possession`."""
    proofs = prove_possession(log=log, identifier=identifier, key=key, purposes=purposes, iat=iat, domain=domain)
    return EnrolKey(
        subject=Subject(identifier=identifier, kind=kind.value, parent=parent, group=group),
        key=proofs.key,
        possession=proofs.possession,
        possession_evm=proofs.possession_evm,
    )


def prove_addition(
    *,
    log: str,
    identifier: str,
    key: PrivateKey,
    purposes: Purpose,
    iat: int,
    domain: Domain | None = None,
    consent: PrivateKey | None = None,
) -> AddKey:
    """One more key for the identifier, which an ``administration`` key of it then signs.

    ``consent``: an active ES256K key of the identifier, needed where there is a registry, ``key`` is ES256K and the
    identifier has such keys already.
    """
    proofs = prove_possession(log=log, identifier=identifier, key=key, purposes=purposes, iat=iat, domain=domain)
    return AddKey(
        key=proofs.key,
        possession=proofs.possession,
        possession_evm=proofs.possession_evm,
        consent_evm=_consent(domain, identifier, key.public, purposes, consent),
    )


def prove_rotation(
    *,
    log: str,
    identifier: str,
    key: PrivateKey,
    purposes: Purpose,
    iat: int,
    domain: Domain | None = None,
    consent: PrivateKey | None = None,
) -> RotateKey:
    """A key in place of the one that then signs the statement; ``purposes`` are those of the old key.

    ``consent``: an active ES256K key of the identifier (the old one will do), needed where there is a registry and
    the old key is ES256K.
    """
    proofs = prove_possession(log=log, identifier=identifier, key=key, purposes=purposes, iat=iat, domain=domain)
    return RotateKey(
        key=proofs.key,
        possession=proofs.possession,
        possession_evm=proofs.possession_evm,
        consent_evm=_consent(domain, identifier, key.public, purposes, consent),
    )


def approve_recovery(
    *,
    domain: Domain,
    identifier: str,
    by: PrivateKey,
    subject: str,
    replaces: str,
    key: PublicKey,
    purposes: Purpose,
    reason: str,
) -> Approval:
    """The approval of the person ``identifier``, signed with their ES256K key ``by``, that ``key`` take the place of
    the key of thumbprint ``replaces`` (base64url) of ``subject``."""
    account, replaced = account_id(subject), b64url_decode(replaces)
    digest = recovery_approval_digest(domain, account, replaced, key.thumbprint, int(purposes), reason)
    return Approval(identifier=identifier, signature=_hex(sign_compact_digest(digest, by)))


def prove_recovery(
    *,
    log: str,
    subject: str,
    replaces: str,
    key: PrivateKey,
    purposes: Purpose,
    iat: int,
    domain: Domain,
    reason: str,
    approvals: Sequence[Approval],
) -> ProposeRecovery:
    """The proposal, with the proofs of the new key's holder and the two approvals."""
    proofs = prove_possession(log=log, identifier=subject, key=key, purposes=purposes, iat=iat, domain=domain)
    return ProposeRecovery(
        subject=subject,
        replaces=replaces,
        key=proofs.key,
        possession=proofs.possession,
        possession_evm=proofs.possession_evm,
        reason=reason,
        approvals=tuple(approvals),
    )


def veto_recovery(
    proposal: bytes,
    *,
    subject: str,
    thumbprint: bytes,
    domain: Domain | None = None,
    by: PrivateKey | None = None,
) -> VetoRecovery:
    """The veto against the proposal of that statement id; with ``domain`` and an ES256K key ``by`` of the subject also
    for the registry contract. ``thumbprint`` is the proposed key's."""
    evm = None
    if domain is not None and by is not None:
        evm = _hex(sign_compact_digest(recovery_veto_digest(domain, account_id(subject), thumbprint), by))
    return VetoRecovery(proposal=proposal.hex(), veto_evm=evm)


def complete_recovery(proposal: bytes, proposed: ProposeRecovery) -> CompleteRecovery:
    """The completion of the proposal of that statement id and body."""
    return CompleteRecovery(
        proposal=proposal.hex(),
        subject=proposed.subject,
        replaces=proposed.replaces,
        key=proposed.key,
        possession=proposed.possession,
        possession_evm=proposed.possession_evm,
    )


def _consent(
    domain: Domain | None, identifier: str, key: PublicKey, purposes: Purpose, by: PrivateKey | None
) -> str | None:
    if domain is None or by is None:
        return None
    digest = key_consent_digest(domain, account_id(identifier), key.thumbprint, int(purposes))
    return _hex(sign_compact_digest(digest, by))


def _hex(signature: bytes) -> str:
    return "0x" + signature.hex()
