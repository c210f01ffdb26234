"""``tanlu keys add``, ``rotate``, ``revoke`` and ``compromise``, against a running service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attestation.keyfiles import decrypt
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.statements import RevokeKey
from tanlu.client import Client
from tanlu.errors import RefusedByService, ServiceUnavailable
from tanlu.keyring import read_card, write_key

from ...conftest import ENTERPRISE, METER, PARK, PASSWORD
from ..conftest import Json, Run
from .conftest import LI, WANG, WORKS, Office


def signed(path: Path) -> list[Path]:
    """What a key file keeps of what it signed."""
    return sorted(path.with_name(path.name + ".signed").glob("*/*/*.jws"))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_is_added_by_an_administration_key(
    answer: Json, office: Office, tmp_path: Path, algorithm: Algorithm
) -> None:
    out = tmp_path / "second.key"
    added = answer(
        "keys",
        "add",
        "--key",
        office.files[WORKS],
        "--algorithm",
        algorithm.value,
        "--purpose",
        "statement",
        "--out",
        out,
    )
    private = decrypt(out.read_bytes(), PASSWORD)
    assert (added["action"], added["identifier"], added["thumbprint"]) == ("add", WORKS, private.public.kid_name)
    logged = office.client.keys.find(private.public.kid_name)
    assert logged is not None
    assert (logged.identifier, logged.purposes, logged.activated_index) == (WORKS, ("statement",), added["index"])
    assert logged.authorised_by == office.thumbprint(WORKS)
    assert read_card(out).kid == f"{WORKS}#{private.public.kid_name}"


def test_a_new_key_may_have_a_password_of_its_own(answer: Json, office: Office, tmp_path: Path) -> None:
    secret, out = tmp_path / "secret", tmp_path / "second.key"
    secret.write_text("of its own\n")
    answer(
        "keys",
        "add",
        "--key",
        office.files[WORKS],
        "--purpose",
        "statement",
        "--out",
        out,
        "--new-password-file",
        secret,
    )
    assert decrypt(out.read_bytes(), "of its own").public.kid_name == read_card(out).public.kid_name


def test_a_second_es256k_key_needs_the_consent_of_the_first(answer: Json, office: Office, tmp_path: Path) -> None:
    first, second = tmp_path / "first.key", tmp_path / "second.key"
    add = ("keys", "add", "--key", office.files[WORKS], "--algorithm", "ES256K", "--purpose", "statement", "--out")
    answer(*add, first)
    size = office.size()
    assert answer(*add, second, code=1)["rule"] == "consent.evm_missing"
    assert answer(*add, second, "--consent", office.files[WANG], code=1)["rule"] == "consent.evm_signature"
    assert not second.exists()
    assert office.size() == size
    assert answer(*add, second, "--consent", first)["index"] == size


def test_an_account_on_chain_gets_no_es256k_key_without_its_word(answer: Json, office: Office, tmp_path: Path) -> None:
    """Not by the rotation of a key that the contract cannot verify, either."""
    first, out = tmp_path / "first.key", tmp_path / "rotated.key"
    key = office.files[WORKS]
    answer("keys", "add", "--key", key, "--algorithm", "ES256K", "--purpose", "statement", "--out", first)
    rotate = ("keys", "rotate", "--key", key, "--algorithm", "ES256K", "--out", out)
    assert answer(*rotate, code=1)["rule"] == "consent.evm_missing"
    assert not out.exists()
    assert answer(*rotate, "--consent", first)["algorithm"] == "ES256K"


def test_a_key_without_the_purpose_administration_adds_none(answer: Json, office: Office, tmp_path: Path) -> None:
    out = tmp_path / "second.key"
    arguments = ("keys", "add", "--key", office.files[ENTERPRISE], "--purpose", "statement", "--out", out)
    refused = answer(*arguments, code=1)
    assert (refused["rule"], refused["value"]) == ("purpose.key", "statement")
    assert not out.exists()
    assert not signed(office.files[ENTERPRISE]), "what would be refused takes no place in the stream"


@pytest.mark.parametrize("identifier", [METER, ENTERPRISE, WORKS])
def test_a_rotated_key_signs_nothing_more_and_its_successor_does(
    answer: Json, office: Office, tmp_path: Path, identifier: str
) -> None:
    out = tmp_path / "new.key"
    rotated = answer("keys", "rotate", "--key", office.files[identifier], "--out", out)
    old, new = office.thumbprint(identifier), decrypt(out.read_bytes(), PASSWORD)
    assert (rotated["replaces"], rotated["thumbprint"]) == (old, new.public.kid_name)
    assert new.algorithm is office.keys[identifier].algorithm
    before, after = office.client.keys.find(old), office.client.keys.find(new.public.kid_name)
    assert before is not None
    assert after is not None
    assert before.revoked_index == after.activated_index == rotated["index"]
    assert before.purposes == after.purposes
    again = answer("keys", "rotate", "--key", office.files[identifier], "--out", tmp_path / "third.key", code=1)
    assert (again["rule"], str(rotated["index"]) in again["expected"]) == ("key.revoked", True)
    assert answer("keys", "rotate", "--key", out, "--out", tmp_path / "third.key")["seq"] == rotated["seq"] + 1


def test_a_third_key_cannot_rotate_anothers(answer: Json, office: Office, tmp_path: Path) -> None:
    """Whatever its card says: the log knows whose a key is. Laws 6 and 7."""
    stranger, path = PrivateKey.generate(Algorithm.ED25519), tmp_path / "stranger.key"
    write_key(path, stranger, PASSWORD, identifier=METER, purposes=Purpose.DEVICE)
    refused = answer("keys", "rotate", "--key", path, "--out", tmp_path / "new.key", code=1)
    assert (refused["rule"], refused["value"]) == ("key.unknown", f"{METER}#{stranger.public.kid_name}")
    other = tmp_path / "other.key"
    write_key(other, office.keys[ENTERPRISE], PASSWORD, identifier=METER, purposes=Purpose.DEVICE)
    assert answer("keys", "rotate", "--key", other, "--out", tmp_path / "new.key", code=1)["rule"] == "key.unknown"
    found = office.client.keys.find(office.thumbprint(METER))
    assert found is not None
    assert found.revoked_index is None
    assert not (tmp_path / "new.key").exists()


@pytest.mark.parametrize("taken", ["new.key", "new.key.pub.json"])
def test_a_file_that_exists_is_not_written_over_and_nothing_is_sent(
    answer: Json, office: Office, tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).write_text("precious")
    size = office.size()
    for command in (("rotate",), ("add", "--purpose", "device")):
        refused = answer("keys", *command, "--key", office.files[METER], "--out", tmp_path / "new.key", code=1)
        assert (refused["rule"], refused["value"]) == ("file.exists", taken)
    assert (tmp_path / taken).read_text() == "precious"
    assert office.size() == size


def test_a_wrong_password_is_refused(answer: Json, office: Office, tmp_path: Path) -> None:
    wrong, out = tmp_path / "wrong", tmp_path / "new.key"
    wrong.write_text("another\n")
    for command in (("rotate", "--out", out), ("revoke", office.thumbprint(METER))):
        refused = answer("keys", *command, "--key", office.files[METER], "--password-file", wrong, code=1)
        assert refused["rule"] == "keyfile.password"
    assert not out.exists()


def test_the_new_keys_file_is_there_before_anything_is_sent(
    answer: Json, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that is killed at any moment never leaves a logged key without its file."""
    out, send, seen = tmp_path / "new.key", Client.submit, []

    def watched(client: Client, statement: bytes, **options: Any) -> Any:
        (kept,) = signed(office.files[METER])
        seen.append((decrypt(out.read_bytes(), PASSWORD).public, kept.read_bytes().strip() == statement))
        return send(client, statement, **options)

    monkeypatch.setattr(Client, "submit", watched)
    rotated = answer("keys", "rotate", "--key", office.files[METER], "--out", out)
    assert [(key.kid_name, kept) for key, kept in seen] == [(rotated["thumbprint"], True)]


def test_after_a_lost_answer_the_kept_bytes_bring_the_key_and_its_file(
    run: Run, answer: Json, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new.key"
    with monkeypatch.context() as lost:
        lost.setattr(Client, "submit", _lost)
        result = run("keys", "rotate", "--key", office.files[METER], "--out", out)
    assert result.exit_code == 3
    (kept,) = signed(office.files[METER])
    assert str(kept) in result.stderr
    assert str(out) in result.stderr
    new = read_card(out).public.kid_name
    assert office.client.keys.find(new) is None
    answer("submit", kept)
    assert office.client.keys.find(new) is not None


def test_the_same_words_after_a_lost_answer_are_the_same_statement(
    answer: Json, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second signature with another time would leave the first one's place a gap."""
    command = ("keys", "revoke", office.thumbprint(METER), "--reason", "lost", "--key", office.files[PARK])
    with monkeypatch.context() as lost:
        lost.setattr(Client, "submit", _lost)
        assert answer(*command, code=3)["rule"] == "service.unavailable"
    (kept,) = signed(office.files[PARK])
    revoked = answer(*command)
    assert office.client.entry(revoked["index"]).entry.encode() == kept.read_bytes().strip()
    assert office.client.stream(PARK, "keys").missing == 0


def test_a_refusal_by_the_log_leaves_the_new_keys_file_and_says_so(
    run: Run, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else is quicker: what could not be known before."""
    out, send = tmp_path / "new.key", Client.submit
    body = RevokeKey(thumbprint=office.thumbprint(METER), identifier=METER)
    first = office.world.sign("key", PARK, office.world.registrar, "decisions", 1, body)

    def second(client: Client, statement: bytes, **options: Any) -> Any:
        send(office.client, first)
        return send(client, statement, **options)

    monkeypatch.setattr(Client, "submit", second)
    result = run("keys", "rotate", "--key", office.files[METER], "--out", out, "--lang", "zh")
    assert result.exit_code == 1
    assert "[key.revoked]" in result.stderr, result.stderr
    assert f"{out} 仍保留" in result.stderr
    assert office.client.keys.find(decrypt(out.read_bytes(), PASSWORD).public.kid_name) is None


@pytest.mark.parametrize("who", [METER, PARK])
def test_a_key_is_revoked_by_itself_or_by_the_registrar(answer: Json, office: Office, who: str) -> None:
    thumbprint = office.thumbprint(METER)
    revoked = answer("keys", "revoke", thumbprint, "--key", office.files[who])
    found = office.client.keys.find(thumbprint)
    assert found is not None
    assert (found.revoked_index, revoked["identifier"]) == (revoked["index"], METER)
    again = answer("keys", "revoke", thumbprint, "--key", office.files[PARK], code=1)
    assert again["rule"] == "revocation.repeated"


@pytest.mark.parametrize(
    ("who", "of", "rule"),
    [(WORKS, METER, "purpose.holder"), (ENTERPRISE, METER, "purpose.key"), (PARK, PARK, "key.root")],
)
def test_who_has_no_say_revokes_nothing(answer: Json, office: Office, who: str, of: str, rule: str) -> None:
    size = office.size()
    assert answer("keys", "revoke", office.thumbprint(of), "--key", office.files[who], code=1)["rule"] == rule
    assert office.size() == size
    assert not signed(office.files[who])


def test_an_unknown_thumbprint_is_refused(answer: Json, office: Office) -> None:
    unknown = PrivateKey.generate(Algorithm.ED25519).public.kid_name
    for command in (("revoke", unknown), ("compromise", unknown, "--since", 3, "--reason", "stolen")):
        refused = answer("keys", *command, "--key", office.files[PARK], code=1)
        assert (refused["rule"], refused["value"]) == ("key.absent", unknown)
    assert answer("keys", "flagged", unknown, code=1)["rule"] == "keys.unknown"


def test_what_is_no_thumbprint_is_refused_before_anything_is_asked(
    answer: Json, office: Office, free_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{free_port}"
    for command in (("revoke", "nonsense"), ("compromise", "nonsense", "--since", 3, "--reason", "stolen")):
        refused = answer("keys", *command, "--key", office.files[PARK], "--server", nowhere, code=1)
        assert (refused["rule"], refused["value"]) == ("thumbprint.format", "nonsense")


def test_a_declared_key_is_revoked_and_what_it_signed_since_is_flagged(run: Run, answer: Json, office: Office) -> None:
    world, thumbprint = office.world, office.thumbprint(METER)
    indexes = [office.client.submit(world.reading(seq)).index for seq in (1, 2, 3)]
    command = ("keys", "compromise", thumbprint, "--reason", "taken", "--key", office.files[PARK], "--since")
    declared = answer(*command, indexes[1])
    assert declared["compromised_since"] == indexes[1]
    flagged = answer("keys", "flagged", thumbprint)
    assert (flagged["identifier"], flagged["compromised_since"]) == (METER, indexes[1])
    assert [(one["index"], one["why"]) for one in flagged["entries"]] == [(at, "direct") for at in indexes[1:]]
    with pytest.raises(RefusedByService) as refused:
        office.client.submit(world.reading(4))
    assert refused.value.rule == "key.revoked"
    assert answer(*command, indexes[2], code=1)["rule"] == "compromise.repeated"
    for place in (("list", METER), ("show", thumbprint)):
        assert f"not believed from entry {indexes[1]} on" in run("keys", *place).stdout
        assert f"自第 {indexes[1]} 条记录起不再可信" in run("keys", *place, "--lang", "zh").stdout
    assert [key["compromised_since"] for key in answer("keys", "list", METER)["keys"]] == [indexes[1]]


def test_a_position_outside_the_keys_life_is_refused(answer: Json, office: Office) -> None:
    size = office.size()
    command = ("keys", "compromise", office.thumbprint(METER), "--reason", "x", "--key", office.files[PARK], "--since")
    for since in (size + 1, size + 1_000, 2):
        refused = answer(*command, since, code=1)
        assert (refused["rule"], refused["value"]) == ("compromise.since", str(since))
    assert not signed(office.files[PARK])
    assert answer(*command, size)["index"] == size, "nothing is flagged, but from here on nothing is believed"


def test_only_the_registrar_names_the_position(answer: Json, office: Office) -> None:
    command = ("keys", "compromise", office.thumbprint(WORKS), "--reason", "x", "--since", 4, "--key")
    for who in (WORKS, LI):
        assert answer(*command, office.files[who], code=1)["rule"] == "purpose.registrar"


def _lost(client: Client, statement: bytes, **options: Any) -> Any:
    raise ServiceUnavailable(client.base_url, "the answer was lost")
