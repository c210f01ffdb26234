"""One deployment for all tests of this folder: real processes of chain, witness and service, commands as typed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from attestation.keyfiles import encrypt
from tanlu.cli import main
from tests.e2e import forked
from tests.faults.installation import TOGETHER, Installation, run_tanlu
from tests.faults.sign_in import SignedIn, as_registrar
from tests.faults.supervision import Operator

PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Deployment:
    """A running installation, and a folder for what its users keep."""

    installation: Installation
    folder: Path

    def tanlu(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """One command as a user types it, with server, trust file and password in the environment."""
        environment = os.environ | self._environment()
        return run_tanlu(*self._carried(arguments), env=environment, code=code, program=forked.folder() / "tanlu")

    def at_once(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The same command without a process of its own, for what a test needs and is not about: starting one costs a
        second of a processor, and so does a key file's password, which is cheap here."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tanlu.keyring.encrypt", partial(encrypt, fast=True))
            words = ["--json", *self._carried(arguments)]
            done = CliRunner().invoke(main, words, env=self._environment(), prog_name="tanlu")
        assert done.exit_code == code, f"tanlu {' '.join(arguments)}: exit {done.exit_code}\n{done.output}"
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _environment(self) -> dict[str, str]:
        return {
            "TANLU_SERVER": self.installation.url,
            "TANLU_TRUST": str(self.installation.trust_file),
            "TANLU_KEY_PASSWORD": PASSWORD,
        }

    def _carried(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        if arguments[0] in {"submit", "receipt"} or arguments[:2] in {("report", "submit"), ("report", "build")}:
            # What carries and reads here is the administration, unless a test says who.
            arguments += () if "--as" in arguments else ("--as", self.registrar_key(), *self.registrar())
        return arguments

    @cached_property
    def who(self) -> SignedIn:
        """Signs in as the administration, for requests without the SDK."""
        return as_registrar(self.installation)

    def path(self, name: str) -> str:
        """A file of the users."""
        return str(self.folder / name)

    def registrar(self) -> tuple[str, ...]:
        """Options that sign as the registrar."""
        office = self.installation.home / "administration"
        return ("--password-file", str(office / "password"))

    def registrar_key(self) -> str:
        """The registrar's key file."""
        return str(self.installation.home / "administration" / "registrar.pem")

    def enrol(self, name: str, identifier: str, kind: str, purpose: str, *options: str, algorithm: str) -> str:
        """Make a key, ask for its enrolment, enrol it; the key file."""
        key, request = self.path(f"{name}.key"), self.path(f"{name}.request.json")
        self.at_once(
            "keys", "new", "--identifier", identifier, "--algorithm", algorithm, "--purpose", purpose, "-o", key
        )
        self.at_once("keys", "request", key, "--kind", kind, *options, "-o", request)
        self.at_once("keys", "enrol", request, "--registrar-key", self.registrar_key(), *self.registrar())
        return key

    def publish(self, name: str, *policy: str) -> None:
        """Build, sign and submit a policy as the registrar."""
        body, signed = self.path(f"{name}.json"), self.path(f"{name}.jws")
        self.at_once("policy", *policy, "--effective-from", "2018-01-01", "-o", body)
        key = ("--key", self.registrar_key(), *self.registrar())
        self.at_once("sign", "policy", body, *key, "--stream", "policies", "-o", signed)
        self.at_once("submit", signed)

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the users."""
        return dict(json.loads((self.folder / name).read_bytes()))


FACTORS = "cets-steel@03.01-v01-2024"


@pytest.fixture(scope="session")
def policies(deployment: Deployment) -> str:
    """Factor set and obligation base are published; the factor set's name."""
    deployment.publish("factors", "factor-set", FACTORS)
    deployment.publish("base", "obligation-base", "--year", "2018", "--base", "direct+energy", "--version", "1")
    return FACTORS


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("e2e")
    installation = Installation.make(folder / "home")
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER) as operator:
        made = Deployment(installation, users)
        made.at_once("submit", str(installation.home / "administration" / "registrar.jws"))
        yield made
    ended = [(ending.role.value, ending.cause, ending.status) for ending in operator.endings]
    assert sorted(ended) == [("chain", "stop", 0), ("whole", "stop", 0), ("witness", "stop", 0)]
