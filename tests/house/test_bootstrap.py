from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "bootstrap.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python_that_says(folder: Path, name: str, version: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)


def test_an_old_python_is_refused_with_the_version_found(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python_that_says(tmp_path, "python3", "3 9")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap.sys, "executable", str(tmp_path / "python3"))
    with pytest.raises(bootstrap.Refusal, match=r"Python 3\.11 or newer is needed; found .*python3 3\.9"):
        bootstrap.find_python()


def test_the_tested_python_goes_before_a_newer_one(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python_that_says(tmp_path, "python3", "3 13")
    python_that_says(tmp_path, "python3.11", "3 11")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap.sys, "executable", str(tmp_path / "python3"))
    assert bootstrap.find_python() == str(tmp_path / "python3.11")


def test_an_environment_is_made_once_and_anew_after_an_interruption(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = tmp_path / "requirements"
    locks.mkdir()
    for name in ("run.txt", "build.txt", "dev.txt"):
        (locks / name).write_text("# nothing\n")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    venv = tmp_path / ".venv"
    assert bootstrap.environment(venv, ("run.txt", "build.txt"), "run")
    assert not bootstrap.environment(venv, ("run.txt", "build.txt"), "run")
    marker = venv / "of-the-first"
    marker.touch()
    # Another lock: the environment stays and is brought up to it.
    (locks / "run.txt").write_text("# something else\n")
    assert bootstrap.environment(venv, ("run.txt", "build.txt"), "run")
    assert marker.exists()
    # What the tests need contains what the demo needs.
    assert bootstrap.environment(venv, ("dev.txt",), "dev")
    (venv / ".tanlu-run").unlink()
    assert not bootstrap.environment(venv, ("run.txt", "build.txt"), "run")
    # An installation that was cut off half way.
    (venv / ".tanlu-busy").touch()
    assert bootstrap.environment(venv, ("dev.txt",), "dev")
    assert not marker.exists()
    # An environment whose interpreter is gone.
    (venv / "bin" / "python").unlink()
    assert bootstrap.environment(venv, ("dev.txt",), "dev")
    assert bootstrap.pip_works(venv)


def test_a_failing_step_says_which_and_shows_the_last_lines_and_a_likely_cause(bootstrap: ModuleType) -> None:
    command = [sys.executable, "-c", "print('Max retries exceeded'); raise SystemExit(3)"]
    with pytest.raises(bootstrap.Refusal) as refused:
        bootstrap.run(command, "pip could not install", bootstrap.network_hint)
    for part in ("pip could not install", "Max retries exceeded", "network"):
        assert part in str(refused.value)


def test_a_wrong_call_says_how_it_is_called() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "everything"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "usage: bootstrap.py run|dev|lint" in done.stdout
