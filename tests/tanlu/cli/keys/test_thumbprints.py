"""One thumbprint of 64 begins with a hyphen: it is no option."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose

from ...conftest import ENTERPRISE, PARK
from ..conftest import Json, Run
from .conftest import Office


def beginning(start: str) -> PrivateKey:
    """A key whose thumbprint begins so."""
    while True:
        key = PrivateKey.generate(Algorithm.ED25519)
        if key.public.kid_name.startswith(start):
            return key


@pytest.mark.parametrize("start", ["-", "-h"])
def test_commands_take_a_thumbprint_that_begins_with_a_hyphen(answer: Json, office: Office, start: str) -> None:
    """`-h` asks for help elsewhere."""
    key, meter = beginning(start), "88.608.5288/A_METER_9"
    office.client.enrol(office.world.key(meter, Kind.DEVICE, key, Purpose.DEVICE, parent=ENTERPRISE))
    thumbprint, root = key.public.kid_name, ("--key", office.files[PARK])
    assert answer("keys", "show", thumbprint)["identifier"] == meter
    since = office.size()
    declared = answer("keys", "compromise", thumbprint, "--since", since, "--reason", "x", *root)
    assert declared["thumbprint"] == thumbprint
    assert answer("keys", "flagged", thumbprint)["compromised_since"] == since
    assert answer("keys", "revoke", *root, thumbprint, code=1)["rule"] == "revocation.repeated"


def test_a_lost_key_may_have_such_a_thumbprint(answer: Json, tmp_path: Path) -> None:
    new = tmp_path / "new.key"
    answer("keys", "new", "--identifier", "88.608.5288/A", "--purpose", "statement", "--out", new)
    lost = beginning("-").public.kid_name
    asked = answer("keys", "recover", "request", new, "--replaces", lost, "--reason", "x", "--out", tmp_path / "r.json")
    assert asked["request"]["body"]["replaces"] == lost


def test_a_mistyped_option_is_still_a_mistake(run: Run, office: Office) -> None:
    for words in (("revoke", "--raeson", "x"), ("show", "-x"), ("flagged", "--sinse", "1")):
        assert run("keys", *words).exit_code == 2
