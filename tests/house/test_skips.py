from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60

CASES = {
    "call": "def test_it():\n    pytest.skip('no server')\n",
    "mark": "@pytest.mark.skip(reason='no server')\ndef test_it():\n    pass\n",
    "module": "pytest.skip('no server', allow_module_level=True)\n",
    "fixture": "@pytest.fixture\ndef server():\n    pytest.skip('no server')\ndef test_it(server):\n    pass\n",
    "import": "pytest.importorskip('no_such_module', reason='no server')\n",
}


def run_tests(folder: Path, body: str, ci: str | None) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_subject.py").write_text(f"import pytest\n{body}")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": ci} if ci else {})
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("body", CASES.values(), ids=CASES.keys())
def test_a_skip_is_a_failure_in_ci_and_names_its_reason(tmp_path: Path, body: str) -> None:
    done = run_tests(tmp_path, body, "true")
    assert done.returncode in (1, 2), done.stdout
    assert "with CI=true a skip is a failure" in done.stdout
    assert "no server" in done.stdout


def test_a_skip_is_allowed_elsewhere(tmp_path: Path) -> None:
    assert run_tests(tmp_path, CASES["call"], None).returncode == 0


def test_a_passing_test_and_an_expected_failure_pass_in_ci(tmp_path: Path) -> None:
    body = "def test_a():\n    pass\n@pytest.mark.xfail(reason='known')\ndef test_b():\n    assert False\n"
    assert run_tests(tmp_path, body, "true").returncode == 0
