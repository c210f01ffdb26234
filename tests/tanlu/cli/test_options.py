"""Where a password comes from."""

from __future__ import annotations

import os
import subprocess
import sys

ASK = "from tanlu.cli.options import read_password\nimport click\n"
ASK += "@click.command()\ndef ask():\n    read_password(None)\nask()\n"


def test_without_file_and_terminal_the_password_is_refused_by_naming_the_option() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TANLU_KEY_PASSWORD"}
    # A session of its own has no controlling terminal, whoever runs the tests.
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    assert asked.returncode == 2, asked.stderr
    assert "--password-file" in asked.stderr
    assert "密码文件" in asked.stderr
    assert "GetPassWarning" not in asked.stderr
