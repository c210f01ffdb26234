"""Keys of notes: published examples verify, and a signature belongs to one key, one kind and one text."""

from __future__ import annotations

import base64

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import (
    Checkpoint,
    Note,
    SignatureKind,
    SignerKey,
    VerifierKey,
    cosignature_message,
    cosignature_time,
    verify_signatures,
)
from ledger.errors import NoteMalformed, SignatureInvalid

ED = PrivateKey(Algorithm.ED25519, b"\x01" * 32)
SECP = PrivateKey(Algorithm.ES256K, b"\x02" * 32)
DOMAIN = Domain(31337, b"\x11" * 20, b"\x22" * 32)
TEXT = Checkpoint("park.example/log", 7, b"\x33" * 32, 1).marshal()
SIGNERS = {
    "log": SignerKey("park.example/log", SignatureKind.ED25519, ED),
    "witness": SignerKey("witness.example/w1", SignatureKind.COSIGNATURE, ED),
    "chain": SignerKey("witness.example/w1", SignatureKind.EIP712, SECP),
}


@pytest.mark.parametrize(
    ("vkey", "note"),
    [
        pytest.param(
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "This is an example message.\n\n— example.com/foo "
            "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
            id="C2SP signed-note, verifier keys, example",
        ),
        pytest.param(
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
            "\n— PeterNeumann "
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
            "— EnochRoot "
            "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n",
            id="golang.org/x/mod sumdb/note, example_test.go",
        ),
        pytest.param(
            "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
            "go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n"
            "— sum.golang.org "
            "Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n",
            id="checkpoint of the Go checksum database (FiloSottile/torchwood, litewitness/testdata/sumdb.txt)",
        ),
    ],
)
def test_published_notes_verify(vkey: str, note: str) -> None:
    key = VerifierKey.parse(vkey)
    assert str(key) == vkey
    assert verify_signatures(Note.parse(note.encode()), [key], 1) == (key,)
    with pytest.raises(SignatureInvalid, match=key.name):
        verify_signatures(Note.parse(note.replace("a", "e", 1).encode()), [key], 1)


def test_the_published_cosignature_has_its_time() -> None:
    # C2SP tlog-cosignature: the example's line and the time in its signed message.
    line = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    assert cosignature_time(base64.b64decode(line)[4:]) == 1679315147
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosignature_message(text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()


@pytest.mark.parametrize("which", SIGNERS)
def test_a_signature_verifies_and_its_key_has_one_spelling(which: str) -> None:
    signer = SIGNERS[which]
    line = signer.sign(TEXT, time=1_700_000_000, domain=DOMAIN)
    key = VerifierKey.parse(str(signer.verifier))
    assert key == signer.verifier
    assert key.made(line)
    key.verify(TEXT, line.signature, DOMAIN)


@pytest.mark.parametrize("which", SIGNERS)
def test_every_byte_of_a_signature_counts(which: str) -> None:
    line = SIGNERS[which].sign(TEXT, time=1_700_000_000, domain=DOMAIN)
    key = SIGNERS[which].verifier
    for at in range(len(line.signature)):
        altered = bytearray(line.signature)
        altered[at] ^= 1
        with pytest.raises(SignatureInvalid):
            key.verify(TEXT, bytes(altered), DOMAIN)
    for wrong in (b"", line.signature[:-1], line.signature + b"\0"):
        with pytest.raises(SignatureInvalid):
            key.verify(TEXT, wrong, DOMAIN)


@pytest.mark.parametrize("which", SIGNERS)
def test_a_signature_is_of_one_text(which: str) -> None:
    line = SIGNERS[which].sign(TEXT, time=1_700_000_000, domain=DOMAIN)
    for other in (
        Checkpoint("park.example/log", 8, b"\x33" * 32, 1),
        Checkpoint("park.example/log", 7, b"\x34" * 32, 1),
        Checkpoint("park.example/log", 7, b"\x33" * 32, 2),
    ):
        with pytest.raises(SignatureInvalid, match=r"note\.signature"):
            SIGNERS[which].verifier.verify(other.marshal(), line.signature, DOMAIN)


@pytest.mark.parametrize(
    "domain",
    [
        Domain(1337, DOMAIN.verifying_contract, DOMAIN.salt),
        Domain(31337, b"\x12" * 20, DOMAIN.salt),
        Domain(31337, DOMAIN.verifying_contract, b"\x23" * 32),
    ],
)
def test_a_chain_signature_is_of_one_chain_contract_and_deployment(domain: Domain) -> None:
    line = SIGNERS["chain"].sign(TEXT, domain=DOMAIN)
    with pytest.raises(SignatureInvalid):
        SIGNERS["chain"].verifier.verify(TEXT, line.signature, domain)


def test_the_chain_signature_is_what_eth_account_signs() -> None:
    message = encode_typed_data(
        domain_data={
            "name": "Tanlu",
            "version": "1",
            "chainId": 31337,
            "verifyingContract": "0x" + "11" * 20,
            "salt": b"\x22" * 32,
        },
        message_types={
            "Checkpoint": [
                {"name": "epoch", "type": "uint64"},
                {"name": "size", "type": "uint64"},
                {"name": "root", "type": "bytes32"},
            ]
        },
        message_data={"epoch": 1, "size": 7, "root": b"\x33" * 32},
    )
    theirs = Account.sign_message(message, SECP.raw)
    ours = SIGNERS["chain"].sign(TEXT, domain=DOMAIN).signature
    s_and_parity = theirs.s | (theirs.v - 27) << 255
    assert ours == theirs.r.to_bytes(32, "big") + s_and_parity.to_bytes(32, "big")


def test_the_kinds_do_not_stand_in_for_one_another() -> None:
    plain = SIGNERS["log"]
    timed = SignerKey(plain.name, SignatureKind.COSIGNATURE, ED)
    assert plain.verifier.key_id != timed.verifier.key_id
    with pytest.raises(SignatureInvalid):
        plain.verifier.verify(TEXT, timed.sign(TEXT, time=5).signature)
    with pytest.raises(SignatureInvalid):
        plain.verifier.verify(TEXT, timed.sign(TEXT, time=5).signature[8:])
    with pytest.raises(SignatureInvalid):
        timed.verifier.verify(TEXT, b"\0" * 8 + plain.sign(TEXT).signature)


def test_a_cosignature_without_time_or_beyond_is_not_made() -> None:
    with pytest.raises(ValueError, match="time"):
        SIGNERS["witness"].sign(TEXT)
    for time in (0, -1, 2**63):
        with pytest.raises(NoteMalformed, match=r"cosignature\.time"):
            SIGNERS["witness"].sign(TEXT, time=time)


def test_a_chain_signature_needs_domain_and_epoch() -> None:
    with pytest.raises(ValueError, match="domain"):
        SIGNERS["chain"].sign(TEXT)
    with pytest.raises(NoteMalformed, match=r"checkpoint\.epoch"):
        SIGNERS["chain"].sign(Checkpoint("a", 1, b"\0" * 32).marshal(), domain=DOMAIN)


@pytest.mark.parametrize(
    ("signer", "rule"),
    [
        (SignerKey("a", SignatureKind.ED25519, SECP), "signer.algorithm"),
        (SignerKey("a", SignatureKind.EIP712, ED), "signer.algorithm"),
        (SignerKey("a b", SignatureKind.ED25519, ED), "note.key-name"),
    ],
)
def test_a_key_of_another_algorithm_is_no_signer(signer: SignerKey, rule: str) -> None:
    with pytest.raises(NoteMalformed) as refusal:
        signer.sign(TEXT, time=1, domain=DOMAIN)
    assert refusal.value.rule == rule


VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("vkey.format", "PeterNeumann"),
        ("vkey.format", "PeterNeumann+c74f20a3"),
        ("vkey.key-id", VKEY.replace("c74f20a3", "c74f20a4")),
        ("vkey.key-id", VKEY.replace("c74f20a3", "C74F20A3")),
        ("vkey.key-id", VKEY.replace("PeterNeumann", "peterNeumann")),
        ("vkey.base64", VKEY[:-1]),
        ("vkey.base64", "PeterNeumann+c74f20a3+"),
        ("note.key-name", VKEY.replace("PeterNeumann", "")),
        # golang.org/x/mod sumdb/note, note_test.go: a longer key; an unknown type.
        ("vkey.length", "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEQ=="),
        ("vkey.type", "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        ("vkey.label", "a+00000000+" + base64.b64encode(b"\xffanother-label" + b"\0" * 20).decode()),
    ],
)
def test_malformed_verifier_keys_are_refused_with_the_rule(rule: str, text: str) -> None:
    with pytest.raises(NoteMalformed) as refusal:
        VerifierKey.parse(text)
    assert refusal.value.rule == rule
