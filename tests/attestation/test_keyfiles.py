from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from Crypto.PublicKey import ECC
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account

from attestation.keyfiles import decrypt, encrypt
from attestation.keys import Algorithm, PrivateKey

PASSWORD = "käse 碳录"


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("fast", [True, False])
def test_key_files_open_with_their_password_only(world, algorithm: Algorithm, fast: bool) -> None:
    key = PrivateKey.generate(algorithm)
    data = encrypt(key, PASSWORD, fast=fast)
    opened = decrypt(data, PASSWORD)
    assert (opened.algorithm, opened.raw) == (algorithm, key.raw)
    for wrong in ("", PASSWORD + " "):
        with world.refused("keyfile.password", 0) as caught:
            decrypt(data, wrong)
        assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_key_files_never_hold_the_plain_key(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)
    one, two = (encrypt(key, PASSWORD, fast=True) for _ in range(2))
    assert one != two
    for data in (one, two):
        assert key.raw not in data
        assert key.raw.hex().encode() not in data


def test_an_es256k_file_is_a_keystore_that_wallets_open() -> None:
    key = PrivateKey.generate(Algorithm.ES256K)
    keystore = json.loads(encrypt(key, PASSWORD, fast=True))
    assert keystore["version"] == 3
    assert Account.decrypt(keystore, PASSWORD.encode()) == key.raw
    slow = json.loads(encrypt(key, PASSWORD))
    assert slow["crypto"]["kdf"] == "scrypt"
    assert slow["crypto"]["kdfparams"]["n"] >= 2**17


def test_an_ed25519_file_is_pkcs8_that_other_software_opens() -> None:
    key = PrivateKey.generate(Algorithm.ED25519)
    data = encrypt(key, PASSWORD, fast=True)
    other = serialization.load_pem_private_key(data, PASSWORD.encode())
    assert isinstance(other, Ed25519PrivateKey)
    assert other.private_bytes_raw() == key.raw


def test_an_es256_file_is_pkcs8_that_other_software_opens() -> None:
    key = PrivateKey.generate(Algorithm.ES256)
    other = ECC.import_key(encrypt(key, PASSWORD, fast=True), passphrase=PASSWORD.encode())
    assert (other.curve, int(other.d)) == ("NIST P-256", int.from_bytes(key.raw))


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
def test_openssl_opens_a_pkcs8_file(algorithm: Algorithm) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    key = PrivateKey.generate(algorithm)
    shown = subprocess.run(
        [openssl, "pkey", "-passin", "pass:secret", "-pubout", "-outform", "DER"],
        input=encrypt(key, "secret"),
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert shown.stdout.endswith(key.public.on_chain)


def test_pkcs8_files_of_ordinary_tools_open_too() -> None:
    key = PrivateKey.generate(Algorithm.ED25519)
    data = Ed25519PrivateKey.from_private_bytes(key.raw).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    assert decrypt(data, "secret").raw == key.raw
    made = ECC.construct(curve="P-256", d=77).export_key(
        format="PEM", use_pkcs8=True, passphrase="secret", protection="PBKDF2WithHMAC-SHA512AndAES256-CBC"
    )
    opened = decrypt(made.encode() if isinstance(made, str) else made, "secret")
    assert (opened.algorithm, int.from_bytes(opened.raw)) == (Algorithm.ES256, 77)


def test_files_of_another_form_are_refused(world) -> None:
    other_curve = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    keystore = json.loads(encrypt(PrivateKey.generate(Algorithm.ES256K), "secret", fast=True))
    damaged = keystore | {"crypto": keystore["crypto"] | {"kdf": "none"}}
    for data in (
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        b"-----BEGIN PRIVATE KEY-----",
        other_curve,
        json.dumps(keystore | {"version": 1}).encode(),
        json.dumps(damaged).encode(),
        json.dumps(keystore | {"crypto": keystore["crypto"] | {"mac": "00"}}).encode(),
    ):
        with world.refused("keyfile.form", 0):
            decrypt(data, "secret")


def test_an_empty_password_is_refused_before_anything_is_written(world) -> None:
    for algorithm in Algorithm:
        with world.refused("keyfile.password", 0):
            encrypt(PrivateKey.generate(algorithm), "", fast=True)
