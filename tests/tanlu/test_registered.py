"""What a registered figure is judged by: words of a registration of that very case (DOMAIN 2, 44)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from attestation.bodies import Registration
from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey
from attestation.statements import Body, build
from ledger.errors import ReceiptRefused
from ledger.trust import Trust
from tanlu.errors import InputRefused
from tanlu.registered import read_receipt, read_words, require_case
from tanlu.trustfile import load_trust

from .conftest import ENTERPRISE, ORIGIN

VERIFIER = "88.608.2001/V"
REGISTRATION = Registration(
    verification="ab" * 32, enterprise=ENTERPRISE, year=2018, tonnes=9, revision=2, signature="0x" + "07" * 64
)


@pytest.fixture
def trust(trust_file: Path) -> Trust:
    return load_trust(trust_file)


def said(folder: Path, type_: str, body: Body, log: str = ORIGIN) -> Path:
    key = PrivateKey.generate(Algorithm.ED25519)
    path = folder / "said.jws"
    path.write_bytes(build(type_, log=log, iss=VERIFIER, key=key, iat=1, stream="cases", seq=1, body=body))
    return path


def test_words_are_those_of_the_signed_registration(tmp_path: Path, trust: Trust) -> None:
    words = read_words(said(tmp_path, "registration", REGISTRATION), trust)
    assert (words.enterprise, words.year, words.tonnes, words.revision) == (ENTERPRISE, 2018, 9, 2)
    assert words.signature == b"\x07" * 64


@pytest.mark.parametrize(("enterprise", "year"), [("88.608.5289/B", 2018), (ENTERPRISE, 2019)])
def test_words_of_another_case_are_refused(tmp_path: Path, trust: Trust, enterprise: str, year: int) -> None:
    words = read_words(said(tmp_path, "registration", REGISTRATION), trust)
    require_case(words, ENTERPRISE, 2018)
    with pytest.raises(InputRefused) as caught:
        require_case(words, enterprise, year)
    assert (caught.value.rule, caught.value.expected) == ("registered.case", f"{enterprise} {year}")


def test_another_logs_registration_is_refused(tmp_path: Path, trust: Trust) -> None:
    path = said(tmp_path, "registration", REGISTRATION, log="another.test/log/" + "00" * 32)
    with pytest.raises(AttestationError):
        read_words(path, trust)


def test_a_signature_of_another_form_is_refused(tmp_path: Path, trust: Trust) -> None:
    wrong = msgspec.structs.replace(REGISTRATION, signature="0x07")
    with pytest.raises(AttestationError) as caught:
        read_words(said(tmp_path, "registration", wrong), trust)
    assert caught.value.rule == "hex.format"


def test_what_is_no_receipt_is_refused(tmp_path: Path, trust: Trust) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    for read in (read_receipt, lambda given: read_words(given, trust)):
        with pytest.raises(ReceiptRefused):
            read(path)
