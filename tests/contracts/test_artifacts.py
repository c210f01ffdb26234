"""Committed artifacts are what the sources give, on whatever machine (that Forge gives the same: test_forge.py)."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.chain import compile as compiling

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return compiling.build()


def committed(name: str) -> Any:
    return json.loads((compiling.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))


def test_committed_artifacts_are_what_a_fresh_compile_gives(
    fresh: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiling, "build", lambda compiler=None: fresh)
    compiling.check()
    assert compiling.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_check_is_a_command_with_an_exit_status() -> None:
    """That it ends with 0 here is a step of the project's continuous integration."""
    command = [sys.executable, "-m", "ledger.chain.compile", "--check"]
    environment = os.environ | {"SOLC": "no-such-compiler"}
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "compile.compiler" in done.stderr


@pytest.mark.parametrize("change", ["altered", "missing", "stray"])
def test_check_names_the_artifact_that_differs(
    tmp_path: Path, fresh: dict[str, str], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(compiling, "build", lambda compiler=None: fresh)
    for name, text in fresh.items():
        (tmp_path / name).write_text(text)
    compiling.check(tmp_path)
    if change == "altered":
        text = fresh["EvidenceLog.json"]
        (tmp_path / "EvidenceLog.json").write_text(text.replace('"bytecode": "0x6', '"bytecode": "0x7'))
        named = "EvidenceLog.json"
    elif change == "missing":
        (tmp_path / "IdentifierRegistry.json").unlink()
        named = "IdentifierRegistry.json"
    else:
        shutil.copy(tmp_path / "EvidenceLog.json", tmp_path / "Old.json")
        named = "Old.json"
    with pytest.raises(compiling.Stale, match=named):
        compiling.check(tmp_path)


def test_main_says_what_is_stale_and_returns_one(
    tmp_path: Path, fresh: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stale(*_: object) -> None:
        raise compiling.Stale("compile.stale", "EvidenceLog.json")

    monkeypatch.setattr(compiling, "check", stale)
    assert compiling.main(["--check"]) == 1
    assert "compile.stale: EvidenceLog.json" in capsys.readouterr().err


def test_compiling_writes_the_files_that_it_checks(
    tmp_path: Path, fresh: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "build", lambda compiler=None: fresh)
    monkeypatch.setattr(compiling, "ARTIFACTS", tmp_path / "artifacts")
    assert compiling.main([]) == 0
    compiling.check(tmp_path / "artifacts")


@pytest.mark.parametrize("name", sorted(compiling.CONTRACTS))
def test_artifact_names_no_path_outside_the_project_and_its_compiler(name: str) -> None:
    artifact = committed(name)
    text = json.dumps(artifact)
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    assert artifact["compiler"]["version"].startswith("0.8.30+commit.")
    assert artifact["compiler"]["settings"]["evmVersion"] == "paris"
    assert all((ROOT / unit).is_file() and not Path(unit).is_absolute() for unit in artifact["sources"])
    assert compiling.CONTRACTS[name] in artifact["sources"]
    # EIP-170 and EIP-3860.
    assert len(artifact["deployedBytecode"]) // 2 - 1 <= 24_576
    assert len(artifact["bytecode"]) // 2 - 1 <= 49_152


def fake_compiler(path: Path, version: str) -> Path:
    path.write_text(f"#!/bin/sh\necho 'Version: {version}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_named_compiler_is_taken_and_another_version_refused(tmp_path: Path) -> None:
    right = fake_compiler(tmp_path / "right", "0.8.30+commit.73712a01.Linux.g++")
    assert compiling.find_compiler({"SOLC": str(right)}) == right
    wrong = fake_compiler(tmp_path / "wrong", "0.8.29+commit.ab55807c.Linux.g++")
    with pytest.raises(compiling.CompileError, match=r"compile\.compiler-version.*0\.8\.29.*expected 0\.8\.30"):
        compiling.find_compiler({"SOLC": str(wrong)})
    with pytest.raises(compiling.CompileError, match=r"compile\.compiler: .*is no Solidity compiler"):
        compiling.find_compiler({"SOLC": str(tmp_path / "absent")})


def test_compile_error_names_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "ROOT", tmp_path)
    monkeypatch.setattr(compiling, "CONTRACTS", {"Broken": "contracts/Broken.sol"})
    with pytest.raises(compiling.CompileError, match=r"compile\.source: contracts/Broken\.sol"):
        compiling.build(ROOT / "ganache" / "solc")
    (tmp_path / "contracts").mkdir()
    source = tmp_path / "contracts" / "Broken.sol"
    source.write_text("// SPDX-License-Identifier: UNLICENSED\npragma solidity 0.8.30;\ncontract Broken { uint x = }\n")
    with pytest.raises(compiling.CompileError, match=r"compile\.refused.*"):
        compiling.build(ROOT / "ganache" / "solc")
    source.write_text("pragma solidity 0.8.30;\ncontract Broken {}\n")
    with pytest.raises(compiling.CompileError, match=r"compile\.warnings"):
        compiling.build(ROOT / "ganache" / "solc")
