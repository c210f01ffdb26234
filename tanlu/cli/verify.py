"""``tanlu verify``: judge a receipt without the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ledger.receipts import Finding
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.verify import Report, verify_receipt


@click.command(name="verify")
@click.argument("receipt_path", metavar="RECEIPT", type=options.FILE)
@options.trust
@click.option("--rpc", metavar="URL", help="JSON-RPC of a node that you trust: asks the chain too. 链节点地址")
@click.option(
    "--finality",
    metavar="RULE",
    help="When that chain's blocks are final: finalized, or confirmations:N; else left open. 最终性规则",
)
def command(*, receipt_path: Path, trust_path: Path, rpc: str | None, finality: str | None) -> None:
    """Verify a receipt against a trust file. 核验收据

    Needs no service. The answer lists what was checked, step by step, and what was not. Exit code 1 when the receipt
    is refused; the refusal names step, rule, value and what was expected.
    """
    report = verify_receipt(receipt_path, trust_path, rpc=rpc, finality=finality)
    console().result({"accepted": True, **report.as_dict()}, _english(report), _chinese(report))


def _english(report: Report) -> str:
    head = f"accepted: entry {report.index} ({report.type} by {report.issuer}), {report.state}"
    return "\n".join([head, "checked:", *_lines(report.checked), "not checked:", *_lines(report.not_checked)])


def _chinese(report: Report) -> str:
    head = f"通过：第 {report.index} 条记录（{report.issuer} 的 {report.type} 声明），状态 {report.state}"
    checked, open_ = _lines(report.checked, zh=True), _lines(report.not_checked, zh=True)
    return "\n".join([head, "已核验：", *checked, "未核验：", *open_])


def _lines(findings: Sequence[Finding], *, zh: bool = False) -> list[str]:
    return [f"  {finding.step}. {finding.text_zh if zh else finding.text}" for finding in findings]
