"""``tanlu policy``: bodies of the statements by which a park publishes its parameters."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from attestation.accounting import ObligationBase, list_bundled
from attestation.statements import Policy
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.files import write_new
from tanlu.reporting import factor_set_of

_effective = click.option(
    "--effective-from", required=True, metavar="YYYY-MM-DD", help="First day that it applies. 生效日期"
)
_out = click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the body. 输出文件")


@click.group()
def command() -> None:
    """Build a policy's body: what the park publishes before reports may use it. 编制政策

    Sign the body with `tanlu sign policy`, as the registrar.
    """


@command.command(name="factor-set")
@click.argument("name", metavar="ID@VERSION")
@click.option("--factor-file", type=options.FILE, help="The document, where it is not bundled. 排放因子文件")
@_effective
@_out
def factor_set_command(*, name: str, factor_file: Path | None, effective_from: str, out: Path) -> None:
    """Body that publishes a factor set with all its factors and sources. 发布排放因子集"""
    found = factor_set_of(name, factor_file)
    _write(
        out,
        Policy(
            policy="factor-set",
            id=found.id,
            version=found.version,
            effective_from=effective_from,
            document=dict(found.document()),
        ),
    )


@command.command(name="obligation-base")
@click.option("--year", type=click.IntRange(1990, 9999), required=True, help="Compliance year. 履约年度")
@click.option("--base", type=click.Choice([base.value for base in ObligationBase]), required=True, help="应清缴口径")
@click.option("--id", "policy_id", default="park", show_default=True, help="Name of the policy. 政策名称")
@click.option("--version", required=True, help="Version of the policy. 版本")
@_effective
@_out
def obligation_base_command(
    *, year: int, base: str, policy_id: str, version: str, effective_from: str, out: Path
) -> None:
    """Body that says which emissions of a year are owed: direct, or with purchased energy. 发布应清缴口径"""
    _write(
        out,
        Policy(
            policy="obligation-base",
            id=policy_id,
            version=version,
            effective_from=effective_from,
            document={"year": year, "base": base},
        ),
    )


@command.command(name="list")
def list_command() -> None:
    """The factor sets that come with Tanlu. 列出内置排放因子集"""
    names = [f"{set_id}@{version}" for set_id, version in list_bundled()]
    console().result({"factor_sets": names}, "\n".join(names), "\n".join(names))


def _write(out: Path, body: Policy) -> None:
    document = json.dumps(msgspec.to_builtins(body), ensure_ascii=False, indent=1) + "\n"
    write_new(out, document.encode())
    console().result(
        {"file": str(out), "policy": body.policy, "id": body.id, "version": body.version}, str(out), str(out)
    )
