"""What a command prints: one JSON document or text for people, in English or Chinese; errors and exit codes.

Exit codes (docs/operations.md has the same list):

==== ==========================================================================================
0    done
1    refused: the input, a statement, a receipt or a setting breaks a rule
2    usage: an option or argument
3    unavailable: service, witness, chain or database was not reached in time; try again. After ``--wait`` with
     an entry named: accepted, not on chain yet; ask with ``tanlu operation show``, do not repeat the act
4    integrity: histories contradict each other, or a promise was broken; a person must look
5    bank and ledger differ: what was said is in the log, and cash stands still until they agree
70   a fault of this program
130  interrupted
==== ==========================================================================================
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import click

LANGUAGES = ("en", "zh")
SIGN_IN = "--as FILE or TANLU_AS: the key file that signs in 用于登录的密钥文件"


class ExitCode(IntEnum):
    """See the module's docstring."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNAVAILABLE = 3
    INTEGRITY = 4
    DIFFERS = 5
    FAULT = 70
    INTERRUPTED = 130


# By name, so that printing an error loads no package that the command did not load.
_FAMILIES: Mapping[str, ExitCode] = {
    "attestation.errors.AttestationError": ExitCode.REFUSED,
    "ledger.errors.Refusal": ExitCode.REFUSED,
    "ledger.errors.Retryable": ExitCode.UNAVAILABLE,
    "ledger.errors.Integrity": ExitCode.INTEGRITY,
    "ganache.errors.DevelopmentKeyRefused": ExitCode.REFUSED,
    "ganache.errors.StateUnreadable": ExitCode.INTEGRITY,
    "ganache.errors.EngineError": ExitCode.UNAVAILABLE,
    "api.settings.SettingsRefused": ExitCode.REFUSED,
    "tanlu.errors.ServiceUnavailable": ExitCode.UNAVAILABLE,
    "tanlu.errors.PromiseBroken": ExitCode.INTEGRITY,
    "tanlu.errors.TanluError": ExitCode.REFUSED,
    "tanlu.cli.console.CommandRefused": ExitCode.REFUSED,
}


class CommandRefused(Exception):
    """A command that cannot be carried out as given.

    ``expected_zh``: the same in Chinese where it is more than names and numbers; the Chinese text says it.
    """

    def __init__(
        self, rule: str, value: object, expected: str, message: str, message_zh: str, *, expected_zh: str = ""
    ) -> None:
        super().__init__(message)
        if expected_zh:
            message_zh = f"{message_zh.removesuffix('。')}；应为：{expected_zh}"
        self.rule = rule
        self.value = str(value)
        self.expected = expected
        self.message = message
        self.message_zh = message_zh


@dataclass(slots=True)
class Console:
    """How this run answers. ``--json`` and ``--lang`` set it, before or after the command's name."""

    json: bool = False
    lang: str = "en"

    def pick(self, english: str, chinese: str) -> str:
        """The text in the chosen language."""
        return chinese if self.lang == "zh" else english

    def result(self, data: Mapping[str, object], english: str, chinese: str) -> None:
        """The command's answer, on standard output: ``data`` as one line of JSON, or the text."""
        click.echo(json.dumps(data, ensure_ascii=False) if self.json else self.pick(english, chinese))

    def note(self, english: str, chinese: str) -> None:
        """Progress for people, on standard error."""
        click.echo(self.pick(english, chinese), err=True)

    def failure(self, error: Exception) -> ExitCode:
        """Show an error and return the exit code: JSON on standard output, or text on standard error."""
        code = exit_code(error)
        if self.json:
            click.echo(json.dumps({"error": members_of(error)}, ensure_ascii=False, default=str))
        else:
            click.echo(self._sentence(error), err=True)
        return code

    def _sentence(self, error: Exception) -> str:
        members = members_of(error)
        message = str(members["message_zh"] if self.lang == "zh" else members["message"])
        parts = [f"{self.pick('error', '错误')} [{members['rule']}]: {message}"]
        for name, english, chinese in (("value", "found", "实际"), ("expected", "expected", "应为")):
            text = str(members.get(name) or "")
            # Many messages say it already, those in Chinese in Chinese words.
            said = text in message or (self.lang == "zh" and name == "expected" and chinese in message)
            if text and not said:
                parts.append(f"  {self.pick(english, chinese)}: {text}")
        return "\n".join(parts)


def exit_code(error: BaseException) -> ExitCode:
    """The exit code of an error's family."""
    for kind in type(error).__mro__:
        found = _FAMILIES.get(f"{kind.__module__}.{kind.__qualname__}")
        if found is not None:
            return found
    return ExitCode.FAULT


def members_of(error: Exception) -> dict[str, object]:
    """Rule, value, expected, message and message_zh of an error; a fault's own text where it has none."""
    as_dict = getattr(error, "as_dict", None)
    if callable(as_dict):
        members = dict(as_dict())
        # The service speaks of headers; whoever runs a command signs in with an option.
        if members.get("rule") == "access.token_missing":
            members["expected"] = SIGN_IN
        return members
    if hasattr(error, "rule") and hasattr(error, "message"):
        names = ("rule", "value", "expected", "message", "message_zh")
        return {name: getattr(error, name) for name in names if hasattr(error, name)}
    text = f"{type(error).__name__}: {error}"
    return {"rule": "internal.error", "message": text, "message_zh": text}


def console() -> Console:
    """The console of the running command."""
    found = click.get_current_context().find_object(Console)
    return Console() if found is None else found


def is_terminal() -> bool:
    """Whether a person watches: then progress may be drawn."""
    return sys.stderr.isatty()
