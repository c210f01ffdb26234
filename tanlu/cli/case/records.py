"""``tanlu case list``, ``tanlu case show``: where cases stand."""

from __future__ import annotations

from collections.abc import Mapping

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.case.outcomes import outcomes, read_bodies
from tanlu.cli.case.speaking import of_case
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client.cases import Case, CaseFile
from tanlu.trustfile import load_trust

_STATES_ZH = {
    "open": "待指派与报告",
    "drawing": "抽签中",
    "assigned": "已指派",
    "reported": "已报告",
    "in-verification": "核查中",
    "correcting": "整改中",
    "rejected": "已退回",
    "verified": "异议期",
    "objected": "异议待裁定",
    "registrable": "可登记",
    "registered": "已登记",
    "determined": "已核定",
}


@click.command("list")
@click.option("--enterprise", help="Only its cases. 企业")
@click.option("--year", type=click.IntRange(1990, 9999), help="Only this compliance year. 履约年度")
@looks
def list_command(*, looking: Looking, enterprise: str | None, year: int | None) -> None:
    """List cases and where they stand, those that you may see. 列出案件"""
    with looking.client() as client:
        found = list(client.cases(enterprise, year))
    console().result({"cases": msgspec.to_builtins(found)}, _listed(found, zh=False), _listed(found, zh=True))


@click.command()
@of_case
@looks
def show(*, looking: Looking, enterprise: str, year: int) -> None:
    """Show the case of ENTERPRISE and YEAR: state, every step, deadlines, what is open. 查看案件"""
    with looking.client() as client:
        found = client.case(enterprise, year)
        bodies = read_bodies(client, found, load_trust(looking.trust_path).log)
    shown = (_shown(found, outcomes(found, bodies, zh=zh), zh=zh) for zh in (False, True))
    console().result(msgspec.to_builtins(found), *shown)


def _listed(found: list[Case], *, zh: bool) -> str:
    if not found:
        return "没有案件" if zh else "no cases"
    header = ("企业", "年度", "状态", "核查机构", "吨") if zh else ("enterprise", "year", "state", "verifier", "tonnes")
    rows = [
        (one.enterprise, one.year, _state(one, zh=zh), one.verifier or "-", one.figure.tonnes if one.figure else "-")
        for one in found
    ]
    return table(header, rows)


def _state(case: Case, *, zh: bool) -> str:
    return _STATES_ZH.get(case.state, case.state) if zh else case.state


def _shown(case: CaseFile, went: Mapping[int, str], *, zh: bool) -> str:
    parts = [f"{case.enterprise} {case.year}: {_state(case, zh=zh)}"]
    parts += _people(case, zh=zh)
    parts += _figures(case, zh=zh)
    if case.open_nonconformities:
        parts.append("未关闭的不符合项：" if zh else "open non-conformities:")
        parts += [f"  {one.finding}:{one.item}" for one in case.open_nonconformities]
    parts.append("步骤：" if zh else "steps:")
    steps = [
        (one.index, one.kind, one.issuer, format_instant(one.accepted_at), went.get(one.index, "-"), one.statement_id)
        for one in case.steps
    ]
    header = ("序号", "步骤", "签署者", "受理时间", "结果", "声明编号")
    parts.append(table(header if zh else ("entry", "step", "signed by", "accepted", "outcome", "statement id"), steps))
    if case.deadlines:
        parts.append("期限：" if zh else "deadlines:")
        due = [(format_instant(one.at), one.name, one.state) for one in case.deadlines]
        parts.append(table(("截止", "事项", "状态") if zh else ("due", "what", "state"), due))
    return "\n".join(parts)


def _people(case: CaseFile, *, zh: bool) -> list[str]:
    parts = []
    if case.assignment is not None:
        who = case.assignment
        days = f"{format_instant(who.start)} - {format_instant(who.until)}"
        parts.append(f"核查机构 {who.verifier}，{days}" if zh else f"verifier {who.verifier}, {days}")
    if case.draw is not None:
        until, names = format_instant(case.draw.contribute_until), ", ".join(case.draw.candidates)
        waits = case.draw.contribution is None
        english = f"waits for the enterprise's bytes until {until}" if waits else "waits for the registrar's secret"
        chinese = f"等待企业随机值，至 {until}" if waits else "等待登记机构公开秘密值"
        parts.append(f"抽签：{names}；{chinese}" if zh else f"draw among {names}: {english}")
    return parts


def _figures(case: CaseFile, *, zh: bool) -> list[str]:
    parts = []
    if case.report is not None:
        tonnes = case.report.obligation_tonnes
        parts.append(
            f"报告：{tonnes} 吨，{case.report.statement_id}"
            if zh
            else f"reported {tonnes} t, {case.report.statement_id}"
        )
    if case.verdict is not None:
        said = case.verdict.conclusion + ("" if case.verdict.tonnes is None else f" {case.verdict.tonnes} t")
        until = format_instant(case.verdict.registrable_from)
        parts.append(
            f"结论：{said}，{case.verdict.statement_id}；异议期至 {until}"
            if zh
            else f"verdict: {said}, {case.verdict.statement_id}; objections until {until}"
        )
    if case.figure is not None:
        figure = case.figure
        basis = ("determined" if figure.determined else "verified") + (", on chain" if figure.on_chain else "")
        basis_zh = ("核定" if figure.determined else "经核查") + ("，已上链" if figure.on_chain else "")
        parts.append(
            f"登记：{figure.tonnes} 吨，第 {figure.revision} 版（{basis_zh}）"
            if zh
            else f"registered {figure.tonnes} t, revision {figure.revision} ({basis})"
        )
    return parts
