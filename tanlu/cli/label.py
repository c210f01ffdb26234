"""``tanlu label``: carbon efficiency codes, built and read (DOMAIN 48)."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from attestation.accounting import ObligationBase
from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ, Activity, Label, Sector
from attestation.bodies.labels import ACTIVITY_UNITS, BASES
from tanlu.cli import options
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.client.cases import CaseFigure
from tanlu.client.labels import LoggedLabel
from tanlu.files import write_new
from tanlu.labelling import LabelInputs, build_label

_BASES_ZH = {"registered": "已登记", "determined": "已核定", "verified": "已核查", "reported": "已报告"}


@click.group()
def command() -> None:
    """Build a carbon efficiency code, and list an enterprise's. 碳效码

    Sign the body with `tanlu sign label`, as the registrar.
    """


@command.command()
@click.option("--enterprise", required=True, help="Whose code. 企业标识")
@click.option("--year", type=click.IntRange(FIRST_YEAR, LAST_YEAR), required=True, help="Compliance year. 履约年度")
@click.option("--basis", type=click.Choice(BASES), required=True, help="On whose word the tonnes stand. 排放量依据")
@click.option("--report", metavar="ID", help="Statement id of the report that they are of. 所依据报告的声明编号")
@click.option(
    "--base",
    type=click.Choice([base.value for base in ObligationBase]),
    required=True,
    help="What they cover. 排放口径",
)
@click.option("--tonnes", type=click.IntRange(0, MAX_SEQ), required=True, help="Emissions of the year, tCO2. 排放量")
@click.option("--product", required=True, help="What the intensity is per: a product, or value added. 产品名称")
@click.option("--quantity", required=True, help="How much of it, a decimal. 活动量")
@click.option("--unit", type=click.Choice(ACTIVITY_UNITS), required=True, help="Its unit; 1e4CNY for value added. 单位")
@click.option("--sector", required=True, help="Name of the sector. 行业名称")
@click.option("--sector-intensity", required=True, help="The sector's tCO2 per that unit, a decimal. 行业强度")
@click.option("--sector-source", required=True, help="Where that is published. 行业强度出处")
@click.option("--value-added", required=True, help="Value added in CNY 10,000, a decimal. 增加值（万元）")
@click.option("--supersedes", metavar="ID", help="Statement id of the label that stands. 所替代碳效码的声明编号")
@click.option("--reason", help="Why it is replaced. 替代理由")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the body. 输出文件")
def build(
    *,
    enterprise: str,
    year: int,
    basis: str,
    report: str | None,
    base: str,
    tonnes: int,
    product: str,
    quantity: str,
    unit: str,
    sector: str,
    sector_intensity: str,
    sector_source: str,
    value_added: str,
    supersedes: str | None,
    reason: str | None,
    out: Path,
) -> None:
    """Compute K, level and grade, and write the label's body. 编制碳效码"""
    built = build_label(
        LabelInputs(
            enterprise=enterprise,
            year=year,
            basis=basis,
            report=report,
            obligation_base=base,
            tonnes=tonnes,
            activity=Activity(product=product, quantity=quantity, unit=unit),
            sector=Sector(name=sector, intensity=sector_intensity, source=sector_source),
            value_added=value_added,
            supersedes=supersedes,
            reason=reason,
        )
    )
    write_new(out, (json.dumps(msgspec.to_builtins(built.body), ensure_ascii=False, indent=1) + "\n").encode())
    console().result({"file": str(out), **built.code.as_dict()}, _line(built.body), _line_zh(built.body))


@command.command(name="list")
@click.option("--year", type=click.IntRange(FIRST_YEAR, LAST_YEAR), help="Of this year only. 履约年度")
@asks
def list_command(*, asking: Asking, year: int | None) -> None:
    """List the codes of IDENTIFIER, newest first, each recomputed here. 列出碳效码

    One whose case got another figure afterwards is marked as outdated. Without IDENTIFIER: those of the key that signs
    in.
    """
    with asking.open() as (client, enterprise):
        found = list(client.labels(enterprise, year=year))
        figures = {one.year: one.figure for one in client.cases(enterprise, year)} if found else {}
    console().result(
        {
            "enterprise": enterprise,
            "labels": [
                msgspec.to_builtins(each) | {"figure": msgspec.to_builtins(figures.get(each.label.year))}
                for each in found
            ],
        },
        "\n".join(_logged(each, figures.get(each.label.year)) for each in found) or f"{enterprise} has no label",
        "\n".join(_logged_zh(each, figures.get(each.label.year)) for each in found) or f"{enterprise} 没有碳效码",
    )


def _logged(each: LoggedLabel, figure: CaseFigure | None) -> str:
    label = each.label
    line = f"entry {each.index}: {_line(label)}; {label.tonnes} t {label.basis}"
    if label.report is not None:
        line += f", report {label.report}"
    if each.superseded_by is not None:
        return f"{line} (replaced by entry {each.superseded_by})"
    if figure is None:
        return line
    if figure.index > each.index:
        return f"{line} (outdated: the case's figure is {figure.tonnes} t, revision {figure.revision})"
    return f"{line}, revision {figure.revision}"


def _logged_zh(each: LoggedLabel, figure: CaseFigure | None) -> str:
    label = each.label
    line = f"第 {each.index} 条记录：{_line_zh(label)}；{label.tonnes} 吨（{_BASES_ZH[label.basis]}）"
    if label.report is not None:
        line += f"，报告 {label.report}"
    if each.superseded_by is not None:
        return f"{line}（已由第 {each.superseded_by} 条记录替代）"
    if figure is None:
        return line
    if figure.index > each.index:
        return f"{line}（已过时：案件现为 {figure.tonnes} 吨，第 {figure.revision} 版）"
    return f"{line}，第 {figure.revision} 版"


def _line(label: Label) -> str:
    return (
        f"{label.enterprise} {label.year}: K {label.k}, level {label.level}; "
        f"{label.value_intensity} tCO2 per CNY 10,000, {label.grade}"
    )


def _line_zh(label: Label) -> str:
    grade = {"low": "低", "mid": "中", "high": "高"}[label.grade]
    return (
        f"{label.enterprise} {label.year} 年：碳效值 {label.k}，{label.level} 级；"
        f"每万元增加值 {label.value_intensity} 吨，{grade}"
    )
