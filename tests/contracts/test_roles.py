"""The table of powers in docs/contracts.md is the whole truth: every call that changes something stands in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ledger.chain.contracts import load_artifact
from ledger.chain.deploy_roles import CALLS

OURS = (
    "CarbonLedger",
    "Compliance",
    "CreditScores",
    "EmissionsRegistry",
    "EvidenceLog",
    "Exchange",
    "IdentifierRegistry",
)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"


def table() -> dict[tuple[str, str], str]:
    """(contract, function) → who may call, from the page's table of powers."""
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    found = {(contract, function): who.strip() for contract, function, who in rows}
    assert len(found) == len(rows)
    return found


def test_every_call_that_changes_something_has_its_row() -> None:
    calls = {
        (name, entry["name"])
        for name in OURS
        for entry in load_artifact(name).abi.entries
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    }
    assert set(table()) == calls


def test_nobody_sends_value_and_nothing_receives_it() -> None:
    for name in OURS:
        entries = load_artifact(name).abi.entries
        assert all(entry.get("stateMutability") != "payable" for entry in entries)
        assert not {"receive", "fallback"} & {entry["type"] for entry in entries}


def test_restricted_calls_are_exactly_those_with_a_role() -> None:
    """contracts/test/Roles.t.sol and AssetRoles.t.sol prove role, delay and refusal for these rows."""
    source = PAGE.parents[1] / "contracts"
    restricted = {
        (name, function)
        for name in OURS
        for function in re.findall(
            r"function (\w+)\([^)]*\)\s*external\s+restricted", (source / f"{name}.sol").read_text(encoding="utf-8")
        )
    }
    assert restricted == {row for row, who in table().items() if who.startswith("role ")}


def test_a_deployment_gives_the_roles_of_the_table() -> None:
    """What the deployment sets up is what the page says, call by call."""
    for role, contracts in CALLS.items():
        given = {(name, call) for name, calls in contracts.items() for call in calls if name in OURS}
        assert given == {row for row, who in table().items() if who.startswith(f"role {role},")}


def test_the_table_of_selectors_is_what_the_artifacts_give() -> None:
    root = PAGE.parents[1]
    done = subprocess.run(
        [sys.executable, "tools/selector_table.py", "--check"],
        check=False,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_table_of_selectors_has_the_same_calls_and_roles() -> None:
    rows = re.findall(
        r"^\| `(\w+)\.(\w+)` `[^`]*` \| `0x[0-9a-f]{8}` \| (.+?)[,:]? ", PAGE.read_text(encoding="utf-8"), re.M
    )
    found = {(contract, call): who for contract, call, who in rows}
    assert set(found) == set(table())
    for row, who in table().items():
        role = re.match(r"role (\d)", who)
        assert found[row] == (role[1] if role else who.split()[0])
