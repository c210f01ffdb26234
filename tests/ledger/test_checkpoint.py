"""Who signed a checkpoint: strangers are ignored, forgeries fail the note, and nobody counts twice."""

from __future__ import annotations

import pytest

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import (
    Checkpoint,
    Note,
    SignatureKind,
    SignatureLine,
    SignerKey,
    cosigner_lines,
    sign,
    unknown_lines,
    verify_cosigners,
    verify_signatures,
)
from ledger.errors import SignatureInvalid

DOMAIN = Domain(31337, b"\x11" * 20, b"\x22" * 32)
CHECKPOINT = Checkpoint("park.example/log", 7, b"\x33" * 32, 1)
LOG = SignerKey("park.example/log", SignatureKind.ED25519, PrivateKey(Algorithm.ED25519, b"\x01" * 32))
WITNESSES = [
    SignerKey(f"witness.example/w{n}", SignatureKind.COSIGNATURE, PrivateKey(Algorithm.ED25519, bytes([n]) * 32))
    for n in (2, 3, 4)
]
COSIGNERS = [
    SignerKey(f"cosigner.example/c{n}", SignatureKind.EIP712, PrivateKey(Algorithm.ES256K, bytes([n]) * 32))
    for n in (5, 6, 7)
]
ADDRESSES = [signer.verifier.material for signer in COSIGNERS]


def make(*signers: SignerKey) -> Note:
    return sign(CHECKPOINT, signers, time=1_700_000_000, domain=DOMAIN)


def test_the_note_parses_back() -> None:
    note = make(LOG, *WITNESSES, *COSIGNERS)
    assert Note.parse(note.format()) == note
    assert Checkpoint.parse(note.text) == CHECKPOINT


def test_a_quorum_of_known_keys_passes_and_strangers_are_ignored() -> None:
    keys = [signer.verifier for signer in WITNESSES[:2]]
    assert verify_signatures(make(LOG, *WITNESSES), keys, 2) == tuple(keys)
    with pytest.raises(SignatureInvalid, match=r"note\.quorum.*Found: 1.*at least 2"):
        verify_signatures(make(LOG, WITNESSES[0], WITNESSES[2]), keys, 2)


def test_one_signer_counts_once_however_often_it_signs() -> None:
    keys = [signer.verifier for signer in WITNESSES]
    twice = make(WITNESSES[0]).with_signatures(
        WITNESSES[0].sign(CHECKPOINT.marshal(), time=1_700_000_001), *make(WITNESSES[0]).signatures
    )
    assert len(twice.signatures) == 2
    with pytest.raises(SignatureInvalid, match=r"note\.quorum"):
        verify_signatures(twice, keys, 2)
    alias = SignerKey("alias.example", SignatureKind.COSIGNATURE, WITNESSES[0].private)
    with pytest.raises(SignatureInvalid, match=r"note\.quorum"):
        verify_signatures(make(WITNESSES[0], alias), [*keys, alias.verifier], 2)


def test_a_forged_line_of_a_known_key_fails_a_note_that_has_its_quorum() -> None:
    keys = [signer.verifier for signer in WITNESSES]
    forged = SignatureLine(WITNESSES[2].name, WITNESSES[2].verifier.key_id, make(WITNESSES[0]).signatures[0].signature)
    with pytest.raises(SignatureInvalid, match=r"note\.signature"):
        verify_signatures(make(*WITNESSES[:2]).with_signatures(forged), keys, 2)


def test_cosigners_are_found_by_address_in_ascending_order() -> None:
    note = make(LOG, *COSIGNERS)
    lines = cosigner_lines(note, ADDRESSES, DOMAIN)
    assert list(lines) == sorted(ADDRESSES)
    assert verify_cosigners(note, ADDRESSES, 3, DOMAIN) == tuple(sorted(ADDRESSES))
    assert verify_cosigners(note, ADDRESSES[:2], 2, DOMAIN) == tuple(sorted(ADDRESSES[:2]))


def test_lines_of_strangers_are_told_apart() -> None:
    note = make(LOG, *WITNESSES, *COSIGNERS)
    keys = [LOG.verifier, WITNESSES[0].verifier]
    strangers = unknown_lines(note, keys, ADDRESSES[:2])
    assert [line.name for line in strangers] == ["witness.example/w3", "witness.example/w4", "cosigner.example/c7"]


def test_one_cosigner_under_two_names_counts_once() -> None:
    alias = SignerKey("alias.example", SignatureKind.EIP712, COSIGNERS[0].private)
    with pytest.raises(SignatureInvalid, match=r"note\.cosigners"):
        verify_cosigners(make(COSIGNERS[0], alias), ADDRESSES, 2, DOMAIN)


def test_cosignatures_for_another_chain_fail() -> None:
    with pytest.raises(SignatureInvalid, match=r"note\.signature"):
        verify_cosigners(make(*COSIGNERS), ADDRESSES, 2, Domain(1, b"\x11" * 20, b"\x22" * 32))


def test_a_quorum_of_nobody_is_not_met_by_an_unsigned_note() -> None:
    with pytest.raises(SignatureInvalid):
        verify_signatures(Note(CHECKPOINT.marshal(), ()), [LOG.verifier], 1)
