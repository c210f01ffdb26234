"""Keystores of version 3: wallets' files are read, and one that asks for absurd work is refused before it is done."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest
from eth_keyfile import keyfile
from eth_keyfile.keyfile import create_keyfile_json

from attestation.errors import AttestationError
from attestation.keyfiles import decrypt
from attestation.keys import Algorithm

RAW = hashlib.sha256(b"a secret").digest()
PASSWORD = "käse 碳录"


def written(kdf: Any, work: int, **changes: Any) -> bytes:
    made = create_keyfile_json(RAW, PASSWORD.encode(), kdf=kdf, iterations=work)
    made["crypto"]["kdfparams"] |= changes
    return json.dumps(made).encode()


@pytest.mark.parametrize(("kdf", "work"), [("pbkdf2", 3), ("scrypt", 4)])
def test_what_wallets_write_is_read(kdf: str, work: int) -> None:
    found = decrypt(written(kdf, work), PASSWORD)
    assert (found.algorithm, found.raw) == (Algorithm.ES256K, RAW)


@pytest.mark.parametrize(
    ("kdf", "changes"),
    [
        ("pbkdf2", {"c": 10_000_001}),
        ("pbkdf2", {"c": 0}),
        ("pbkdf2", {"c": "2"}),
        ("scrypt", {"n": 2**21}),
        ("scrypt", {"n": -2}),
        ("scrypt", {"p": 17}),
        ("scrypt", {"r": None}),
    ],
    ids=str,
)
def test_a_file_that_asks_for_more_work_than_wallets_do_is_refused_before_it(
    kdf: str, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object) -> None:
        raise AssertionError("the work was begun")

    file = written(kdf, 4, **changes)
    monkeypatch.setattr(keyfile, "decode_keyfile_json", begun)
    with pytest.raises(AttestationError, match=r"keyfile\.form"):
        decrypt(file, PASSWORD)


def test_who_reads_no_keystore_loads_no_pairing_curves() -> None:
    code = "import sys, attestation.keyfiles; print('py_ecc' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "False\n"
