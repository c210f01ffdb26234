"""Checkpoints: the log's signed statement of size and root (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

``Checkpoint`` is the text, ``Note`` the text with signature lines, ``SignerKey`` and ``VerifierKey`` make and judge a
line. ``verify_signatures`` and ``verify_cosigners`` say who signed a note, or raise. Pure: time is an argument.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from attestation.typed_data import Domain
from ledger.errors import SignatureInvalid
from ledger.notes.body import Checkpoint
from ledger.notes.keys import (
    EIP712_LABEL,
    SignatureKind,
    SignerKey,
    VerifierKey,
    cosignature_message,
    cosignature_time,
)
from ledger.notes.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    SignatureLine,
    parse_signature_lines,
)

__all__ = [
    "EIP712_LABEL",
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "Checkpoint",
    "Note",
    "SignatureKind",
    "SignatureLine",
    "SignerKey",
    "VerifierKey",
    "cosignature_message",
    "cosignature_time",
    "cosigner_lines",
    "parse_signature_lines",
    "sign",
    "unknown_lines",
    "verify_cosigners",
    "verify_signatures",
]


def sign(checkpoint: Checkpoint, signers: Iterable[SignerKey], *, time: int, domain: Domain | None = None) -> Note:
    """The checkpoint as a note signed by each of ``signers``, in order. ``time`` (seconds) and ``domain`` are used by
    the kinds that need them."""
    text = checkpoint.marshal()
    return Note(text, tuple(signer.sign(text, time=time, domain=domain) for signer in signers))


def verify_signatures(
    note: Note,
    keys: Sequence[VerifierKey],
    quorum: int,
    *,
    rule: str = "note.quorum",
    domain: Domain | None = None,
) -> tuple[VerifierKey, ...]:
    """The keys among ``keys`` that signed the note, at least ``quorum`` of them, each once however often it signed.

    Lines of unknown keys are ignored; a line that names a known key and was not made by it fails the whole note
    (C2SP signed-note). Two names for one key are one signer. Raises ``SignatureInvalid``.
    """
    signed: dict[bytes, VerifierKey] = {}
    for line in note.signatures:
        for key in keys:
            if key.made(line):
                key.verify(note.text, line.signature, domain)
                signed.setdefault(key.encoded, key)
    _check_quorum(len(signed), quorum, rule)
    return tuple(signed.values())


def unknown_lines(
    note: Note, keys: Iterable[VerifierKey], cosigners: Iterable[bytes] = ()
) -> tuple[SignatureLine, ...]:
    """The lines of ``note`` that name none of ``keys`` and no address of ``cosigners``: whoever judges ignores them."""
    known, addresses = tuple(keys), tuple(cosigners)
    return tuple(
        line
        for line in note.signatures
        if not any(key.made(line) for key in known)
        and not any(VerifierKey(line.name, SignatureKind.EIP712, each).made(line) for each in addresses)
    )


def cosigner_lines(note: Note, cosigners: Collection[bytes], domain: Domain) -> dict[bytes, bytes]:
    """EIP-2098 signatures (64 bytes) of the note by address (20 bytes), for those of ``cosigners`` that signed, in the
    ascending order of addresses that the contract wants.

    The contract knows addresses, not names: a cosigner may use any name. Raises ``SignatureInvalid`` for a line that
    names a cosigner and was not made by it.
    """
    found: dict[bytes, bytes] = {}
    for line in note.signatures:
        for address in cosigners:
            key = VerifierKey(line.name, SignatureKind.EIP712, address)
            if key.key_id == line.key_id:
                key.verify(note.text, line.signature, domain)
                found.setdefault(address, line.signature)
    return dict(sorted(found.items()))


def verify_cosigners(
    note: Note, cosigners: Collection[bytes], threshold: int, domain: Domain, *, rule: str = "note.cosigners"
) -> tuple[bytes, ...]:
    """Addresses of the distinct ``cosigners`` that signed the note for the contract of ``domain``, at least
    ``threshold``. Raises ``SignatureInvalid``."""
    addresses = tuple(cosigner_lines(note, cosigners, domain))
    _check_quorum(len(addresses), threshold, rule)
    return addresses


def _check_quorum(count: int, quorum: int, rule: str) -> None:
    if count < quorum:
        raise SignatureInvalid(
            "Too few of the known keys signed the checkpoint.",
            rule=rule,
            value=count,
            expected=f"at least {quorum}",
            message_zh="签署检查点的已知密钥数量不足。",
        )
