"""``tanlu policy factor-set`` and ``correct``: factor sets, and versions that take the place of wrong ones."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.bodies.policies import Corrects
from attestation.statements import Policy
from tanlu.cli import options
from tanlu.cli.policy.building import EFFECTIVE, OUT, write
from tanlu.reporting import factor_set_of

_NAME = click.argument("name", metavar="ID@VERSION")
_FILE = click.option("--factor-file", type=options.FILE, help="The document, where it is not bundled. 排放因子文件")


def _body(name: str, factor_file: Path | None, effective_from: str, corrects: Corrects | None = None) -> Policy:
    found = factor_set_of(name, factor_file)
    return Policy(
        policy="factor-set",
        id=found.id,
        version=found.version,
        effective_from=effective_from,
        document=dict(found.document()),
        corrects=corrects,
    )


@click.command(name="factor-set")
@_NAME
@_FILE
@EFFECTIVE
@OUT
def factor_set_command(*, name: str, factor_file: Path | None, effective_from: str, out: Path) -> None:
    """Body that publishes a factor set with all its factors and sources. 发布排放因子集"""
    write(out, _body(name, factor_file, effective_from))


@click.command(name="correct")
@_NAME
@_FILE
@click.option("--corrects", required=True, metavar="VERSION", help="The version that was wrong. 被更正的版本")
@click.option("--reason", required=True, help="What was wrong with it. 更正原因")
@EFFECTIVE
@OUT
def correct_command(
    *, name: str, factor_file: Path | None, corrects: str, reason: str, effective_from: str, out: Path
) -> None:
    """Body of a factor set that takes the place of an earlier version of the same id. 更正排放因子集

    From its entry on no report may name the wrong version; the new one serves every period that the wrong one did.
    `tanlu policy touched` lists the reports that were judged by the wrong one.
    """
    write(out, _body(name, factor_file, effective_from, Corrects(version=corrects, reason=reason)))
