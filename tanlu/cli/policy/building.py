"""What the commands that build a policy share: name, version, first day, and the file."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import Any

import click
import msgspec

from attestation.statements import Policy
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.files import write_new

EFFECTIVE = click.option(
    "--effective-from", required=True, metavar="YYYY-MM-DD", help="First day that it applies. 生效日期"
)
OUT = click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the body. 输出文件")
_OF_A_YEAR = (
    click.option("--year", type=click.IntRange(1990, 2200), required=True, help="Compliance year. 履约年度"),
    click.option("--id", "policy_id", help="Name of the policy, one for each year; else park-YEAR. 政策名称"),
    click.option("--version", required=True, help="Version of the policy. 版本"),
    EFFECTIVE,
    OUT,
)


def of_a_year(function: Any) -> Any:
    """Adds the options of a policy that belongs to a compliance year."""
    return reduce(lambda made, option: option(made), reversed(_OF_A_YEAR), function)


def write(out: Path, body: Policy) -> None:
    """Write the body and say so."""
    document = json.dumps(msgspec.to_builtins(body), ensure_ascii=False, indent=1) + "\n"
    write_new(out, document.encode())
    console().result(
        {"file": str(out), "policy": body.policy, "id": body.id, "version": body.version}, str(out), str(out)
    )
