"""What the command line itself refuses: an option, a command or an argument. English and Chinese beside each other.

click finds these before any option took effect, so that ``--json`` is looked for among the words as they were given.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from click.exceptions import NoSuchCommand


def show(error: click.ClickException, words: Sequence[str]) -> None:
    """Show a usage error: ``{"error": {…}}`` on standard output if ``--json`` was among ``words``, else text."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or not _wants_json(words):
        error.show()
        if not isinstance(error, click.exceptions.NoArgsIsHelpError):
            click.echo(f"错误：{_chinese(error)}", err=True)
        return
    click.echo(json.dumps({"error": members(error)}, ensure_ascii=False))


def members(error: click.ClickException) -> dict[str, str]:
    """Rule, value, expected, message and message_zh."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    rule, value = _rule(error)
    return {
        "rule": rule,
        "value": value,
        "expected": "" if context is None else context.get_usage().removeprefix("Usage: "),
        "message": error.format_message(),
        "message_zh": _chinese(error),
    }


def _wants_json(words: Sequence[str]) -> bool:
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def _rule(error: click.ClickException) -> tuple[str, str]:
    match error:
        case click.NoSuchOption():
            return "usage.option", error.option_name
        case NoSuchCommand():
            return "usage.command", error.command_name
        case click.MissingParameter():
            return "usage.missing", _name(error)
        case click.BadParameter():
            return "usage.value", _name(error)
        case click.FileError():
            return "usage.file", str(error.filename)
        case _:
            return "usage", ""


def _chinese(error: click.ClickException) -> str:
    rule, value = _rule(error)
    text = {
        "usage.option": f"没有选项 {value}",
        "usage.command": f"没有命令 {value}",
        "usage.missing": f"缺少 {value}",
        "usage.value": f"{value} 的值无效",
        "usage.file": f"无法打开文件 {value}",
        "usage": "用法不正确",
    }[rule]
    if isinstance(error, click.NoSuchOption | NoSuchCommand) and error.possibilities:
        text += f"；是否想用 {'、'.join(sorted(error.possibilities))}？"
    if rule == "usage.value" and isinstance(error, click.BadParameter):
        text += _wanted_zh(error.param)
    return f"{text}{'' if text.endswith('？') else '。'}详见 --help。"


def _wanted_zh(param: click.Parameter | None) -> str:
    """What such a value may be, where its type says so in names and numbers."""
    kind = None if param is None else param.type
    if isinstance(kind, click.Choice):
        return f"，应为 {'、'.join(str(choice) for choice in kind.choices)} 之一"
    if isinstance(kind, click.IntRange | click.FloatRange):
        number = "整数" if isinstance(kind, click.IntRange) else "数"
        bounds = ((kind.min, kind.min_open, "大于", "不小于"), (kind.max, kind.max_open, "小于", "不大于"))
        told = [f"{beyond if is_open else at}{bound:g}" for bound, is_open, beyond, at in bounds if bound is not None]
        return f"，应为{'且'.join(told)}的{number}"
    return ""


def _name(error: click.BadParameter) -> str:
    if error.param_hint:
        return error.param_hint if isinstance(error.param_hint, str) else " / ".join(error.param_hint)
    if error.param is None:
        return ""
    return error.param.opts[0] if isinstance(error.param, click.Option) else error.param.human_readable_name.upper()
