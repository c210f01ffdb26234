"""Units by commands, through real processes and a real chain, as docs/quota.md has it: its blocks are run word for word
(DOMAIN 2 to 5, 22 to 24)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attestation.keyfiles import decrypt, encrypt
from tests.e2e import forked
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_case_by_command import AtOnce
from tests.faults.installation import TOGETHER, Installation
from tests.faults.supervision import Operator

pytestmark = [pytest.mark.chain, pytest.mark.long, pytest.mark.timeout(900)]

PAGE = Path(__file__).parents[2] / "docs" / "quota.md"
WORKS, PARK, BUREAU = "88.608.5288/A", "88.608.1/PARK", "88.608.2/BUREAU"
YEAR, QUOTA, TONNES = "2018", "quota-2018", 1_000
BLOCK_SECONDS = 300.0


def blocks() -> list[str]:
    section = PAGE.read_text("utf-8").partition("## By command")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A deployment, and the folder in which the page's commands are typed."""

    deployed: AtOnce

    def run(self, script: str, code: int = 0) -> str:
        """A block of the page; stops at the first failure."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("TANLU_")} | {
            "TANLU_SERVER": self.deployed.installation.url,
            "TANLU_TRUST": str(self.deployed.installation.trust_file),
            "TANLU_KEY_PASSWORD": PASSWORD,
            "PATH": f"{forked.folder()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.deployed.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        assert done.returncode == code, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def asked(self, *words: str, code: int = 0) -> dict[str, Any]:
        return self.deployed.tanlu(*words, code=code)

    def key(self, name: str) -> str:
        return self.deployed.path(f"{name}.key")

    def holds(self) -> dict[str, tuple[int, int]]:
        """Free and frozen tonnes of the enterprise by asset."""
        told = self.asked("account", "show", WORKS, "--as", self.key("a.asset"))
        return {one["asset"]: (one["registry"], one["frozen"]) for one in told["holdings"]}

    def determine(self) -> None:
        """The figure that is to be met, by two persons (DOMAIN 10)."""
        figure, grounds = self.deployed.path("figure.json"), self.deployed.path("grounds.txt")
        Path(grounds).write_text("capacity")
        self.asked(
            *("case", "determine", "prepare", WORKS, YEAR, "--tonnes", str(TONNES), "--cause", "no-report"),
            *("--method", "capacity", "--document", grounds, "--reason", "no report came", "-o", figure),
        )
        approvals: list[str] = []
        for name in ("wang", "li"):
            out = self.deployed.path(f"figure.{name}.json")
            self.asked("case", "determine", "approve", figure, "--key", self.key(name), "-o", out)
            approvals += ["--approval", out]
        office = ("--key", self.deployed.path("registrar.pem"), *self.deployed.registrar())
        self.asked("case", "determine", "submit", figure, *approvals, *office)


def enrol_works(made: AtOnce) -> None:
    """An enterprise whose key is for statements, and for bringing others."""
    key, request = made.path("a.key"), made.path("a.request.json")
    both = ("--purpose", "statement", "--purpose", "administration")
    made.tanlu("keys", "new", "--identifier", WORKS, "--algorithm", "ES256K", *both, "-o", key)
    made.tanlu("keys", "request", key, "--kind", "enterprise", "-o", request)
    made.tanlu("keys", "enrol", request, "--registrar-key", made.registrar_key(), *made.registrar())


def make_cheap(file: Path) -> None:
    """What a password costs is tried elsewhere; here a dozen commands open this file."""
    file.write_bytes(encrypt(decrypt(file.read_bytes(), PASSWORD), PASSWORD, fast=True))


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """An enterprise with a key that may administer, and two persons of two bodies."""
    folder = tmp_path_factory.mktemp("quota")
    installation = Installation.make(folder / "home")
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER):
        made = AtOnce(installation, users)
        made.tanlu("submit", str(installation.home / "administration" / "registrar.jws"))
        enrol_works(made)
        made.enrol("bureau", BUREAU, "regulator", "statement", algorithm="Ed25519")
        for name, parent in (("wang", PARK), ("li", BUREAU)):
            person = f"{parent.rpartition('/')[0]}/{name.upper()}"
            made.enrol(name, person, "person", "administration", "--parent", parent, algorithm="ES256K")
        office = installation.home / "administration"
        for name in ("registrar.pem", "registrar.pem.pub.json"):
            shutil.copy(office / name, users / name)
        shutil.copy(office / "password", users / "registrar.password")
        yield Typed(made)


def test_a_year_is_met_by_command(typed: Typed) -> None:
    key, issue, decide, terms, arriving, freezing, surrender = blocks()
    typed.run(key)
    make_cheap(Path(typed.key("a.asset")))
    typed.determine()
    assert re.search(r"^issue units: entry [0-9]+, (mined|final)$", typed.run(issue), re.MULTILINE)
    typed.run(decide)
    typed.run(terms)
    typed.run(arriving)
    assert typed.holds() == {QUOTA: (1_200, 0), "ccer": (50, 0)}

    typed.run(freezing)
    assert typed.holds()[QUOTA] == (1_200, 0)
    holder = ("--key", typed.key("a.asset"))
    over = typed.asked("surrender", YEAR, "--asset", "ccer", "--tonnes", "51", *holder, code=1)["error"]
    assert over["rule"] == "surrender.offset_cap"

    assert f"950 t of {QUOTA} surrendered for {YEAR}" in typed.run(surrender)
    after = typed.asked("surrender", YEAR, "--tonnes", "1", *holder, code=1)["error"]
    assert after["rule"] == "surrender.exceeds"
    assert typed.holds() == {QUOTA: (250, 0), "ccer": (0, 0)}
    position = typed.asked("compliance", "show", YEAR, WORKS, "--as", typed.key("a.asset"))["position"]
    assert (position["emissions"], position["quota"], position["offsets_used"], position["due"]) == (TONNES, 950, 50, 0)
    retired = typed.asked("quota", "retire", "--asset", QUOTA, "--tonnes", "50", *holder, "--wait", "120")
    assert (retired["state"] in {"mined", "final"}, typed.holds()[QUOTA]) == (True, (200, 0))
    kept = list(typed.deployed.folder.glob("a.asset.key.signed/*/assets/*.jws"))
    assert len(kept) == 3, "two surrenders and a cancellation: what is refused takes no place"
