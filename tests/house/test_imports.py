from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "attestation", "ganache", "ledger", "quota", "tanlu")
LINTER = Path(sys.executable).parent / "lint-imports"
DEADLINE_SECONDS = 120
NOT_OURS = shutil.ignore_patterns("node_modules", "__pycache__")


def judged(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINTER), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and the rules, free to be spoiled."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
        )
    return tmp_path


def test_imports_point_down() -> None:
    done = judged(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "law"),
    [
        ("attestation/planted.py", "import ledger", "attestation imports no sibling"),
        ("quota/planted.py", "from attestation import decimals", "quota imports no sibling"),
        ("ledger/planted.py", "import ganache", "ledger imports attestation and quota"),
        ("ganache/planted.py", "import ledger", "ganache imports no sibling"),
        ("api/planted.py", "import tanlu", "api imports ledger, quota and attestation"),
        ("tanlu/planted.py", "import api", "tanlu reaches api over HTTP"),
        ("tanlu/cli/planted.py", "def lazy() -> None:\n    import api", "tanlu reaches api over HTTP"),
        ("attestation/planted.py", "import time", "no clock"),
        ("ledger/merkle/planted.py", "import sqlalchemy", "no I/O"),
    ],
)
def test_an_upward_import_is_caught(copy: Path, module: str, line: str, law: str) -> None:
    (copy / module).write_text(f"{line}\n")
    done = judged(copy)
    assert done.returncode == 1
    broken = [said for said in done.stdout.splitlines() if " BROKEN" in said]
    assert len(broken) == 1, done.stdout
    assert law in broken[0]


def test_serve_and_demo_may_import_api(copy: Path) -> None:
    (copy / "tanlu" / "cli" / "serve.py").write_text("import api\n")
    (copy / "tanlu" / "cli" / "demo.py").write_text("import api\n")
    done = judged(copy)
    assert done.returncode == 0, done.stdout
