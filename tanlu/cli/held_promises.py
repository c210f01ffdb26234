"""Promises in files of those who hold them: a JWS, an answer of a command, a journal of an import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ledger.audit.asked import Held
from ledger.audit.overdue import read_promise
from ledger.trust import Trust
from tanlu.cli.console import CommandRefused


def promises_in(path: Path, trust: Trust) -> list[Held]:
    """Every promise of a file, each signed by the log key for this log.

    The file is a compact JWS, a JSON document, or lines of either; in JSON, members named ``promise`` count at any
    depth. Raises ``CommandRefused`` for a file that cannot be read or has none, ``Malformed`` and ``SignatureInvalid``
    for a promise that is not the log's: such a one says nothing against anybody.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _refused(path, "bytes that are no text") from error
    tokens = list(dict.fromkeys(_tokens(text)))
    if not tokens:
        raise _refused(path, "no promise in it")
    return [Held(path.name, read_promise(token, trust)) for token in tokens]


def _tokens(text: str) -> Iterator[str]:
    try:
        yield from _members(json.loads(text))
    except ValueError:
        for line in text.splitlines():
            try:
                yield from _members(json.loads(line))
            except ValueError:
                if line.strip():
                    yield line.strip()


def _members(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "promise" and isinstance(member, str):
                yield member
            else:
                yield from _members(member)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member)


def _refused(path: Path, found: str) -> CommandRefused:
    return CommandRefused(
        "audit.promise",
        f"{path}: {found}",
        "a file with a promise: a JWS, or JSON or lines of JSON with a member 'promise'",
        f"{path} has no promise that could be held against the log: {found}.",
        f"{path} 中没有可供核对的承诺：{found}。",
        expected_zh="含承诺的文件：JWS，或带 promise 成员的 JSON（每行一条亦可）",
    )
