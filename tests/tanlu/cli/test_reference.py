"""docs/cli.md says what the commands say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tanlu.cli import main

ROOT = Path(__file__).resolve().parents[3]


def test_the_help_texts_in_the_docs_are_current() -> None:
    check = subprocess.run(
        [sys.executable, "tools/cli_reference.py", "--check"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("page", ["cli.md", "keys.md", "quota.md", "streams.md"])
def test_every_command_line_in_the_docs_names_commands_and_options_that_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("\\\n", " ")
    head = text.partition("<!--")[0]
    lines = re.findall(r"^ *tanlu (.+)$", head, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        words = line.split()
        command = main.get_command(main.make_context("tanlu", [], resilient_parsing=True), words[0])
        assert command is not None, line
        for word in words[1:]:
            if not isinstance(command, click.Group):
                break
            command = command.commands[word]
        known = {option for parameter in command.params for option in parameter.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, (line, used - known)
