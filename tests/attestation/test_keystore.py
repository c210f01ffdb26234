"""Keystores of version 3 are those of the usual library, both ways; what is none, or costs too much, is refused."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Any

import pytest
from eth_account import Account
from eth_keyfile import create_keyfile_json, decode_keyfile_json

from attestation import keystore
from attestation.keystore import Damaged, WrongPassword, decrypt_keystore, encrypt_keystore

RAW = hashlib.sha256(b"a secret").digest()
ADDRESS = bytes.fromhex(Account.from_key(RAW).address[2:])
PASSWORD = "käse 碳录".encode()


def written(**changes: Any) -> dict[str, Any]:
    made = encrypt_keystore(RAW, ADDRESS, PASSWORD, rounds=2)
    return made | {"crypto": made["crypto"] | changes}


def derivation(kdf: str, **changes: Any) -> dict[str, Any]:
    """Members of a file whose key derivation is asked for differently."""
    usual: dict[str, Any] = {"dklen": 32, "salt": "00" * 16}
    usual |= {"c": 2, "prf": "hmac-sha256"} if kdf == "pbkdf2" else {"n": 2, "r": 8, "p": 1}
    return {"kdf": kdf, "kdfparams": usual | changes}


@pytest.mark.parametrize("rounds", [2, None])
def test_the_usual_library_opens_what_is_written(rounds: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystore, "SCRYPT_COST", 2**4)
    made = encrypt_keystore(RAW, ADDRESS, PASSWORD, rounds=rounds)
    assert decode_keyfile_json(made, PASSWORD) == RAW
    assert decrypt_keystore(made, PASSWORD) == RAW
    assert bytes.fromhex(made["address"]) == ADDRESS


@pytest.mark.parametrize(("kdf", "work"), [("pbkdf2", 3), ("scrypt", 4)])
def test_what_the_usual_library_writes_is_opened(kdf: Any, work: int) -> None:
    made = create_keyfile_json(RAW, PASSWORD, kdf=kdf, iterations=work)
    assert decrypt_keystore(made, PASSWORD) == RAW


def test_another_password_and_another_ciphertext_are_told_by_the_mac() -> None:
    for password, file in ((b"", written()), (b"other", written()), (PASSWORD, written(ciphertext="00" * 32))):
        with pytest.raises(WrongPassword):
            decrypt_keystore(file, password)


@pytest.mark.parametrize(
    "changes",
    [
        {"cipher": "aes-256-gcm"},
        {"cipherparams": {}},
        {"cipherparams": {"iv": "00"}},
        {"ciphertext": 5},
        {"ciphertext": "no hex"},
        {"kdf": "none"},
        {"kdfparams": None},
        {"mac": "00"},
        derivation("pbkdf2", prf="hmac-md5"),
        derivation("pbkdf2", c=0),
        derivation("pbkdf2", c="2"),
        derivation("pbkdf2", c=2**70),
        derivation("pbkdf2", dklen=16),
        derivation("scrypt", n=3),
        derivation("scrypt", n=-2),
        derivation("scrypt", r=0),
        derivation("scrypt", p=-1),
        derivation("scrypt", salt=None),
    ],
    ids=str,
)
def test_what_is_no_keystore_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Damaged):
        decrypt_keystore(written(**changes), PASSWORD)


@pytest.mark.parametrize(
    "asked", [derivation("pbkdf2", c=10_000_001), derivation("scrypt", n=2**21), derivation("scrypt", p=17)], ids=str
)
def test_a_file_that_asks_for_more_work_than_wallets_do_is_refused_before_it(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def derived(**_: object) -> None:
        raise AssertionError("the work was begun")

    file = written(**asked)
    monkeypatch.setattr(keystore, "Scrypt", derived)
    monkeypatch.setattr(keystore, "PBKDF2HMAC", derived)
    with pytest.raises(Damaged):
        decrypt_keystore(file, PASSWORD)


def test_who_signs_loads_no_pairing_curves() -> None:
    code = "import sys, attestation.keyfiles; print('py_ecc' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "False\n"
