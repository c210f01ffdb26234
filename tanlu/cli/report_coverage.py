"""``tanlu report coverage``: how well the readings that a report cites cover it."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client import Client
from tanlu.client.measured import CoverageFinding, ReportCoverage, ReportLineCoverage
from tanlu.trustfile import load_trust

_MARKS = ("device", "backfilled", "manual", "stated")
_HEADER = ("line", "readings", *(f"{mark} %" for mark in _MARKS), "hours", "gap hours")
_HEADER_ZH = ("条目", "读数", "设备 %", "补传 %", "手工 %", "无读数 %", "小时", "空缺小时")
_FINDINGS = ("finding", "line", "issuer", "stream", "seqs", "from", "to", "found", "expected")
_FINDINGS_ZH = ("发现", "条目", "标识", "数据流", "序号", "起", "止", "所见", "应为")
_KINDS_ZH = {
    "gap": "空缺",
    "overlap": "重叠",
    "reset": "表底回退",
    "jump": "突变",
    "register": "表底不符",
    "term": "服役期不符",
}
_HOUR = 3_600


@click.command(name="coverage")
@click.argument("index", type=click.IntRange(0))
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def coverage(
    *,
    index: int,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """Show how well the report at log position INDEX is covered by its readings. 查看报告覆盖率

    The service reads every cited reading again and compares it with its leaf hash. Findings refuse nothing; whoever
    verifies the report judges them.
    """
    who = options.credentials(as_path, password_file)
    with Client(server, trust=load_trust(trust_path), patience=patience, credentials=who) as client:
        found = client.report_coverage(index)
    console().result(msgspec.to_builtins(found), _text(found), _text_zh(found))


def _text(found: ReportCoverage) -> str:
    parts = [table(_HEADER, [_row(line) for line in (*found.lines, *found.outputs)])]
    if found.findings:
        parts.append(table(_FINDINGS, [_finding(one, one.kind) for one in found.findings]))
    counts = ", ".join(f"{count} {kind}" for kind, count in found.counts.items() if count) or "none"
    return "\n".join([*parts, f"{found.backed} % backed by {found.readings} readings; findings: {counts}"])


def _text_zh(found: ReportCoverage) -> str:
    parts = [table(_HEADER_ZH, [_row(line) for line in (*found.lines, *found.outputs)])]
    if found.findings:
        parts.append(table(_FINDINGS_ZH, [_finding(one, _KINDS_ZH[one.kind]) for one in found.findings]))
    counts = "，".join(f"{_KINDS_ZH[kind]} {count}" for kind, count in found.counts.items() if count) or "无"
    return "\n".join([*parts, f"{found.backed} % 有读数支持，共 {found.readings} 条；发现：{counts}"])


def _row(line: ReportLineCoverage) -> list[object]:
    seconds = line.seconds
    hours = (seconds.device + seconds.backfilled + seconds.manual) // _HOUR
    return [line.id, line.readings, *(getattr(line.share, mark) for mark in _MARKS), hours, seconds.gap // _HOUR]


def _finding(one: CoverageFinding, kind: str) -> list[object]:
    times = format_instant(one.start), format_instant(one.end)
    return [kind, one.line, one.issuer, one.stream, f"{one.first_seq}-{one.last_seq}", *times, one.found, one.expected]
