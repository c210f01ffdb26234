"""The command line in this process: arguments in, exit code and JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attestation.keys import Purpose
from tanlu.cli import main
from tanlu.keyring import write_key

from ..conftest import PARK, PASSWORD, World

Run = Callable[..., Result]
Json = Callable[..., dict[str, Any]]


@pytest.fixture
def run(trust_file: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``tanlu`` with arguments; trust file, password and who signs in come from the environment."""
    office = tmp_path / "office.key"
    write_key(office, world.registrar, PASSWORD, identifier=PARK, purposes=Purpose.ADMINISTRATION)
    monkeypatch.setenv("TANLU_TRUST", str(trust_file))
    monkeypatch.setenv("TANLU_KEY_PASSWORD", PASSWORD)
    monkeypatch.setenv("TANLU_AS", str(office))
    monkeypatch.delenv("TANLU_SERVER", raising=False)
    runner = CliRunner()

    def invoke(*arguments: object, **options: Any) -> Result:
        return runner.invoke(main, [str(argument) for argument in arguments], **options)

    return invoke


@pytest.fixture
def answer(run: Run) -> Json:
    """The JSON answer of a command that must succeed, or of one that must fail with ``code``."""

    def invoke(*arguments: object, code: int = 0, **options: Any) -> dict[str, Any]:
        result = run(*arguments, "--json", **options)
        assert result.exit_code == code, (result.output, result.exception)
        lines = result.stdout.strip().splitlines()
        assert len(lines) == 1, result.stdout
        found = json.loads(lines[0])
        assert isinstance(found, dict)
        return found["error"] if code else found

    return invoke
