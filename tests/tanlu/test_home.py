"""Where an installation is, and one setting of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanlu.home import home_of, setting


def test_the_home_is_as_given_then_as_in_the_environment_then_beside_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TANLU_HOME", raising=False)
    assert home_of(None) == tmp_path / "tanlu-home"
    monkeypatch.setenv("TANLU_HOME", "other")
    assert home_of(None) == tmp_path / "other"
    assert home_of(Path("given")) == tmp_path / "given"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANLU_RPC_URL", raising=False)
    assert setting(tmp_path, "RPC_URL") is None
    (tmp_path / "config.env").write_text("# a comment\nTANLU_RPC_URL=http://127.0.0.1:1\n")
    assert setting(tmp_path, "RPC_URL") == "http://127.0.0.1:1"
    monkeypatch.setenv("TANLU_RPC_URL", "http://127.0.0.1:2")
    assert setting(tmp_path, "RPC_URL") == "http://127.0.0.1:2"
