from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
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


def run_tests(folder: Path, bodies: Mapping[str, str], ci: str | None) -> subprocess.CompletedProcess[str]:
    """One run over a file for each body, under the rules of tests/conftest.py."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    for name, body in bodies.items():
        (folder / f"test_{name}.py").write_text(f"import pytest\n{body}")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": ci} if ci else {})
    environment["PYTHONPATH"] = str(ROOT)
    # Without the plugins that the project does without too: the slowest part of so short a run.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--continue-on-collection-errors"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def in_ci(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run says in which every file skips in its own way."""
    done = run_tests(tmp_path_factory.mktemp("skips"), CASES, "true")
    assert done.returncode in (1, 2), done.stdout
    assert " passed" not in done.stdout
    assert " skipped" not in done.stdout.splitlines()[-1]
    return done.stdout


@pytest.mark.parametrize("name", CASES)
def test_a_skip_is_a_failure_in_ci_and_names_its_reason(in_ci: str, name: str) -> None:
    said = rf"test_{name}\.py\S*: skipped, and with CI=true a skip is a failure: .*no server"
    assert re.search(said, in_ci), in_ci


def test_a_skip_is_allowed_elsewhere(tmp_path: Path) -> None:
    done = run_tests(tmp_path, CASES, None)
    assert done.returncode == 0, done.stdout
    assert f"{len(CASES)} skipped" in done.stdout


def test_a_passing_test_and_an_expected_failure_pass_in_ci(tmp_path: Path) -> None:
    body = "def test_a():\n    pass\n@pytest.mark.xfail(reason='known')\ndef test_b():\n    assert False\n"
    assert run_tests(tmp_path, {"subject": body}, "true").returncode == 0
