"""``key``: who holds which key, from enrolment to revocation. One struct per ``action``."""

from __future__ import annotations

from typing import Annotated

from attestation.admission_codes import CODE_PATTERN
from attestation.bodies.texts import (
    CompactText,
    CoordinateText,
    Count,
    IdentifierText,
    KindText,
    NameText,
    Part,
    PurposeText,
    ReasonText,
    SignatureHexText,
    StatementIdText,
    ThumbprintText,
    published,
    whole,
)

APPROVALS = 2
"""How many persons approve a recovery."""


class Subject(Part, frozen=True, kw_only=True):
    """The identifier that an enrolment introduces."""

    identifier: IdentifierText
    kind: KindText
    parent: IdentifierText | None = None
    group: NameText | None = None


class Jwk(Part, frozen=True, kw_only=True):
    """A public key (RFC 7517): ``kty`` ``OKP`` with ``crv`` ``Ed25519``, or ``EC`` with ``secp256k1`` or ``P-256``."""

    crv: Annotated[str, published(enum=["Ed25519", "secp256k1", "P-256"])]
    kty: Annotated[str, published(enum=["OKP", "EC"])]
    x: CoordinateText
    y: CoordinateText | None = None


class NewKey(Part, frozen=True, kw_only=True):
    """A key that becomes an identifier's, and what it may sign, in the order of the purposes' bits."""

    jwk: Jwk
    purposes: Annotated[tuple[PurposeText, ...], published(minItems=1, uniqueItems=True)]


class Approval(Part, frozen=True, kw_only=True):
    """A person's consent to a recovery: the 64-byte EIP-2098 signature over EIP-712 ``KeyRecovery`` in hex."""

    identifier: IdentifierText
    signature: SignatureHexText


class KeyAction(Part, frozen=True, kw_only=True, tag_field="action"):
    """What every body of ``key`` is; ``action`` stands first in its JSON."""

    @property
    def action(self) -> str:
        """The member ``action``."""
        return str(self.__struct_config__.tag)


class EnrolKey(KeyAction, frozen=True, kw_only=True, tag="enrol"):
    """A new identifier with its first key. ``possession`` is a compact JWS by the new key; ``possession_evm`` the
    64-byte EIP-2098 signature over EIP-712 ``KeyPossession`` in lowercase hex with ``0x``, for ES256K keys.
    ``admission`` is the statement id of the approval that lets the identifier in, ``code`` its one-time code."""

    subject: Subject
    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None
    admission: StatementIdText | None = None
    code: Annotated[str, published(pattern=whole(CODE_PATTERN))] | None = None


class AddKey(KeyAction, frozen=True, kw_only=True, tag="add"):
    """One more key of the signer. ``consent_evm`` is a signature over EIP-712 ``KeyConsent`` by a key that the
    account has on chain, where the registry contract needs one."""

    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None
    consent_evm: SignatureHexText | None = None


class RotateKey(KeyAction, frozen=True, kw_only=True, tag="rotate"):
    """A key that takes the place of the signing one, with the same purposes."""

    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None
    consent_evm: SignatureHexText | None = None


class RevokeKey(KeyAction, frozen=True, kw_only=True, tag="revoke"):
    """A key that signs nothing from here on."""

    thumbprint: ThumbprintText
    identifier: IdentifierText
    reason: ReasonText | None = None


class CompromiseKey(KeyAction, frozen=True, kw_only=True, tag="compromise"):
    """A key whose entries from the log index ``invalid_since`` on are flagged; it is revoked as well."""

    thumbprint: ThumbprintText
    identifier: IdentifierText
    invalid_since: Count
    reason: ReasonText


class ProposeRecovery(KeyAction, frozen=True, kw_only=True, tag="propose-recovery"):
    """A new key in place of one that its holder lost, approved by two persons of different bodies."""

    subject: IdentifierText
    replaces: ThumbprintText
    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None
    reason: ReasonText
    approvals: Annotated[tuple[Approval, ...], published(minItems=APPROVALS, maxItems=APPROVALS)]


class VetoRecovery(KeyAction, frozen=True, kw_only=True, tag="veto-recovery"):
    """The holder's word against a proposed recovery. ``veto_evm`` is a signature over EIP-712 ``RecoveryVeto``."""

    proposal: StatementIdText
    veto_evm: SignatureHexText | None = None


class CompleteRecovery(KeyAction, frozen=True, kw_only=True, tag="complete-recovery"):
    """A proposed recovery takes effect. Everything but ``proposal`` is repeated from it, so that this entry alone
    says whose key it is and proves possession."""

    proposal: StatementIdText
    subject: IdentifierText
    replaces: ThumbprintText
    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None


Key = EnrolKey | AddKey | RotateKey | RevokeKey | CompromiseKey | ProposeRecovery | VetoRecovery | CompleteRecovery
"""Body of ``key``: one of the actions."""

Introduction = EnrolKey | AddKey | RotateKey | ProposeRecovery | CompleteRecovery
"""The actions that bring a key with its proofs of possession."""


def subject_of(body: Key, iss: str) -> str:
    """The identifier whose keys an action is about; ``iss`` is the statement's signer."""
    if isinstance(body, EnrolKey):
        return body.subject.identifier
    if isinstance(body, RevokeKey | CompromiseKey):
        return body.identifier
    if isinstance(body, ProposeRecovery | CompleteRecovery):
        return body.subject
    return iss
