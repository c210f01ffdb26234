"""EIP-712 messages that contracts check, hashed by hand (fixed structs), and EIP-2098 signatures.

Domain: name ``Tanlu``, version ``1``, chain id, verifying contract, salt = the deployment id. The hashes are
the same as ``eth_account``'s and Solidity's; tests compare them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import coincurve

from attestation.keccak import keccak256 as keccak
from attestation.keys import SECP256K1_ORDER, Algorithm, PrivateKey, PublicKey, Purpose
from attestation.refusals import refuse

NAME = "Tanlu"
VERSION = "1"
COMPACT_BYTES = 64
_KEYS_KEPT = 4_096
_HALF_ORDER = SECP256K1_ORDER // 2
_HALF_ORDER_BYTES = _HALF_ORDER.to_bytes(32)

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
CHECKPOINT_TYPE = "Checkpoint(uint64 epoch,uint64 size,bytes32 root)"
KEY_POSSESSION_TYPE = "KeyPossession(bytes32 accountId,bytes32 thumbprint,uint8 purposes)"
KEY_CONSENT_TYPE = "KeyConsent(bytes32 accountId,bytes32 thumbprint,uint8 purposes)"
KEY_RECOVERY_TYPE = (
    "KeyRecovery(bytes32 accountId,bytes32 replaces,bytes32 thumbprint,uint8 purposes,bytes32 reasonHash)"
)
RECOVERY_VETO_TYPE = "RecoveryVeto(bytes32 accountId,bytes32 thumbprint)"
VERIFIED_EMISSIONS_TYPE = (
    "VerifiedEmissions(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 reportLeaf,bytes32 statementLeaf,"
    "uint32 revision)"
)
EMISSIONS_DETERMINATION_TYPE = (
    "EmissionsDetermination(bytes32 enterprise,uint16 year,uint64 tonnes,bytes32 documentHash,uint32 revision)"
)
OPENING_TYPE = "Opening(bytes32 enterprise,bytes32 documentHash,bytes32 contentHash,bytes32 reasonHash)"

_DOMAIN_HASH = keccak(DOMAIN_TYPE.encode())
_NAME_HASH = keccak(NAME.encode())
_VERSION_HASH = keccak(VERSION.encode())
_CHECKPOINT_HASH = keccak(CHECKPOINT_TYPE.encode())
_KEY_POSSESSION_HASH = keccak(KEY_POSSESSION_TYPE.encode())
_KEY_CONSENT_HASH = keccak(KEY_CONSENT_TYPE.encode())
_KEY_RECOVERY_HASH = keccak(KEY_RECOVERY_TYPE.encode())
_RECOVERY_VETO_HASH = keccak(RECOVERY_VETO_TYPE.encode())
_VERIFIED_EMISSIONS_HASH = keccak(VERIFIED_EMISSIONS_TYPE.encode())
_EMISSIONS_DETERMINATION_HASH = keccak(EMISSIONS_DETERMINATION_TYPE.encode())
_OPENING_HASH = keccak(OPENING_TYPE.encode())


@dataclass(frozen=True, slots=True)
class Domain:
    """An EIP-712 domain: chain id, the contract's 20-byte address, the 32-byte deployment id as salt.

    Raises ValueError for other lengths.
    """

    chain_id: int
    verifying_contract: bytes
    salt: bytes
    separator: bytes = field(init=False, compare=False, repr=False)
    """``hashStruct(EIP712Domain)``, 32 bytes."""

    def __post_init__(self) -> None:
        if len(self.verifying_contract) != 20 or len(self.salt) != 32 or self.chain_id < 0:
            raise ValueError("an EIP-712 domain has a chain id, a 20-byte contract and a 32-byte salt")
        separator = keccak(
            _DOMAIN_HASH
            + _NAME_HASH
            + _VERSION_HASH
            + self.chain_id.to_bytes(32)
            + self.verifying_contract.rjust(32, b"\0")
            + self.salt
        )
        object.__setattr__(self, "separator", separator)


def struct_digest(domain: Domain, struct_hash: bytes) -> bytes:
    """The 32-byte digest of a struct (``hashStruct``, 32 bytes) in a domain: what is signed (EIP-712)."""
    return keccak(b"\x19\x01" + domain.separator + struct_hash)


def _word(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError(f"a bytes32 has 32 bytes, not {len(value)}")
    return value


def _uint(value: int, bits: int) -> bytes:
    if not 0 <= value < 1 << bits:
        raise ValueError(f"{value} is no uint{bits}")
    return value.to_bytes(32)


def checkpoint_digest(domain: Domain, epoch: int, size: int, root: bytes) -> bytes:
    """The 32-byte digest of ``Checkpoint`` that cosigners sign for ``EvidenceLog``."""
    body = _CHECKPOINT_HASH + _uint(epoch, 64) + _uint(size, 64) + _word(root)
    return struct_digest(domain, keccak(body))


def key_possession_digest(domain: Domain, account_id: bytes, thumbprint: bytes, purposes: int) -> bytes:
    """The 32-byte digest of ``KeyPossession`` that a new key signs for ``IdentifierRegistry``."""
    body = _KEY_POSSESSION_HASH + _word(account_id) + _word(thumbprint) + _uint(purposes, 8)
    return struct_digest(domain, keccak(body))


def key_consent_digest(domain: Domain, account_id: bytes, thumbprint: bytes, purposes: int) -> bytes:
    """The 32-byte digest of ``KeyConsent``: a key that the account has on chain agrees to the new key."""
    body = _KEY_CONSENT_HASH + _word(account_id) + _word(thumbprint) + _uint(purposes, 8)
    return struct_digest(domain, keccak(body))


def recovery_approval_digest(  # noqa: PLR0917  # the struct's members in their order
    domain: Domain, account_id: bytes, replaces: bytes, thumbprint: bytes, purposes: int, reason: str
) -> bytes:
    """The 32-byte digest of ``KeyRecovery`` that each of two persons signs; ``reason`` is hashed as UTF-8."""
    new_key = _word(thumbprint) + _uint(purposes, 8) + keccak(reason.encode("utf-8"))
    return struct_digest(domain, keccak(_KEY_RECOVERY_HASH + _word(account_id) + _word(replaces) + new_key))


def recovery_veto_digest(domain: Domain, account_id: bytes, thumbprint: bytes) -> bytes:
    """The 32-byte digest of ``RecoveryVeto`` by a key of the account; ``thumbprint`` is the proposed key's."""
    return struct_digest(domain, keccak(_RECOVERY_VETO_HASH + _word(account_id) + _word(thumbprint)))


def verified_emissions_digest(  # noqa: PLR0917  # the struct's members in their order
    domain: Domain, account_id: bytes, year: int, tonnes: int, report_leaf: bytes, statement_leaf: bytes, revision: int
) -> bytes:
    """The 32-byte digest of ``VerifiedEmissions`` that a verifier signs for ``EmissionsRegistry`` (DOMAIN 44, 45).

    ``account_id``: the enterprise's. ``tonnes``: whole tCO2e of the obligation. ``report_leaf``, ``statement_leaf``:
    leaf hashes of the report's entry and of the verification statement's. ``revision``: from 1. Raises ValueError for
    what does not fit its type.
    """
    figure = _word(account_id) + _uint(year, 16) + _uint(tonnes, 64)
    leaves = _word(report_leaf) + _word(statement_leaf)
    return struct_digest(domain, keccak(_VERIFIED_EMISSIONS_HASH + figure + leaves + _uint(revision, 32)))


def emissions_determination_digest(  # noqa: PLR0917  # the struct's members in their order
    domain: Domain, account_id: bytes, year: int, tonnes: int, document_hash: bytes, revision: int
) -> bytes:
    """The 32-byte digest of ``EmissionsDetermination`` that each of two persons signs (DOMAIN 10).

    ``document_hash``: 32 bytes; the others as in :func:`verified_emissions_digest`.
    """
    figure = _word(account_id) + _uint(year, 16) + _uint(tonnes, 64)
    body = _EMISSIONS_DETERMINATION_HASH + figure + _word(document_hash) + _uint(revision, 32)
    return struct_digest(domain, keccak(body))


def opening_digest(domain: Domain, account_id: bytes, document_hash: bytes, content_hash: bytes, reason: str) -> bytes:
    """The 32-byte digest of ``Opening`` that each of two persons signs (DOMAIN 24); no contract reads it.

    ``account_id``: the enterprise's. ``document_hash``, ``content_hash``: 32 bytes, of the document and of the base
    years. ``reason`` is hashed as UTF-8.
    """
    hashes = _word(document_hash) + _word(content_hash) + keccak(reason.encode("utf-8"))
    return struct_digest(domain, keccak(_OPENING_HASH + _word(account_id) + hashes))


def sign_compact_digest(digest: bytes, key: PrivateKey) -> bytes:
    """The 64-byte compact signature of an ES256K key over a digest. Raises KeyRefused (``key.algorithm``)."""
    return to_compact(key.sign_digest(digest))


def sign_key_possession(domain: Domain, account_id: bytes, key: PrivateKey, purposes: Purpose) -> bytes:
    """The 64-byte compact signature of an ES256K key over its own ``KeyPossession``."""
    digest = key_possession_digest(domain, account_id, key.public.thumbprint, int(purposes))
    return sign_compact_digest(digest, key)


def to_compact(signature: bytes) -> bytes:
    """64 bytes ``r || yParityAndS`` (EIP-2098) of 65 bytes ``r || s || v``, ``v`` 27 or 28, ``s`` low.

    Raises SignatureRefused.
    """
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise refuse("signature.length", f"{len(signature)} bytes", "65 bytes r, s, v with v 27 or 28")
    s = int.from_bytes(signature[32:64])
    if s > _HALF_ORDER:
        raise refuse("signature.high_s", signature[32:64].hex())
    return signature[:32] + (s | (signature[64] - 27) << 255).to_bytes(32)


def recover(digest: bytes, compact: bytes) -> bytes:
    """The 20-byte address that signed the digest with a compact signature (low ``s`` only).

    Raises SignatureRefused (``signature.length``, ``signature.high_s``, ``signature.invalid``).
    """
    return _address(_recovered(digest, compact).format(compressed=False))


@lru_cache(maxsize=_KEYS_KEPT)
def _address(point: bytes) -> bytes:
    """Of an uncompressed point. The same holders sign again and again."""
    return keccak(point[1:])[-20:]


def recover_key(digest: bytes, compact: bytes) -> PublicKey:
    """The ES256K key that signed; raises as :func:`recover`."""
    return PublicKey(Algorithm.ES256K, _recovered(digest, compact).format(compressed=True))


def _recovered(digest: bytes, compact: bytes) -> coincurve.PublicKey:
    if len(compact) != COMPACT_BYTES:
        raise refuse("signature.length", f"{len(compact)} bytes")
    parity = compact[32] >> 7
    signature = compact if not parity else compact[:32] + bytes((compact[32] & 0x7F,)) + compact[33:]
    if signature[32:] > _HALF_ORDER_BYTES:
        raise refuse("signature.high_s", compact[32:].hex())
    try:
        return coincurve.PublicKey.from_signature_and_message(
            signature + (b"\1" if parity else b"\0"), _word(digest), hasher=None
        )
    except Exception:  # coincurve raises bare Exception and ValueError alike
        raise refuse("signature.invalid", compact.hex()) from None
