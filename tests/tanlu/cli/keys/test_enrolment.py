"""``tanlu keys new``, ``request`` and ``enrol``: encrypted files, public cards, enrolment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.keyfiles import decrypt
from attestation.keys import Algorithm, PrivateKey, Purpose
from tanlu.client import Client

from ...conftest import ENTERPRISE, METER, PARK, PASSWORD, KeyFile, World
from ..conftest import Json, Run


@pytest.mark.parametrize(
    ("algorithm", "begins"), [("Ed25519", b"-----BEGIN ENCRYPTED PRIVATE KEY-----"), ("ES256K", b"{")]
)
def test_a_new_key_is_encrypted_in_its_standard_form(
    answer: Json, tmp_path: Path, algorithm: str, begins: bytes
) -> None:
    path = tmp_path / "a.key"
    made = answer("keys", "new", "--identifier", METER, "--algorithm", algorithm, "--purpose", "device", "--out", path)
    data = path.read_bytes()
    assert data.startswith(begins)
    assert path.stat().st_mode & 0o777 == 0o600
    private = decrypt(data, PASSWORD)
    assert private.algorithm.value == algorithm
    assert private.raw.hex() not in data.decode()
    assert made["kid"] == f"{METER}#{private.public.kid_name}"
    assert made["thumbprint"] == private.public.kid_name
    card = json.loads(Path(made["card"]).read_text())
    assert (card["identifier"], card["purposes"], card["jwk"]) == (METER, ["device"], private.public.to_jwk())
    assert answer("keys", "show", path)["kid"] == made["kid"]


def test_a_key_is_never_written_over(answer: Json, tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    arguments = ("keys", "new", "--identifier", METER, "--purpose", "device", "--out", path)
    answer(*arguments)
    before = path.read_bytes()
    assert answer(*arguments, code=1)["rule"] == "file.exists"
    path.with_name("a.key.pub.json").unlink()
    assert answer(*arguments, code=1)["rule"] == "file.exists"
    assert path.read_bytes() == before


def test_a_password_comes_from_a_file_or_a_prompt_and_is_never_empty(
    run: Run, answer: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("keys", "new", "--identifier", METER, "--purpose", "device", "--out")
    secret = tmp_path / "secret"
    secret.write_text("from a file\nsecond line\n")
    answer(*arguments, tmp_path / "filed.key", "--password-file", secret)
    decrypt((tmp_path / "filed.key").read_bytes(), "from a file")
    secret.write_text("\n")
    assert answer(*arguments, tmp_path / "x.key", "--password-file", secret, code=1)["rule"] == "password.empty"
    monkeypatch.delenv("TANLU_KEY_PASSWORD")
    result = run(*arguments, tmp_path / "asked.key", input="typed\ntyped\n")
    assert result.exit_code == 0
    assert "typed" not in result.output
    decrypt((tmp_path / "asked.key").read_bytes(), "typed")


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("--identifier", "no identifier", "--purpose", "device"), "identifier.characters"),
        (("--identifier", "88.608/x", "--purpose", "device"), "identifier.form"),
    ],
)
def test_an_identifier_of_bad_form_is_refused(
    answer: Json, tmp_path: Path, arguments: tuple[str, ...], rule: str
) -> None:
    assert answer("keys", "new", *arguments, "--out", tmp_path / "a.key", code=1)["rule"] == rule
    assert not (tmp_path / "a.key").exists()


def test_a_card_of_another_key_is_found(answer: Json, key_file: KeyFile, world: World, tmp_path: Path) -> None:
    path = key_file(world.meter, METER, Purpose.DEVICE)
    other = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    path.with_name(path.name + ".pub.json").write_bytes(other.with_name(other.name + ".pub.json").read_bytes())
    refused = answer("keys", "request", path, "--kind", "device", "--out", tmp_path / "r.json", code=1)
    assert refused["rule"] == "card.other_key"


def test_a_wrong_password_is_refused(
    answer: Json, key_file: KeyFile, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(world.meter, METER, Purpose.DEVICE)
    monkeypatch.setenv("TANLU_KEY_PASSWORD", "another")
    refused = answer("keys", "request", path, "--kind", "device", "--out", tmp_path / "r.json", code=1)
    assert refused["rule"] == "keyfile.password"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_request_is_enrolled_by_the_registrar_and_resolves(
    answer: Json, key_file: KeyFile, world: World, client: Client, tmp_path: Path, algorithm: Algorithm
) -> None:
    key = PrivateKey.generate(algorithm)
    new = key_file(key, "88.608.5288/B", Purpose.STATEMENT)
    registrar = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    request = tmp_path / "request.json"
    answer("keys", "request", new, "--kind", "enterprise", "--out", request)
    enrolled = answer("keys", "enrol", request, "--registrar-key", registrar, "--server", client.base_url)
    # The fixture has signed seq 1 to 3 of the same stream elsewhere: the log knows.
    assert (enrolled["identifier"], enrolled["index"], enrolled["seq"]) == ("88.608.5288/B", 3, 4)
    found = client.identifier("88.608.5288/B")
    assert found is not None
    assert [each["thumbprint"] for each in found["keys"]] == [key.public.kid_name]


@pytest.mark.parametrize("member", ["identifier", "purposes", "jwk", "possession", "log"])
def test_a_request_altered_on_its_way_is_refused_before_it_is_signed(
    answer: Json, key_file: KeyFile, world: World, tmp_path: Path, member: str
) -> None:
    new = key_file(world.meter, METER, Purpose.DEVICE)
    registrar = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    path = tmp_path / "request.json"
    answer("keys", "request", new, "--kind", "device", "--parent", ENTERPRISE, "--out", path)
    request = json.loads(path.read_text())
    body = request["body"]
    if member == "identifier":
        body["subject"]["identifier"] = "88.608.5288/OTHER"
    elif member == "purposes":
        body["key"]["purposes"] = ["device", "statement"]
    elif member == "jwk":
        body["key"]["jwk"] = PrivateKey.generate(Algorithm.ED25519).public.to_jwk()
    elif member == "possession":
        body["possession"] = body["possession"][:-4] + "AAAA"
    else:
        request["log"] = "other.test/log/" + "0" * 64
    path.write_text(json.dumps(request))
    out = tmp_path / "statement.jws"
    refused = answer("keys", "enrol", path, "--registrar-key", registrar, "--out", out, code=1)
    assert refused["rule"].startswith("request.log" if member == "log" else "possession.")
    assert not out.exists()
    assert not registrar.with_name(registrar.name + ".signed").exists()


def test_an_enrolment_can_be_signed_offline_and_submitted_later(
    answer: Json, key_file: KeyFile, world: World, client: Client, tmp_path: Path
) -> None:
    new = key_file(PrivateKey.generate(Algorithm.ED25519), "88.608.5288/C", Purpose.STATEMENT)
    registrar = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    request, out = tmp_path / "request.json", tmp_path / "statement.jws"
    answer("keys", "request", new, "--kind", "enterprise", "--out", request)
    signed = answer("keys", "enrol", request, "--registrar-key", registrar, "--seq", 4, "--out", out)
    assert (signed["seq"], client.identifier("88.608.5288/C")) == (4, None)
    submitted = answer("submit", out, "--server", client.base_url)
    assert submitted["results"][0]["index"] == 3
    assert client.identifier("88.608.5288/C") is not None


def test_a_refused_enrolment_takes_no_place_in_the_registrars_stream(
    answer: Json, key_file: KeyFile, world: World, client: Client, tmp_path: Path
) -> None:
    registrar = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    enrol = ("keys", "enrol", "--registrar-key", registrar, "--server", client.base_url)
    for name, identifier, parent, rule in (
        ("known", METER, ENTERPRISE, "enrolment.known"),
        ("orphan", "88.608.5288/M2", "88.608.5288/NOBODY", "subject.parent_unknown"),
        ("child", "88.608.5288/M3", METER, "subject.parent_kind"),
        ("good", "88.608.5288/M4", ENTERPRISE, None),
    ):
        folder = tmp_path / name
        folder.mkdir()
        new, asked = folder / "new.key", folder / "request.json"
        answer("keys", "new", "--identifier", identifier, "--purpose", "device", "--out", new)
        answer("keys", "request", new, "--kind", "device", "--parent", parent, "--out", asked)
        done = answer(*enrol, asked, code=0 if rule is None else 1)
        assert done["seq" if rule is None else "rule"] == (rule or 4)
    assert client.stream(PARK, "keys").missing == 0
