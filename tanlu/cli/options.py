"""Options that several commands share: service, trust file, key file, password.

A password comes from ``--password-file``, from ``TANLU_KEY_PASSWORD`` or from a prompt; never from an argument, which
every user of the machine could read in the process list.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import reduce
from getpass import GetPassWarning
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from tanlu.client import Credentials
from tanlu.errors import InputRefused
from tanlu.files import require_folder
from tanlu.keyring import HeldKey, open_key

PASSWORD_VARIABLE = "TANLU_KEY_PASSWORD"  # noqa: S105 - the variable's name, not a password
_OPERATION_DIGITS = 64
DEFAULT_SERVER = "http://127.0.0.1:8700"


class _NewFile(click.Path):
    """The path of a file to write, looked at with the other arguments: before a key is opened, a service asked or a
    place in a stream taken. Raises InputRefused (``file.folder``)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        # Of the two ways to ask, the one that says no where the name itself is impossible.
        if not os.path.exists(path):
            require_folder(path)
        return path


class _Address(click.ParamType[str]):
    """The address of a service, looked at before anybody waits for an answer from what is none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        address = str(value)
        try:
            parts = urlsplit(address)
            complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            complete = False
        if not complete:
            self.fail(f"{address} is no address such as {DEFAULT_SERVER}. 不是服务地址。", param, ctx)
        return address


class _Operation(click.ParamType[str]):
    """64 hexadecimal digits, with or without ``0x``."""

    name = "op"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).lower().removeprefix("0x")
        if len(text) != _OPERATION_DIGITS or set(text) - set("0123456789abcdef"):
            # An order, a lot and an operation are all known by as many digits; a part of them names none.
            self.fail(
                f"{value} is no whole hash or operation: 64 hexadecimal digits are needed, these are {len(text)} "
                f"characters. 不是完整的哈希或操作号：须为 64 位十六进制，现为 {len(text)} 个字符。",
                param,
                ctx,
            )
        return text


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = _NewFile(dir_okay=False, path_type=Path)
ADDRESS = _Address()
OPERATION = _Operation()
reverses = click.option(
    "--reverses",
    metavar="OP",
    type=OPERATION,
    help="The settled trade that this undoes, as `tanlu market fills` names it. 拟冲回的成交",
)


def gathers(added: Sequence[Any], made: Any, name: str) -> Callable[[Any], Any]:
    """A decorator that adds options, and gives what they say to the command as one argument: a ``made`` (a dataclass
    with members of their names) called ``name``."""

    def wrap(function: Any) -> Any:
        def command(**given: Any) -> None:
            members = {member.name: given.pop(member.name) for member in fields(made)}
            function(**given, **{name: made(**members)})

        command.__doc__, command.__name__ = function.__doc__, function.__name__
        command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
        return reduce(lambda wrapped, option: option(wrapped), reversed(added), command)

    return wrap


server = click.option(
    "--server",
    envvar="TANLU_SERVER",
    type=ADDRESS,
    default=DEFAULT_SERVER,
    show_default=True,
    help="The service's address (TANLU_SERVER). 服务地址",
)
maybe_server = click.option(
    "--server", envvar="TANLU_SERVER", type=ADDRESS, help="Ask this service for the stream's last seq. 服务地址"
)
trust = click.option(
    "--trust",
    "trust_path",
    envvar="TANLU_TRUST",
    type=FILE,
    required=True,
    help="Trust file: which log, whose keys (TANLU_TRUST). 信任文件",
)
key = click.option(
    "--key", "key_path", type=FILE, required=True, help="Encrypted key file, its card beside it. 加密密钥文件"
)
password_file = click.option(
    "--password-file",
    type=FILE,
    help=f"First line is the key's password; else {PASSWORD_VARIABLE}, else a prompt. 密码文件",
)
patience = click.option(
    "--patience",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds to go on trying when the service does not answer. 重试时限（秒）",
)


as_key = click.option(
    "--as",
    "as_path",
    envvar="TANLU_AS",
    type=FILE,
    help="Key file that signs in to the service (TANLU_AS). 用于登录的密钥文件",
)


def credentials(path: Path | None, password_file: Path | None) -> Credentials | None:
    """Who signs in with ``--as``; None without it, which is enough for what is public."""
    if path is None:
        return None
    held = open_key(path, read_password(password_file))
    return signs_in(held)


def signs_in(held: HeldKey) -> Credentials:
    """A key that was opened for another purpose signs in too."""
    return Credentials(held.card.identifier, held.private)


def read_password(path: Path | None, *, confirm: bool = False) -> str:
    """The password; `confirm` asks twice at a prompt. Raises InputRefused (``password.empty``), and
    click.UsageError where nobody can be asked."""
    if path is not None:
        lines = path.read_text(encoding="utf-8").splitlines()
        password = lines[0] if lines else ""
    elif PASSWORD_VARIABLE in os.environ:
        password = os.environ[PASSWORD_VARIABLE]
    else:
        password = _prompt(confirm=confirm)
    if not password:
        raise InputRefused(
            rule="password.empty",
            value="",
            expected="a password",
            message="The password is empty",
            message_zh="密码为空",
        )
    return str(password)


def _prompt(*, confirm: bool) -> str:
    with warnings.catch_warnings():
        # Without a terminal getpass would warn, and read the password where it is echoed.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(click.prompt("Password 密码", hide_input=True, confirmation_prompt=confirm, err=True))
        except GetPassWarning as error:
            raise click.UsageError(
                f"No terminal to ask for the password: name a file with --password-file, or set {PASSWORD_VARIABLE}. "
                "没有终端可供输入密码；请用 --password-file 指定密码文件。"
            ) from error
