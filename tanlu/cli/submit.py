"""``tanlu submit``: signed statements from files go to the service."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from attestation.examination import examine
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Acceptance, Client
from tanlu.statement_files import read_statement
from tanlu.trustfile import load_trust


@click.command(name="submit")
@click.argument("paths", metavar="FILE...", type=options.FILE, nargs=-1, required=True)
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def command(
    *,
    paths: tuple[Path, ...],
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """Submit signed statements, one per file, in this order. 提交已签名的声明

    A statement that the log has already is answered with its first acceptance. Stops at the first refusal.
    """
    trust = load_trust(trust_path)
    entries = [read_statement(path) for path in paths]
    # Before anything is sent: a slip with the trust file must not look like a promise that the service broke.
    for entry in entries:
        examine(entry, trust.log)
    who = options.credentials(as_path, password_file)
    with Client(server, trust=trust, patience=patience, credentials=who) as client:
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
