"""``tanlu init`` says what to do next, and that can be done as it is said."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ganache import free_port
from tanlu.cli import main
from tanlu.cli.console import ExitCode


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_of_the_first_statement_lacks_nothing_but_a_service(tmp_path: Path, lang: str) -> None:
    run, home, port = CliRunner(), tmp_path / "a home", free_port()
    made = run.invoke(main, ["--lang", lang, "init", "--home", str(home), "--port", str(port)])
    assert made.exit_code == ExitCode.DONE, made.output
    program, *words = shlex.split(made.stdout.splitlines()[-1])
    assert program == "tanlu"
    # Files, key and password are read before the service is asked; nobody listens there.
    sent = run.invoke(main, [*words, "--patience", "0"])
    assert sent.exit_code == ExitCode.UNAVAILABLE, sent.output
    assert f"http://127.0.0.1:{port}" in sent.output
