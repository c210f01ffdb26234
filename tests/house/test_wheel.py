from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_top_level_names_are_these_and_no_others(wheel: zipfile.ZipFile) -> None:
    names = {name.split("/")[0] for name in wheel.namelist()}
    (information,) = [name for name in names if name.endswith(".dist-info")]
    assert information.startswith("tanlu-")
    assert names - {information} == {"api", "attestation", "ganache", "ledger", "quota", "tanlu"}


@pytest.mark.parametrize(
    "pattern",
    [
        "attestation/accounting/factors/*.json",
        "attestation/accounting/tables/*.csv",
        "attestation/schemas/*.json",
        "ganache/package.json",
        "ganache/package-lock.json",
        "ganache/.npmrc",
        "ganache/solc",
        "ganache/solc.mjs",
        "ledger/chain/artifacts/*.json",
        "ledger/db/migrations/*.py",
        "ledger/db/migrations/versions/*.py",
        "quota/rules.tsv",
    ],
)
def test_package_data_is_inside(wheel: zipfile.ZipFile, pattern: str) -> None:
    here = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)}
    assert here, f"nothing matches {pattern}"
    assert here <= set(wheel.namelist())


def test_what_npm_installs_stays_outside(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if "node_modules" in name or "__pycache__" in name] == []


def test_the_compiler_stays_executable(wheel: zipfile.ZipFile) -> None:
    assert wheel.getinfo("ganache/solc").external_attr >> 16 & 0o111


def test_the_command_is_tanlu(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "tanlu = tanlu.cli:main" in wheel.read(entry_points).decode()
