"""What the command line itself refuses: both languages, JSON where it is asked for, exit code 2."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tanlu.cli import main
from tanlu.cli.console import ExitCode

CASES = [
    (["nothing"], "usage.command", "nothing", "没有命令 nothing"),
    (["serve", "--prot", "1"], "usage.option", "--prot", "没有选项 --prot；是否想用"),
    (["serve", "--port", "99999"], "usage.value", "--port", "--port 的值无效"),
    (["backup", "check"], "usage.missing", "FILE", "缺少 FILE"),
    (["verify", "/nowhere/receipt.json"], "usage.value", "", "的值无效"),
    (["keys", "list", "88.608.1/A", "--server", "nonsense"], "usage.value", "--server", "--server 的值无效"),
    (["keys", "list", "88.608.1/A", "--server", "http://host:port"], "usage.value", "--server", "--server 的值无效"),
    (["serve", "one"], "usage", "", "用法不正确"),
]


@pytest.mark.parametrize(("words", "rule", "value", "chinese"), CASES)
def test_a_usage_error_is_said_in_both_languages(words: list[str], rule: str, value: str, chinese: str) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == ExitCode.USAGE
    assert result.stdout == ""
    assert "Error: " in result.stderr
    assert "错误：" in result.stderr
    assert chinese in result.stderr


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize(("words", "rule", "value", "chinese"), CASES)
def test_with_json_it_is_one_document_on_standard_output(
    words: list[str], rule: str, value: str, chinese: str, place: str
) -> None:
    result = CliRunner().invoke(main, ["--json", *words] if place == "first" else [*words, "--json"])
    assert result.exit_code == ExitCode.USAGE
    error: dict[str, Any] = json.loads(result.stdout)["error"]
    assert error["rule"] == rule
    assert value in error["value"]
    assert chinese in error["message_zh"]
    assert error["message"]
    assert error["expected"].startswith("main")
    assert result.stderr == ""


def test_what_follows_two_dashes_is_no_option() -> None:
    result = CliRunner().invoke(main, ["serve", "--", "--json"])
    assert (result.exit_code, result.stdout) == (ExitCode.USAGE, "")


def test_an_interrupted_prompt_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr("tanlu.cli.backup.check", interrupted)
    assert CliRunner().invoke(main, ["backup", "check", "file"]).exit_code == ExitCode.INTERRUPTED
