"""``tanlu history``: what was ever said, found again, the way of a tonne and of units, what a mistake touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal

import click
import msgspec

from attestation.instants import format_instant
from attestation.judging.newcomers import check_thumbprint
from tanlu.cli import moments, options
from tanlu.cli.account import statement_text
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.report_trace import line_text
from tanlu.cli.tables import table
from tanlu.cli.unit_way import units
from tanlu.client import Account
from tanlu.client.history import Hit, Tonne, TonneLine
from tanlu.client.unit_way import TouchedEntry

_HEADER = ("entry", "accepted", "signer", "what", "on chain")
_HEADER_ZH = ("条目", "受理时间", "签署者", "内容", "链上")
_STEPS = ("stage", "entry", "accepted", "signer", "what", "on chain", "leaf")
_STEPS_ZH = ("环节", "条目", "受理时间", "签署者", "内容", "链上", "叶哈希")
_TOUCHED = ("entry", "type", "signer", "year or place", "why")
_TOUCHED_ZH = ("条目", "类型", "签署者", "年度或位置", "原因")
_WHYS_ZH = {
    "direct": "由该密钥签署",
    "derived": "由该密钥引入的密钥签署",
    "citing": "引用存疑读数",
    "resting": "依据存疑条目",
    "judged": "按该版本核算",
}
_STAGES_ZH = {
    "factors": "因子集",
    "plan": "监测计划",
    "assignment": "指派",
    "report": "报告",
    "finding": "核查发现",
    "verification": "核查结论",
    "objection": "异议",
    "registration": "登记",
    "determination": "核定",
    "surrender": "清缴",
}


@click.group()
def command() -> None:
    """Find what was ever said, follow a tonne or units to their surrender, see what a mistake touches. 历史

    Of what the key that signs in may read: an enterprise its own, regulator and administration everything. docs/api.md.
    """


@command.command()
@click.argument("text", required=False)
@click.option("--identifier", metavar="ID", help="Who signed it, whom it is about or names. 相关标识")
@click.option("--account", metavar="ID", help="What touches the units and cash of ID. 相关账户")
@click.option("--serial", help="CCER, green certificate, accreditation, meter. 编号")
@click.option("--order", type=options.OPERATION, metavar="HASH", help="Hash of an order. 申报哈希")
@click.option("--operation", type=options.OPERATION, metavar="OP", help="Operation id. 操作编号")
@click.option("--type", "type_", metavar="TYPE", help="Type of statement; readings only so. 声明类型")
@click.option("--since", type=moments.Moment(ends=False), help="Accepted on this day or instant, or later. 起始")
@click.option("--until", type=moments.Moment(ends=True), help="Accepted on this day or instant, or before. 截止")
@click.option("--oldest", is_flag=True, help="Oldest first. 自最早起")
@click.option(
    "--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many. 至多条数"
)
@looks
def search(
    *,
    looking: Looking,
    text: str | None,
    identifier: str | None,
    account: str | None,
    serial: str | None,
    order: str | None,
    operation: str | None,
    type_: str | None,
    since: int | None,
    until: int | None,
    oldest: bool,
    most: int,
) -> None:
    """Find entries with TEXT in them, and by everything else that is given. 查询

    Each with its place in the log, who said it, when, what it says, and what it led to on chain.
    """
    with looking.client() as client:
        hits = client.history.search(
            identifier=identifier,
            account=account,
            serial=serial,
            order=order,
            operation=operation,
            type=type_,
            text=text,
            since=since,
            until=until,
            sort="oldest" if oldest else "newest",
        )
        found = list(islice(hits, most + 1))
    _tell(found, most)


command.add_command(units)


@command.command()
@click.argument("identifier")
@moments.at
@click.option("--oldest", is_flag=True, help="Oldest first. 自最早起")
@click.option(
    "--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many. 至多条数"
)
@looks
def account(*, looking: Looking, identifier: str, at: int | None, oldest: bool, most: int) -> None:
    """List what touched the units and the cash of IDENTIFIER. 账户历史

    What was asked for, orders, and what filled them. With --at what was accepted until then, after what the account
    held, owed and had met at that time: units, locks, freezes, cash, obligations, scores. What was accepted and not on
    chain yet, and what stood in orders, is in the list, not in the numbers. Every movement: `tanlu account movements`.
    """
    sort: Literal["newest", "oldest"] = "oldest" if oldest else "newest"
    with looking.client() as client:
        held = None if at is None else client.account(identifier, at=at)
        found = list(islice(client.history.search(account=identifier, sort=sort, until=at), most + 1))
    _tell(found, most, held)


@command.command()
@click.argument("enterprise")
@click.argument("year", type=click.IntRange(1990, 2200))
@looks
def tonne(*, looking: Looking, enterprise: str, year: int) -> None:
    """Follow ENTERPRISE's tonnes of YEAR from readings to surrender. 吨的路径

    Every line with the readings that it cites, its formula and factors; then verdict, figure, obligation, surrenders;
    every step with its entry and leaf. Units are not told apart: which unit was surrendered is not asked.
    """
    with looking.client() as client:
        found = client.history.tonne(enterprise, year)
    console().result(msgspec.to_builtins(found), _way(found, zh=False), _way(found, zh=True))


@command.command()
@click.option("--key", "thumbprint", metavar="THUMBPRINT", help="A key that was declared compromised. 失密的密钥")
@click.option("--policy", nargs=3, metavar="KIND ID VERSION", help="A version, as factor-set ID 1. 政策版本")
@looks
def effects(*, looking: Looking, thumbprint: str | None, policy: tuple[str, str, str] | None) -> None:
    """Show what a compromised key or a corrected policy touches. 追溯影响

    Of a key the entries in doubt, each with why: it signed them, it brought the key that did, they cite such readings,
    or they rest on such entries. Of a version the reports that were judged by it, and which were replaced since.
    """
    if (thumbprint is None) == (policy is None):
        raise click.UsageError("Name one of --key and --policy. 请指明 --key 或 --policy 之一。")
    if thumbprint is not None:
        check_thumbprint(thumbprint, "--key")
    with looking.client() as client:
        touched = list(client.history.effects(key=thumbprint, policy=policy))
    english, chinese = (
        table(header, [(one.index, one.type, one.issuer, _where(one), why_text(one, zh=zh)) for one in touched])
        if touched
        else nothing
        for header, zh, nothing in ((_TOUCHED, False, "nothing is touched"), (_TOUCHED_ZH, True, "没有受影响的条目"))
    )
    console().result({"touched": msgspec.to_builtins(touched)}, english, chinese)


def _where(one: TouchedEntry) -> str:
    return str(one.year) if one.stream is None else f"{one.stream} {one.seq}"


def why_text(one: TouchedEntry, *, zh: bool) -> str:
    """Why an entry is touched, and which report took its place."""
    why = _WHYS_ZH.get(one.why, one.why) if zh else one.why
    if one.superseded_by is None:
        return why
    return f"{why}，已被条目 {one.superseded_by} 取代" if zh else f"{why}, replaced by {one.superseded_by}"


def _tell(found: list[Hit], most: int, held: Account | None = None) -> None:
    shown, more = found[:most], len(found) > most
    english, chinese = (
        table(header, [_row(one, zh=zh) for one in shown]) if shown else nothing
        for header, zh, nothing in ((_HEADER, False, "nothing was found"), (_HEADER_ZH, True, "没有找到"))
    )
    if more:
        english += f"\nthere is more than {most}; --most shows more"
        chinese += f"\n结果多于 {most} 条，可用 --most 增加"
    told: dict[str, object] = {"hits": msgspec.to_builtins(shown), "more": more}
    if held is not None:
        told["account"] = msgspec.to_builtins(held)
        english = f"{statement_text(held, zh=False)}\n{english}"
        chinese = f"{statement_text(held, zh=True)}\n{chinese}"
    console().result(told, english, chinese)


def _row(one: Hit, *, zh: bool) -> tuple[object, ...]:
    return one.index, format_instant(one.accepted_at), one.issuer, one.what_zh if zh else one.what, _on_chain(one)


def _on_chain(one: Hit) -> str:
    told = (f"{each.kind} {each.state}{'' if each.block is None else f' #{each.block}'}" for each in one.effects)
    return ", ".join(told) or "-"


def _way(found: Tonne, *, zh: bool) -> str:
    position = found.position
    numbers = (
        ("reported", "报告", found.reported),
        ("verified", "核查", found.verified),
        (
            "registered" if not found.determined else "determined",
            "核定" if found.determined else "登记",
            found.registered,
        ),
        ("obligation on chain", "链上应清缴", position.emissions),
        ("quota surrendered", "已清缴配额", position.quota),
        ("CCER counted", "计入 CCER", position.offsets_counted),
        ("still due", "尚欠", position.due),
    )
    parts = [f"{found.enterprise} {found.year}"]
    parts += [text for line in found.lines for text in _line(line, zh=zh)]
    parts.append(
        table(
            ("吨", "") if zh else ("tonnes", ""), [(name_zh if zh else name, _known(n)) for name, name_zh, n in numbers]
        )
    )
    rows = [
        (_STAGES_ZH.get(step.stage, step.stage) if zh else step.stage, *_row(step.entry, zh=zh), step.entry.leaf_hash)
        for step in found.steps
    ]
    parts.append(table(_STEPS_ZH if zh else _STEPS, rows))
    return "\n".join(parts)


def _line(line: TonneLine, *, zh: bool) -> Iterator[str]:
    yield from _cited(line, zh=zh)
    if line.trace is not None:
        yield from line_text(line.trace, "")
    if line.adjustment is not None:
        yield (
            f"  {line.reported} -> {line.verified}，核查调整：{line.adjustment}"
            if zh
            else f"  {line.reported} -> {line.verified}, adjusted by the verifier: {line.adjustment}"
        )


def _cited(line: TonneLine, *, zh: bool) -> Iterable[str]:
    for one in line.citations:
        whose = f"{one.issuer} {one.stream} {one.first_seq}-{one.last_seq}"
        places = " - ".join("?" if leaf is None else str(leaf.index) for leaf in (one.first, one.last))
        sums = f"{one.quantity} {one.unit}" + (f" × {one.multiplier}" if one.multiplier is not None else "")
        yield (
            f"{line.id}：{whose}，{one.readings} 条读数，条目 {places}，合计 {sums}"
            if zh
            else f"{line.id}: {whose}, {one.readings} readings, entries {places}, sum {sums}"
        )


def _known(number: int | None) -> str:
    return "-" if number is None else str(number)
