"""The life of keys by commands, through real processes: rotation, a killed rotation, a loss and the way back, which
the registry contract is told of and waits for (docs/keys.md)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PASSWORD, Deployment
from tests.faults.installation import TOGETHER, Installation, tanlu
from tests.faults.supervision import Operator

WORKS, METER, BUREAU = "88.608.5288/A", "88.608.5288/A_METER_1", "88.608.2/BUREAU"
PARK, WANG, LI = "88.608.1/PARK", "88.608.1/WANG", "88.608.2/LI"
DELAY = 3
DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment with a short delay, a works with its meter, and two persons of two bodies; ``NAME.key`` each."""
    folder = tmp_path_factory.mktemp("keys")
    installation = Installation.make(folder / "home", recovery_delay=DELAY)
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER):
        made = Deployment(installation, users)
        made.at_once("submit", str(installation.home / "administration" / "registrar.jws"))
        made.enrol("works", WORKS, "enterprise", "administration", algorithm="Ed25519")
        made.enrol("meter", METER, "device", "device", "--parent", WORKS, algorithm="ES256K")
        made.enrol("bureau", BUREAU, "regulator", "statement", algorithm="ES256")
        made.enrol("wang", WANG, "person", "administration", "--parent", PARK, algorithm="ES256K")
        made.enrol("li", LI, "person", "administration", "--parent", BUREAU, algorithm="ES256K")
        yield made


def thumbprint(deployed: Deployment, name: str) -> str:
    return str(deployed.at_once("keys", "show", deployed.path(f"{name}.key"))["thumbprint"])


def killed(deployed: Deployment, out: Path, *arguments: str) -> None:
    """Run a command and kill it as soon as its new key file is there, and the card beside it has its words."""
    env = os.environ | {
        "TANLU_SERVER": deployed.installation.url,
        "TANLU_TRUST": str(deployed.installation.trust_file),
        "TANLU_KEY_PASSWORD": PASSWORD,
    }
    card = out.with_name(out.name + ".pub.json")
    with subprocess.Popen(tanlu(*arguments), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (card.exists() and card.stat().st_size) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        running.kill()
    assert out.exists()


@pytest.mark.chain
def test_a_killed_rotation_never_leaves_a_logged_key_without_its_file(deployed: Deployment) -> None:
    deployed.enrol("spare", f"{WORKS}_METER_2", "device", "device", "--parent", WORKS, algorithm="Ed25519")
    key, out = deployed.path("spare.key"), Path(deployed.path("spare-new.key"))
    killed(deployed, out, "keys", "rotate", "--key", key, "--out", str(out))
    kept = [str(path) for path in Path(f"{key}.signed").glob("*/keys/*.jws")]
    new = thumbprint(deployed, "spare-new")
    if kept:
        # Said but perhaps not heard: the same bytes again, and the file opens the key that the log has now.
        deployed.tanlu("submit", *kept)
        assert deployed.tanlu("keys", "show", new)["revoked_index"] is None
        deployed.tanlu("keys", "rotate", "--key", str(out), "--out", deployed.path("spare-third.key"))
    else:
        assert deployed.tanlu("keys", "show", new, code=1)["error"]["rule"] == "keys.unknown"
        deployed.tanlu("keys", "rotate", "--key", key, "--out", deployed.path("spare-third.key"))


@pytest.mark.chain
def test_a_lost_key_comes_back_by_two_persons_once_the_contract_was_told_and_waited(deployed: Deployment) -> None:
    lost, office = thumbprint(deployed, "meter"), ("--key", deployed.registrar_key(), *deployed.registrar())
    deployed.tanlu("keys", "revoke", lost, "--reason", "lost", "--key", deployed.path("works.key"))
    deployed.tanlu(
        "keys", "new", "--identifier", METER, "--algorithm", "ES256K", "--purpose", "device",
        "-o", deployed.path("found.key"),
    )  # fmt: skip
    request = deployed.path("recovery.json")
    deployed.tanlu(
        "keys", "recover", "request", deployed.path("found.key"), "--replaces", lost, "--reason", "lost", "-o", request
    )
    for name in ("wang", "li"):
        approval = ("--key", deployed.path(f"{name}.key"), "-o", deployed.path(f"{name}.approval"))
        deployed.tanlu("keys", "recover", "approve", request, *approval)
    one = ("--approval", deployed.path("wang.approval"))
    refused = deployed.tanlu("keys", "recover", "propose", request, *one, *one, *office, code=1)
    assert refused["error"]["rule"] == "approval.same_person"
    other = ("--approval", deployed.path("li.approval"))
    index = str(deployed.tanlu("keys", "recover", "propose", request, *one, *other, *office)["index"])

    # The record says when, as soon as the contract was told; then the command does what it says.
    told = told_on_chain(deployed, lost)
    assert told["on_chain"]["withdrawn"] is False
    time.sleep(max(0.0, told["ready_at"] - time.time()) + 0.5)
    done = once_the_chain_was_read(deployed, "keys", "recover", "complete", index, *office)
    found = deployed.tanlu("keys", "show", thumbprint(deployed, "found"))
    assert (found["identifier"], found["activated_index"], found["depth"]) == (METER, done["index"], 1)
    assert deployed.tanlu("keys", "list", METER)["keys"][1]["thumbprint"] == done["thumbprint"]


def once_the_chain_was_read(deployed: Deployment, *arguments: str) -> dict[str, Any]:
    """The command, again while the log says that nobody read the chain since the holder's time was over."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            return deployed.at_once(*arguments)
        except AssertionError as refused:
            if "recovery.early" not in str(refused) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def told_on_chain(deployed: Deployment, lost: str) -> dict[str, Any]:
    """The one recovery of that key, once the contract knows it."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        (recovery,) = deployed.at_once("keys", "show", lost)["recoveries"]
        if recovery["on_chain"] is not None:
            return dict(recovery)
        assert time.monotonic() < deadline, "the contract was not told of the recovery"
        time.sleep(0.5)
