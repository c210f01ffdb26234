"""``tanlu report``: build an emission report from activities and evidence, explain, sign and submit it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from attestation.accounting import CemsRules, ObligationBase
from attestation.accounting.cems import SUBSTITUTIONS
from attestation.decimals import parse_decimal
from attestation.envelope import Statement
from attestation.statements import Report
from ledger.trust import Trust
from tanlu.activities import read_activities
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.report_coverage import coverage
from tanlu.cli.report_evidence import read_evidence
from tanlu.cli.report_trace import sentence, sentence_zh, trace_text
from tanlu.cli.sign import sign_to_file
from tanlu.cli.submit import command as submit_command
from tanlu.client import Client
from tanlu.files import write_new
from tanlu.report_checks import check_alone, check_with_service
from tanlu.reporting import CaseMembers, explain, factor_set_of
from tanlu.reporting import build as build_body
from tanlu.signing import read_said

REPORT_STREAM = "reports"

_factor_set = click.option(
    "--factor-set", "factor_set_name", required=True, metavar="ID@VERSION", help="Factor set. 排放因子集"
)
_factor_file = click.option(
    "--factor-file", type=options.FILE, help="The factor set's document, where it is not bundled. 排放因子文件"
)
_cems_completeness = click.option(
    "--cems-completeness",
    default="0.75",
    show_default=True,
    metavar="SHARE",
    help="Least share of measured hours, as the year's rules say. 有效监测时数最低占比",
)
_cems_substitution = click.option(
    "--cems-substitution",
    type=click.Choice(SUBSTITUTIONS),
    default=SUBSTITUTIONS[0],
    show_default=True,
    help="How hours without a valid measurement are filled, as the year's rules say. 缺失数据替代方法",
)


@click.group()
def command() -> None:
    """Build, sign and submit an emission report. 编制、签署、提交排放报告"""


@command.command()
@click.option("--lines", "lines_path", type=options.FILE, required=True, help="Activities, JSON or TOML. 活动数据")
@click.option(
    "--evidence",
    multiple=True,
    metavar="LINE=JOURNAL|LINE=ISSUER#STREAM:FIRST-LAST",
    help="Readings a line is summed from: an import's journal, or a range asked of the service. LINE[PART] for a flow, "
    "a batch or own, @PRODUCT for an output; ;multiplier=M ;accuracy=PERCENT as of the meter's term. Repeatable. 证据",
)
@_factor_set
@_factor_file
@click.option("--year", type=click.IntRange(1990, 9999), required=True, help="Compliance year. 履约年度")
@click.option("--from", "start", required=True, help="Start of the period, RFC 3339. 起始时间")
@click.option("--to", "end", required=True, help="End of the period, not included. 结束时间")
@click.option(
    "--base",
    type=click.Choice([base.value for base in ObligationBase]),
    required=True,
    help="Obligation base that the park's policy sets for the year. 应清缴口径",
)
@_cems_completeness
@_cems_substitution
@click.option("--plan", help="Statement id of the monitoring plan. 监测计划")
@click.option("--compiled-by", metavar="IDENTIFIER", help="Who compiled it, and may not verify it. 编制人")
@click.option("--supersedes", help="Statement id of the report that this one replaces. 被替代的报告")
@click.option("--reason", help="Why this report replaces another one. 修订原因")
@click.option("-o", "--out", type=options.NEW_FILE, help="File for the body; else standard output. 输出文件")
@click.option(
    "--server",
    envvar="TANLU_SERVER",
    type=options.ADDRESS,
    default=options.DEFAULT_SERVER,
    help="For evidence by range. 服务地址",
)
@click.option("--trust", "trust_path", envvar="TANLU_TRUST", type=options.FILE, help="For evidence by range. 信任文件")
@options.as_key
@options.password_file
def build(
    *,
    lines_path: Path,
    evidence: tuple[str, ...],
    factor_set_name: str,
    factor_file: Path | None,
    year: int,
    start: str,
    end: str,
    base: str,
    cems_completeness: str,
    cems_substitution: str,
    plan: str | None,
    compiled_by: str | None,
    supersedes: str | None,
    reason: str | None,
    out: Path | None,
    server: str,
    as_path: Path | None,
    password_file: Path | None,
    trust_path: Path | None,
) -> None:
    """Compute a report's body: lines, totals, citations. 编制报告

    A line with evidence takes its quantity from it: summed exactly, converted, rounded once.
    """
    cited = read_evidence(evidence, server, trust_path, lambda: options.credentials(as_path, password_file))
    report = build_body(
        read_activities(lines_path, cited),
        factor_set_of(factor_set_name, factor_file),
        year=year,
        period=(start, end),
        base=base,
        cems=_cems(cems_completeness, cems_substitution),
        case=CaseMembers(plan, compiled_by, supersedes, reason),
    )
    text = json.dumps(report.body, ensure_ascii=False, indent=1) + "\n"
    if out is not None:
        write_new(out, text.encode())
    totals = report.recomputed.totals.as_dict()
    data = {"file": str(out) if out else None, "body": report.body, "trace": report.recomputed.as_dict()}
    console().result(
        data,
        f"{out}: {sentence(totals)}" if out else text.rstrip(),
        f"{out}：{sentence_zh(totals)}" if out else text.rstrip(),
    )


@command.command(name="explain")
@click.argument("path", metavar="FILE", type=options.FILE)
@click.option(
    "--factor-set", "factor_set_name", metavar="ID@VERSION", help="Factor set; else the one named. 排放因子集"
)
@_factor_file
@_cems_completeness
@_cems_substitution
def explain_command(
    *, path: Path, factor_set_name: str | None, factor_file: Path | None, cems_completeness: str, cems_substitution: str
) -> None:
    """Recompute a report and show how each figure came about, step by step as on a pocket calculator. 解释报告数据

    FILE: the body, a signed report, or its receipt, whose signatures are `tanlu verify`'s to judge.
    """
    body = read_said("report", path)
    if not isinstance(body, Report):
        raise TypeError("the body of a report statement is a Report")
    named = factor_set_name or f"{body.factor_set.id}@{body.factor_set.version}"
    trace = explain(body, factor_set_of(named, factor_file), _cems(cems_completeness, cems_substitution))
    console().result(
        trace, trace_text(trace, sentence(trace["totals"])), trace_text(trace, sentence_zh(trace["totals"]))
    )


@command.command()
@click.argument("path", metavar="BODY.json", type=options.FILE)
@options.key
@click.option("--stream", default=REPORT_STREAM, show_default=True, help="Name of the signer's sequence. 数据流")
@click.option("--seq", type=click.IntRange(1), help="Place in the stream; else the next free one. 序号")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the statement. 输出文件")
@options.maybe_server
@options.trust
@options.password_file
def sign(
    *,
    path: Path,
    key_path: Path,
    stream: str,
    seq: int | None,
    out: Path,
    server: str | None,
    trust_path: Path,
    password_file: Path | None,
) -> None:
    """Sign a report's body, judged first: a refusal leaves no signature, and no place is taken. 签署报告（先行核验）

    Without --server its form, and its figures where the factor set is bundled. With --server also the year's policies,
    the factor set that the park published, and the standing report. What it cites (are these readings logged, whose,
    do they add up), the monitoring plan and the serials of certificates the log alone judges.
    """
    sign_to_file(
        "report",
        path,
        key_path,
        stream=stream,
        seq=seq,
        iat=int(time.time()),
        out=out,
        server=server,
        trust_path=trust_path,
        password_file=password_file,
        judge=_judge,
    )


def _judge(statement: Statement, client: Client | None, trust: Trust) -> None:
    body = statement.body
    if not isinstance(body, Report):
        raise TypeError("the body of a report statement is a Report")
    if client is None:
        check_alone(body)
    else:
        check_with_service(client, trust, statement, body)


@command.command()
@click.argument("path", metavar="FILE", type=options.FILE)
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
@click.pass_context
def submit(context: click.Context, /, *, path: Path, **given: Any) -> None:
    """Submit a signed report; the service recomputes every line. 提交报告"""
    context.invoke(submit_command, paths=(path,), **given)


command.add_command(coverage)


def _cems(completeness: str, substitution: str) -> CemsRules:
    return CemsRules(parse_decimal(completeness), substitution)
