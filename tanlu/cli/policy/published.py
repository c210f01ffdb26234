"""``tanlu policy published`` and ``touched``: what the log holds of policies."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from attestation.instants import format_instant
from attestation.policies import FACTOR_SET, OF_A_YEAR
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client import Client
from tanlu.trustfile import load_trust

_KINDS = click.Choice([FACTOR_SET, *OF_A_YEAR])
_POLICIES = ("policy", "id", "version", "year", "from", "serves from", "in force", "entry", "corrected by")
_POLICIES_ZH = ("政策", "名称", "版本", "年度", "生效日期", "适用起始", "生效中", "条目", "更正为")
_REPORTS = ("entry", "issuer", "year", "from", "to", "superseded by")
_REPORTS_ZH = ("条目", "签发者", "年度", "起", "止", "替代条目")


@click.command(name="published")
@click.option("--policy", type=_KINDS, help="Only this kind. 政策类别")
@click.option("--year", type=click.IntRange(1990, 2200), help="Only this compliance year. 履约年度")
@click.option("--on", metavar="YYYY-MM-DD", help="In force on this day, else today in China. 日期")
@click.option("--in-force", is_flag=True, help="Only what is in force on that day. 仅列生效者")
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def published_command(
    *,
    policy: str | None,
    year: int | None,
    on: str | None,
    in_force: bool,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """List what the park published, and what of it is in force on a day. 列出已发布的政策"""
    who = options.credentials(as_path, password_file)
    with Client(server, trust=load_trust(trust_path), patience=patience, credentials=who) as client:
        found = client.policies(policy=policy, year=year, on=on, in_force=in_force)
    rows = [
        [
            one.policy,
            one.id,
            one.version,
            "-" if one.year is None else str(one.year),
            one.effective_from,
            one.serves_from,
            "yes" if one.in_force else "no",
            one.index,
            one.corrected_by or "-",
        ]
        for one in found
    ]
    console().result(
        {"policies": msgspec.to_builtins(found)},
        table(_POLICIES, rows) if rows else "nothing is published",
        table(_POLICIES_ZH, rows) if rows else "没有已发布的政策",
    )


@click.command(name="touched")
@click.argument("policy", type=_KINDS)
@click.argument("policy_id", metavar="ID")
@click.argument("version")
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def touched_command(
    *,
    policy: str,
    policy_id: str,
    version: str,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """List the reports that were judged by a VERSION of a policy. 列出某一政策版本所涉报告

    Those that name the factor set, or that were accepted while the version was in force for their year.
    """
    who = options.credentials(as_path, password_file)
    with Client(server, trust=load_trust(trust_path), patience=patience, credentials=who) as client:
        found = list(client.touched(policy, policy_id, version))
    rows = [
        [
            one.index,
            one.issuer,
            one.year,
            format_instant(one.period_start),
            format_instant(one.period_end),
            "-" if one.superseded_by is None else str(one.superseded_by),
        ]
        for one in found
    ]
    console().result(
        {"policy": policy, "id": policy_id, "version": version, "reports": msgspec.to_builtins(found)},
        table(_REPORTS, rows) if rows else "no report was judged by it",
        table(_REPORTS_ZH, rows) if rows else "没有报告使用过该版本",
    )
