"""The command line: every command loads, `--json` and `--lang` are everywhere, exit codes mean what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from api.settings import SettingsRefused
from attestation.refusals import refuse
from ganache.errors import DevelopmentKeyRefused, EngineMissing
from ledger.errors import ChainUnavailable, HistoryDiverged, OutOfRange
from tanlu.cli import COMMANDS, main
from tanlu.cli.console import CommandRefused, Console, ExitCode, exit_code, members_of

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def _leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None, f"{path} {name}"
            yield from _leaves(child, f"{path} {name}")


def test_every_command_loads_and_has_json_and_lang() -> None:
    found = dict(_leaves(main, "tanlu"))
    assert {f"tanlu {name}" for name in COMMANDS} <= set(found)
    for path, command in found.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--lang"} <= options, path
        assert command.help, path


def test_help_loads_no_command() -> None:
    code = "import sys, tanlu.cli; tanlu.cli.main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "import-readings" in run.stdout
    modules = run.stdout.splitlines()[-1]
    for heavy in ("'web3'", "'sqlalchemy'", "'fastapi'", "'tanlu.cli.serve'"):
        assert heavy not in modules


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refuse("entry.size", 1), ExitCode.REFUSED),
        (OutOfRange("m", rule="r"), ExitCode.REFUSED),
        (SettingsRefused("r", "v", "e", "m", "中"), ExitCode.REFUSED),
        (CommandRefused("r", "v", "e", "m", "中"), ExitCode.REFUSED),
        (DevelopmentKeyRefused("r", "v", "m", "中"), ExitCode.REFUSED),
        (ChainUnavailable("m", rule="r"), ExitCode.UNAVAILABLE),
        (EngineMissing("r", "v", "m", "中"), ExitCode.UNAVAILABLE),
        (HistoryDiverged("m", rule="r"), ExitCode.INTEGRITY),
        (RuntimeError("m"), ExitCode.FAULT),
    ],
)
def test_the_exit_code_is_that_of_the_errors_family(error: Exception, code: ExitCode) -> None:
    assert exit_code(error) is code
    assert {"rule", "message", "message_zh"} <= set(members_of(error))


def test_what_a_refused_command_expects_is_said_in_the_chosen_language(capsys: pytest.CaptureFixture[str]) -> None:
    refused = CommandRefused("r", "v", "a node that answers", "No answer.", "没有应答。", expected_zh="有应答的节点")
    Console(lang="zh").failure(refused)
    chinese = capsys.readouterr().err
    assert "没有应答；应为：有应答的节点" in chinese
    assert "a node" not in chinese
    Console(lang="en").failure(refused)
    english = capsys.readouterr().err
    assert "expected: a node that answers" in english
    assert "应为" not in english


def test_exit_codes_are_documented() -> None:
    page = OPERATIONS.read_text("utf-8")
    for code in ExitCode:
        assert f"| {int(code)} | " in page


@pytest.mark.parametrize("place", ["before", "after"])
def test_json_and_language_work_before_and_after_the_commands_name(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in use")
    options = ["--json"]
    command = ["init", "--home", str(tmp_path)]
    arguments = [*options, *command] if place == "before" else [*command, *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == ExitCode.REFUSED
    assert json.loads(result.stdout)["error"]["rule"] == "init.home"


@pytest.mark.parametrize(
    ("arguments", "environ", "word"),
    [
        (["--lang", "zh"], {}, "错误"),
        ([], {"TANLU_LANG": "zh"}, "错误"),
        ([], {"TANLU_LANG": "en"}, "error"),
        (["--lang", "en"], {"TANLU_LANG": "zh"}, "error"),
    ],
)
def test_errors_speak_the_chosen_language(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], word: str
) -> None:
    (tmp_path / "file").write_text("in use")
    result = CliRunner().invoke(main, [*arguments, "init", "--home", str(tmp_path)], env=environ)
    assert result.exit_code == ExitCode.REFUSED
    assert result.stdout == ""
    assert result.stderr.startswith(f"{word} [init.home]")


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["nothing"]).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(("command", "rule"), [("serve", "settings.missing"), ("witness", "witness.config")])
def test_an_empty_home_is_said_in_one_clear_sentence(tmp_path: Path, command: str, rule: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tanlu", command, "--home", str(tmp_path / "none")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == ExitCode.REFUSED
    assert f"[{rule}]" in run.stderr
    assert "Traceback" not in run.stderr
