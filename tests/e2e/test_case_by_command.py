"""A year verified by commands, through real processes, as docs/verification.md has it: its blocks are run word for word
(DOMAIN 2, 8, 10, 44, 45)."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import forked
from tests.e2e.conftest import FACTORS, PASSWORD, Deployment
from tests.faults.installation import TOGETHER, Installation
from tests.faults.supervision import Operator

pytestmark = [pytest.mark.chain, pytest.mark.long, pytest.mark.timeout(900)]

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
WORKS, IDLE = "88.608.5288/A", "88.608.5289/B"
VERIFIERS = {"88.608.2001/V": "v", "88.608.2002/W": "w"}
STATEMENTS_KEPT = "*/cases/*.jws"
BUREAU, PARK = "88.608.2/BUREAU", "88.608.1/PARK"
WINDOW_DAYS = 60
"""Of a second each: long enough for a few commands on a busy machine."""
BLOCK_SECONDS = 300.0
COAL = {"id": "coal", "kind": "combustion", "name": "bituminous", "unit": "t"}
POWER = {"id": "power", "kind": "electricity", "name": "ets_constant/2021", "quantity": "100", "unit": "MWh"}


def blocks(language: str) -> list[str]:
    section = PAGE.read_text("utf-8").partition("## By command")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


class AtOnce(Deployment):
    """As typed, without a process of its own for each command: what the page's blocks do not do."""

    def tanlu(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        return self.at_once(*arguments, code=code)


@dataclass(frozen=True)
class Case:
    """A deployment, and the folder in which the page's commands are typed."""

    deployed: AtOnce

    @property
    def folder(self) -> Path:
        return self.deployed.folder

    @property
    def rpc(self) -> str:
        return self.deployed.installation.rpc_url

    def run(self, block: str) -> str:
        """A block of the page, typed by somebody whose chain has another port; stops at the first failure."""
        script = block.replace("http://127.0.0.1:8545", self.rpc)
        env = {name: value for name, value in os.environ.items() if not name.startswith("TANLU_")} | {
            "TANLU_SERVER": self.deployed.installation.url,
            "TANLU_TRUST": str(self.deployed.installation.trust_file),
            "TANLU_KEY_PASSWORD": PASSWORD,
            "PATH": f"{forked.folder()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def do(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        return self.deployed.tanlu("case", *arguments, code=code)

    def shown(self) -> dict[str, Any]:
        return self.do("show", WORKS, "2018", "--as", self.key("works"))

    def refused(self, *arguments: str) -> str:
        return str(self.do(*arguments, code=1)["error"]["rule"])

    def key(self, name: str) -> str:
        return self.deployed.path(f"{name}.key")

    def office(self) -> tuple[str, ...]:
        return ("--key", self.deployed.path("registrar.pem"), *self.deployed.registrar())

    def write(self, name: str, document: object) -> str:
        path = self.folder / name
        path.write_text(json.dumps(document))
        return str(path)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """An enterprise, two verifiers, an enterprise that does not report, two persons; a day lasts a second."""
    folder = tmp_path_factory.mktemp("case")
    installation = Installation.make(folder / "home")
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER):
        made = AtOnce(installation, users)
        made.tanlu("submit", str(installation.home / "administration" / "registrar.jws"))
        made.enrol("works", WORKS, "enterprise", "statement", algorithm="Ed25519")
        made.enrol("idle", IDLE, "enterprise", "statement", algorithm="Ed25519")
        for identifier, name in VERIFIERS.items():
            made.enrol(name, identifier, "verifier", "statement", algorithm="ES256K")
        made.enrol("bureau", BUREAU, "regulator", "statement", algorithm="Ed25519")
        for name, parent in (("wang", PARK), ("li", BUREAU)):
            person = f"{parent.rpartition('/')[0]}/{name.upper()}"
            made.enrol(name, person, "person", "administration", "--parent", parent, algorithm="ES256K")
        made.publish("factors", "factor-set", FACTORS)
        made.publish("base", "obligation-base", "--year", "2018", "--base", "direct+energy", "--version", "1")
        made.publish("calendar", "calendar", "--year", "2018", "--day-seconds", "1", "--version", "1")
        made.publish("rules", "rules", "--year", "2018", "--set", f"objection_days={WINDOW_DAYS}", "--version", "1")
        office = installation.home / "administration"
        for name in ("registrar.pem", "registrar.pem.pub.json"):
            shutil.copy(office / name, users / name)
        shutil.copy(office / "password", users / "registrar.password")
        yield Case(made)


def test_a_year_by_command_ends_with_its_figure_on_chain(case: Case) -> None:
    draw, report, resubmit, objection, register = blocks("sh")
    (findings,) = blocks("json")
    case.write("first.json", {"lines": [COAL | {"quantity": "13128.71"}]})
    case.write("second.json", {"lines": [COAL | {"quantity": "13128.71"}, POWER]})
    case.write("right.json", {"lines": [COAL | {"quantity": "13056.45"}, POWER]})
    (case.folder / "findings.json").write_text(findings)
    assert case.deployed.tanlu("case", "list", "--as", case.key("works"))["cases"] == []
    assert case.refused("find", WORKS, "2018", case.deployed.path("findings.json"), "--key", case.key("works"))

    assert "was drawn" in case.run(draw)
    secret = case.folder / "draw.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    drawn = case.shown()
    assert (drawn["state"], drawn["draw"]) == ("assigned", None)
    chosen = VERIFIERS[drawn["verifier"]]
    (other,) = {*VERIFIERS.values()} - {chosen}
    for suffix in ("", ".pub.json"):
        shutil.copy(f"{case.key(chosen)}{suffix}", f"{case.key('verifier')}{suffix}")
    again = ("--secret", str(secret), *case.office())
    assert case.refused("draw", "complete", WORKS, "2018", *again) == "draw.done"

    assert "rejected" in case.run(report)
    found = ("find", WORKS, "2018", case.deployed.path("findings.json"))
    assert case.refused(*found, "--key", case.key("verifier")) == "finding.judged"
    assert case.refused(*found, "--key", case.key(other)).startswith("access.")
    assert not list(Path(f"{case.key(other)}.signed").glob(STATEMENTS_KEPT))
    case.run(resubmit)
    corrected = case.shown()
    assert (corrected["state"], corrected["verdict"]["conclusion"]) == ("verified", "corrected")
    assert corrected["verdict"]["tonnes"] < corrected["report"]["obligation_tonnes"]
    early = case.do("register", WORKS, "2018", "--key", case.key("verifier"), code=1)["error"]
    assert early["rule"] == "registration.early"
    assert re.fullmatch(r"from \S+Z on", early["expected"])
    repeated = ("--boundary", "all", "--guideline", "G", "--key", case.key("verifier"))
    assert case.refused("verdict", "approve", WORKS, "2018", *repeated) == "verification.repeated"

    assert "refused" in case.run(objection)
    assert case.refused("decide", WORKS, "2018", "--upheld", "--reason", "again", *case.office()) == "objection.decided"
    time.sleep(max(0.0, corrected["verdict"]["registrable_from"] + 1 - time.time()))
    assert case.refused("object", WORKS, "2018", "--grounds", "late", "--key", case.key("works")).startswith(
        "objection."
    )

    accepted = case.run(register)
    assert f"accepted: {corrected['verdict']['tonnes']} t of {WORKS} 2018, revision 1" in accepted
    places = sorted(path.stem for path in Path(f"{case.key('verifier')}.signed").glob(STATEMENTS_KEPT))
    assert places == ["1", "2", "3", "4"], "a finding, two verdicts, a registration: what is refused takes no place"
    file = case.shown()
    assert (file["state"], file["figure"]["tonnes"]) == ("registered", corrected["verdict"]["tonnes"])
    assert [step["kind"] for step in file["steps"]] == [
        *("open-draw", "contribute", "draw", "report", "finding", "verification"),
        *("report", "verification", "object", "decide", "registration"),
    ]
    altered_digits_are_refused(case)


def altered_digits_are_refused(case: Case) -> None:
    """One digit in the report's receipt, and one tonne in the registration's words."""
    figure = case.folder / "figure"
    files = {name: figure / f"{name}.json" for name in ("report", "verdict", "registration")}
    receipt = json.loads(files["report"].read_bytes())
    receipt["index"] += 1
    forged = case.write("forged.json", receipt)

    def judged(**instead: str) -> dict[str, Any]:
        held = {name: str(path) for name, path in files.items()} | instead
        given = [word for name, path in held.items() for word in (f"--{name}", path)]
        return case.do("verify", WORKS, "2018", "--rpc", case.rpc, *given, code=1)["error"]

    assert judged(report=forged)["rule"].startswith("receipt.")
    # A verdict in the report's place: receipts that are good and do not belong together.
    assert judged(report=str(files["verdict"]))["rule"] == "registered.report"
    assert judged(registration=str(files["verdict"]))["rule"] == "registered.words"
    other = case.do("verify", IDLE, "2018", "--rpc", case.rpc, *(
        word for name, path in files.items() for word in (f"--{name}", str(path))
    ), code=1)["error"]  # fmt: skip
    assert other["rule"] == "registered.case"


def test_two_persons_determine_the_figure_of_who_did_not_report(case: Case) -> None:
    document = case.write("grounds.json", {"estimate": "capacity times hours"})
    request = case.deployed.path("determination.json")
    case.do(
        "determine", "prepare", IDLE, "2018", "--tonnes", "1200", "--cause", "no-report", "--method", "capacity",
        "--document", document, "--reason", "no report came", "-o", request,
    )  # fmt: skip
    approvals = []
    for name in ("wang", "li"):
        out = case.deployed.path(f"determination.{name}.json")
        case.do("determine", "approve", request, "--key", case.key(name), "-o", out)
        approvals += ["--approval", out]
    assert case.refused("determine", "submit", request, *approvals[:2], *case.office()) == "approval.count"
    changed = json.loads(Path(request).read_bytes())
    changed["body"]["tonnes"] = 1201
    altered = case.write("altered.json", changed)
    assert case.refused("determine", "submit", altered, *approvals, *case.office()).startswith("approval.")
    assert case.do("determine", "submit", request, *approvals, *case.office())["tonnes"] == 1200
    shown = case.do("show", IDLE, "2018", "--as", case.key("idle"))
    assert (shown["state"], shown["figure"]["determined"]) == ("determined", True)
    assert case.refused("determine", "submit", request, *approvals, *case.office()) == "determination.logged"
    folder = case.deployed.path("determined")
    rpc = ("--rpc", case.rpc, "--wait", "90")
    figure = case.do("verify", IDLE, "2018", *rpc, "--as", case.key("idle"), "--out", folder)
    assert (figure["accepted"], figure["tonnes"], figure["revision"], len(figure["approved_by"])) == (True, 1200, 1, 2)
    held = ("--rpc", case.rpc, "--determination", str(Path(folder) / "determination.json"))
    assert case.do("verify", IDLE, "2018", *held)["tonnes"] == 1200
    other = case.do("verify", WORKS, "2018", *held, code=1)["error"]
    assert other["rule"] == "registered.enterprise"
