"""Bad receipts through `tanlu verify`: refused with exit code 1, naming the step; with `--rpc` the chain refuses more.

Mutations of the committed vectors carry the names of the table in docs/faults.md; what only a chain can refuse is tried
on a receipt of a deployment that runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from attestation.keys import Algorithm, Kind, Purpose
from tanlu.cli import main
from tests.e2e.conftest import Deployment
from tests.faults.signers import Registrar

VECTORS = Path(__file__).parents[1] / "vectors" / "receipts"
MUTATIONS = [
    (case["name"], case["step"], case["patch"]) for case in json.loads((VECTORS / "mutations.json").read_bytes())
]
# Step 9 asks the chain.
OFFLINE_STEPS = 8
OTHER_HASH = "12" * 32


def patched(document: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A copy in which the member at `path` is `value`."""
    copy = json.loads(json.dumps(document))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dict(copy)


def verify(receipt: dict[str, Any] | bytes, trust: Path, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON answer of `tanlu verify`."""
    path = folder / "receipt.json"
    path.write_bytes(receipt if isinstance(receipt, bytes) else json.dumps(receipt).encode())
    done = CliRunner().invoke(main, ["--json", "verify", str(path), "--trust", str(trust), *options])
    return done.exit_code, json.loads(done.stdout)


def test_the_good_receipt_of_which_the_bad_ones_are_made_is_accepted(tmp_path: Path) -> None:
    good = (VECTORS / "reading.json").read_bytes()
    code, report = verify(good, VECTORS / "trust.json", tmp_path)
    assert (code, report["accepted"]) == (0, True)


@pytest.mark.parametrize(
    ("step", "patch"),
    [(step, patch) for _, step, patch in MUTATIONS if step <= OFFLINE_STEPS],
    ids=[name for name, step, _ in MUTATIONS if step <= OFFLINE_STEPS],
)
def test_an_altered_receipt_is_refused_at_its_step(step: int, patch: list[dict[str, Any]], tmp_path: Path) -> None:
    receipt = json.loads((VECTORS / "reading.json").read_bytes())
    for change in patch:
        receipt = patched(receipt, change["path"], change["value"])
    code, answer = verify(receipt, VECTORS / "trust.json", tmp_path)
    assert (code, answer["error"]["step"]) == (1, step), answer
    assert all(answer["error"][name] for name in ("rule", "expected", "message", "message_zh"))


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_truncated_receipt_file_is_refused(cut: int, tmp_path: Path) -> None:
    code, answer = verify((VECTORS / "reading.json").read_bytes().rstrip()[:cut], VECTORS / "trust.json", tmp_path)
    assert code == 1
    assert answer["error"]["rule"].startswith("receipt.")


def test_a_receipt_of_another_deployment_is_refused(tmp_path: Path) -> None:
    """The same bytes, judged by somebody who trusts another log of the same name."""
    trust = json.loads((VECTORS / "trust.json").read_bytes())
    name = trust["log"].rpartition("/")[0]
    other = {**trust, "deployment_id": OTHER_HASH, "log": f"{name}/{OTHER_HASH}"}
    text = json.dumps(other)
    (tmp_path / "trust.json").write_text(text)
    code, answer = verify((VECTORS / "reading.json").read_bytes(), tmp_path / "trust.json", tmp_path)
    assert code == 1
    assert "error" in answer


@pytest.fixture(scope="module")
def live(deployment: Deployment) -> dict[str, Any]:
    """The receipt of a reading in the deployment that runs."""
    registrar = Registrar(deployment.installation, stream="visitors", last_seq=0)
    url = deployment.installation.url
    jose = {"Content-Type": "application/jose"}
    works, entry = registrar.enrol("88.608.5400/C", Kind.ENTERPRISE, Purpose.STATEMENT, Algorithm.ED25519)
    assert httpx.post(f"{url}/v1/identifiers", content=entry, headers=jose, auth=deployment.who).status_code == 201
    meter, entry = registrar.enrol(
        "88.608.5400/C_M1", Kind.DEVICE, Purpose.DEVICE, Algorithm.ED25519, parent=works.identifier
    )
    assert httpx.post(f"{url}/v1/identifiers", content=entry, headers=jose, auth=deployment.who).status_code == 201
    accepted = httpx.post(f"{url}/v1/statements", content=meter.reading(1, "3.17"), headers=jose, auth=deployment.who)
    receipt = deployment.path("live.receipt.json")
    deployment.tanlu("receipt", str(accepted.json()["index"]), "-o", receipt, "--wait", "60")
    return deployment.read("live.receipt.json")


def other_block(receipt: dict[str, Any]) -> dict[str, Any]:
    return patched(receipt, ["anchor", "block_number"], receipt["anchor"]["block_number"] - 1)


def other_transaction(receipt: dict[str, Any]) -> dict[str, Any]:
    return patched(receipt, ["anchor", "tx"], alike(receipt["anchor"]["tx"]))


def other_block_hash(receipt: dict[str, Any]) -> dict[str, Any]:
    return patched(receipt, ["anchor", "block_hash"], alike(receipt["anchor"]["block_hash"]))


def alike(text: str) -> str:
    """Another 32 bytes, spelled like `text`."""
    return ("0x" if text.startswith("0x") else "") + OTHER_HASH


@pytest.mark.chain
def test_a_live_receipt_is_accepted_with_the_chain(
    deployment: Deployment, live: dict[str, Any], tmp_path: Path
) -> None:
    installation = deployment.installation
    code, report = verify(live, installation.trust_file, tmp_path, "--rpc", installation.rpc_url)
    assert (code, report["accepted"]) == (0, True), report
    assert 9 in {finding["step"] for finding in report["checked"]}


@pytest.mark.chain
@pytest.mark.parametrize("alter", [other_block, other_transaction, other_block_hash])
def test_a_false_place_on_chain_is_refused_by_the_chain(
    deployment: Deployment, live: dict[str, Any], alter: Callable[[dict[str, Any]], dict[str, Any]], tmp_path: Path
) -> None:
    installation = deployment.installation
    code, answer = verify(alter(live), installation.trust_file, tmp_path, "--rpc", installation.rpc_url)
    assert (code, answer["error"]["step"]) == (1, 9), answer


@pytest.mark.chain
def test_a_forgers_log_is_refused_where_only_its_own_keys_signed(
    deployment: Deployment, live: dict[str, Any], tmp_path: Path
) -> None:
    """A whole log of somebody else, rightly signed by its own keys, does not pass with this deployment's trust file."""
    assert live["log"] != json.loads((VECTORS / "reading.json").read_bytes())["log"]
    code, answer = verify((VECTORS / "reading.json").read_bytes(), deployment.installation.trust_file, tmp_path)
    assert (code, answer["error"]["step"], answer["error"]["rule"]) == (1, 2, "receipt.log")


@pytest.mark.chain
def test_a_node_that_is_away_is_no_refusal(deployment: Deployment, live: dict[str, Any], tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    code, answer = verify(live, deployment.installation.trust_file, tmp_path, "--rpc", nobody)
    assert (code, answer["error"]["rule"].split(".")[0]) == (3, "chain"), answer
