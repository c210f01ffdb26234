"""A deployment of its own for one test: made by `tanlu init`, on free loopback ports, run by documented commands."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from attestation.keyfiles import decrypt, encrypt
from attestation.keys import PrivateKey
from attestation.typed_data import Domain
from ganache import free_port

COMMAND_DEADLINE_SECONDS = 60.0


class Role(StrEnum):
    """The processes of a deployment. `WHOLE` is the service with all three roles in one process."""

    CHAIN = "chain"
    WITNESS = "witness"
    SERVICE = "service"
    SEQUENCER = "sequencer"
    RELAYER = "relayer"
    WHOLE = "whole"


APART = (Role.CHAIN, Role.WITNESS, Role.SERVICE, Role.SEQUENCER, Role.RELAYER)
"""Five processes, each role of the service on its own."""
TOGETHER = (Role.CHAIN, Role.WITNESS, Role.WHOLE)
"""The default: the service in one process."""


def tanlu(*arguments: str) -> list[str]:
    """The command line of one `tanlu` command with JSON answers: the installed entry point, else the same function."""
    script = Path(sys.executable).with_name("tanlu")
    program = [str(script)] if script.exists() else [sys.executable, "-c", "from tanlu.cli import main; main()"]
    return [*program, "--json", *arguments]


@dataclass(frozen=True)
class Installation:
    """A home directory and the ports that its configuration names."""

    home: Path
    rpc_port: int
    port: int
    witness_port: int

    @classmethod
    def make(cls, home: Path, *, recovery_delay: int = 604_800) -> Installation:
        """Make the deployment; `home` must not exist."""
        ports: set[int] = set()
        while len(ports) < 3:
            ports.add(free_port())
        made = cls(home, *ports)
        run_tanlu(
            "init",
            *("--home", str(home)),
            *("--rpc-port", str(made.rpc_port)),
            *("--port", str(made.port)),
            *("--witness-port", str(made.witness_port)),
            *("--recovery-delay", str(recovery_delay)),
        )
        made._cheapen()
        return made

    def _cheapen(self) -> None:
        """What the registrar's password costs is tried elsewhere; here every second command opens this file."""
        folder = self.home / "administration"
        password = (folder / "password").read_text().strip()
        (folder / "registrar.pem").write_bytes(encrypt(self.registrar(), password, fast=True))

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def rpc_url(self) -> str:
        """Where the chain answers."""
        return f"http://127.0.0.1:{self.rpc_port}"

    @property
    def trust_file(self) -> Path:
        """The trust file."""
        return self.home / "trust.json"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "tanlu.sqlite3"

    @cached_property
    def trust(self) -> dict[str, Any]:
        """The trust file's members, read as plain JSON: the tests' own reading of docs/design.md §6."""
        return dict(json.loads(self.trust_file.read_bytes()))

    @property
    def registry(self) -> Domain:
        """The EIP-712 domain in which new keys prove possession."""
        return self._domain("identifier_registry")

    @property
    def emissions(self) -> Domain:
        """The EIP-712 domain in which verifiers sign figures."""
        return self._domain("emissions_registry")

    @property
    def units(self) -> Domain:
        """The EIP-712 domain in which two persons sign what happens to units."""
        return self._domain("carbon_ledger")

    @property
    def exchange(self) -> Domain:
        """The EIP-712 domain in which orders, moves, terms and cash are signed."""
        return self._domain("exchange")

    def _domain(self, name: str) -> Domain:
        contract = bytes.fromhex(self.trust["contracts"][name].removeprefix("0x"))
        return Domain(self.trust["chain_id"], contract, bytes.fromhex(self.trust["deployment_id"].removeprefix("0x")))

    def registrar(self) -> PrivateKey:
        """The registrar's key, from the administration's folder."""
        folder = self.home / "administration"
        return decrypt((folder / "registrar.pem").read_bytes(), (folder / "password").read_text().strip())

    def first_entry(self) -> bytes:
        """The registrar's own `key` statement: entry 0."""
        return (self.home / "administration" / "registrar.jws").read_bytes().strip()

    def command(self, role: Role) -> list[str]:
        """What an operator types to run one process."""
        home = ("--home", str(self.home))
        if role is Role.CHAIN:
            return tanlu("node", *home)
        if role is Role.WITNESS:
            return tanlu("witness", *home)
        if role is Role.WHOLE:
            return tanlu("serve", *home)
        return tanlu("serve", *home, "--roles", "api" if role is Role.SERVICE else role.value)


def run_tanlu(
    *arguments: str, env: dict[str, str] | None = None, code: int = 0, program: Path | None = None
) -> dict[str, Any]:
    """Run one command to its end and return its JSON answer; any other exit code than `code` is a failure. `program`
    is what to run in place of the installed entry point."""
    command = [str(program), "--json", *arguments] if program else tanlu(*arguments)
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=COMMAND_DEADLINE_SECONDS, env=env, check=False
    )
    assert done.returncode == code, f"tanlu {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return dict(json.loads(done.stdout.splitlines()[-1]))
