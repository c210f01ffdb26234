"""The contracts' own tests: fuzzed properties with a seed that is said, gas stays what it was, and what Forge builds is
the committed artifacts. All in one file: Forge compiles once, which takes a minute.

A property runs 1,000 times here, and as often as foundry.toml says, 10,000 times, in `make fuzz-contracts`, which
continuous integration runs: `FOUNDRY_FUZZ_RUNS` is Forge's own setting.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ganache import foundry_binary
from ledger.chain import compile as compiling

pytestmark = [pytest.mark.node, pytest.mark.long, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 800.0
FUZZ_RUNS = int(os.environ.get("FOUNDRY_FUZZ_RUNS", "1000"))


def forge(*arguments: str) -> str:
    """Forge's output; a failed run fails the test with what it said."""
    environment = {**os.environ, "FOUNDRY_SOLC": str(compiling.find_compiler()), "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1"}
    done = subprocess.run(
        [str(foundry_binary("forge")), *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 0, f"forge {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built() -> Path:
    """What Forge builds, of tests and sources alike; and, apart, each contract with settings of its own."""
    forge("build")
    for name, unit in compiling.CONTRACTS.items():
        settings = compiling.settings_of(name)
        if settings == compiling.SETTINGS:
            continue
        place = ("--out", f"build/forge/own/{name}", "--cache-path", f"build/forge/own-cache/{name}")
        way = ("--optimizer-runs", str(settings["optimizer"]["runs"]), *(("--via-ir",) if settings["viaIR"] else ()))
        forge("build", unit, *way, *place)
    return ROOT / "build" / "forge"


@pytest.mark.parametrize("name", sorted(compiling.CONTRACTS))
def test_forge_builds_the_same_bytecode_as_the_artifacts(name: str, built: Path) -> None:
    folder = "out" if compiling.settings_of(name) == compiling.SETTINGS else f"own/{name}"
    made = json.loads((built / folder / f"{name}.sol" / f"{name}.json").read_text())
    artifact = json.loads((compiling.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    assert made["bytecode"]["object"] == artifact["bytecode"]
    assert made["deployedBytecode"]["object"] == artifact["deployedBytecode"]
    # Forge orders the entries and their members in its own way.
    assert by_text(made["abi"]) == by_text(artifact["abi"])


def by_text(entries: Any) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


def test_forge_tests_pass_and_every_property_runs_as_often_as_is_asked() -> None:
    settings = tomllib.loads((ROOT / "foundry.toml").read_text())
    print(f"fuzz seed {settings['fuzz']['seed']}, {FUZZ_RUNS} runs")
    assert 1_000 <= FUZZ_RUNS <= settings["fuzz"]["runs"] == 10_000
    suites = json.loads(forge("test", "--json", "--fuzz-runs", str(FUZZ_RUNS)))
    results = {
        f"{suite}:{name}": result for suite, tests in suites.items() for name, result in tests["test_results"].items()
    }
    assert {name for name, result in results.items() if result["status"] != "Success"} == set()
    fuzzed = {name: result["kind"]["Fuzz"]["runs"] for name, result in results.items() if "Fuzz" in result["kind"]}
    assert set(fuzzed) == {name for name in results if ":testFuzz_" in name}
    assert len(fuzzed) >= 41
    assert set(fuzzed.values()) == {FUZZ_RUNS}
    invariants = [result for result in results.values() if "Invariant" in result["kind"]]
    assert len(invariants) >= 8
    assert all(each["kind"]["Invariant"]["calls"] >= 2_500 for each in invariants)


def test_gas_is_what_the_snapshot_says() -> None:
    forge("snapshot", "--match-contract", "GasTest", "--check", "contracts/.gas-snapshot")


def test_every_contract_test_is_in_the_form_that_forge_finds() -> None:
    """A function that Forge does not recognise as a test would pass by never running."""
    found = json.loads(forge("test", "--list", "--json"))
    listed = {name for contracts in found.values() for names in contracts.values() for name in names}
    written = {
        name
        for path in (ROOT / "contracts" / "test").glob("*.t.sol")
        for name in re.findall(r"function ((?:test|invariant)\w*)\(", path.read_text(encoding="utf-8"))
    }
    assert written == listed


def test_sources_are_formatted() -> None:
    forge("fmt", "--check")
