"""``tanlu submit``: signed statements from files go to the service."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Acceptance, Client
from tanlu.statement_files import read_statement


@click.command(name="submit")
@click.argument("paths", metavar="FILE...", type=options.FILE, nargs=-1, required=True)
@options.server
@options.trust
@options.patience
def command(*, paths: tuple[Path, ...], server: str, trust_path: Path, patience: float) -> None:
    """Submit signed statements, one per file, in this order. 提交已签名的声明

    A statement that the log has already is answered with its first acceptance. Stops at the first refusal.
    """
    entries = [read_statement(path) for path in paths]
    with Client(server, trust=trust_path, patience=patience) as client:
        accepted = [client.submit(entry) for entry in entries]
    results = [{"file": str(path), **shown(answer)} for path, answer in zip(paths, accepted, strict=True)]
    console().result(
        {"results": results},
        "\n".join(f"{path}: entry {answer.index}" for path, answer in zip(paths, accepted, strict=True)),
        "\n".join(f"{path}：第 {answer.index} 条记录" for path, answer in zip(paths, accepted, strict=True)),
    )


def shown(answer: Acceptance) -> dict[str, object]:
    """An acceptance as JSON-ready members."""
    return dict(msgspec.to_builtins(answer))
