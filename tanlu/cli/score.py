"""``tanlu score``: credit scores, from the ledger's own facts to the certificate (DOMAIN 49)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from attestation.bodies import CommentScore, ProposeScore, PublishScore, WithdrawScore
from attestation.examination import examine
from attestation.instants import day_of
from attestation.policies import CALENDAR, Calendar, default_calendar, read_calendar
from ledger.chain.operations import Kind, operation_id
from ledger.trust import Trust
from quota.scoring import Part
from tanlu.cli import options
from tanlu.cli.acting import YEAR, ActDesk, Acting, acts
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.steps import step_lines
from tanlu.client import Client
from tanlu.client.scores import EnterpriseScores, LoggedScore
from tanlu.errors import InputRefused
from tanlu.files import require_new, write_new
from tanlu.scoring import build_proposal, comments_until, recompute
from tanlu.trustfile import load_trust

_STATES_ZH = {
    "proposed": "征求意见",
    "published": "已发布",
    "withdrawn": "已撤回",
    "replaced": "已替代",
    "refused": "合约拒绝",
}
_PARTS_ZH = {
    "timeliness": "及时性",
    "accuracy": "准确性",
    "backing": "数据支撑",
    "compliance": "履约",
    "efficiency": "碳效",
}
_score = click.argument("score", metavar="SCORE")


@click.group()
def command() -> None:
    """Propose, comment on, publish and recompute credit scores. 信用评价

    A score follows from the ledger's own facts; anybody who may read them recomputes it to the byte. SCORE is the
    statement id of the proposal. docs/quota.md.
    """


@command.command()
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@acts
def propose(*, acting: Acting, enterprise: str, year: int) -> None:
    """Propose the score of ENTERPRISE in YEAR, as the registrar. 提出评分

    The comment time is ten working days of the year's calendar, and eleven days at least where the deployment has the
    contract of scores: it takes no shorter one, also in a rehearsal.
    """
    with acting.open() as desk:
        facts = desk.client.scores(enterprise, year).facts
        calendar, on_chain = _calendar(desk.client, year), desk.trust.credit_scores is not None
        body = build_proposal(facts, comments_until(calendar, int(time.time()), on_chain=on_chain))
        accepted = desk.say("score", body)
        told, told_zh = _line(body), _line_zh(body)
        desk.result(
            accepted,
            _operations(desk, Kind.PROPOSE_SCORE, accepted.leaf_hash),
            {"score": accepted.statement_id, **msgspec.to_builtins(body)},
            f"{accepted.statement_id}: {told}, comments until {body.comments_until}",
            f"{accepted.statement_id}：{told_zh}，意见期至 {body.comments_until}",
        )


@command.command()
@_score
@click.option("--text", required=True, help="1 to 4,000 characters, in the log for good. 意见")
@acts
def comment(*, acting: Acting, score: str, text: str) -> None:
    """Comment on SCORE, as the enterprise that it is about. 提出意见"""
    with acting.open() as desk:
        accepted = desk.say("score", CommentScore(score=score, text=text))
        desk.result(accepted, [], {"score": score}, f"commented on {score}", f"已对 {score} 提出意见")


@command.command()
@_score
@acts
def publish(*, acting: Acting, score: str) -> None:
    """Publish SCORE as it was proposed, once its comment time is over. 发布"""
    with acting.open() as desk:
        accepted = desk.say("score", PublishScore(score=score))
        operations = _operations(desk, Kind.PUBLISH_SCORE, accepted.leaf_hash)
        desk.result(accepted, operations, {"score": score}, f"published {score}", f"已发布 {score}")


@command.command()
@_score
@click.option("--reason", required=True, help="1 to 500 characters. 理由")
@acts
def withdraw(*, acting: Acting, score: str, reason: str) -> None:
    """Withdraw SCORE: the proposal that stands, or where none does the published score. 撤回"""
    with acting.open() as desk:
        accepted = desk.say("score", WithdrawScore(score=score, reason=reason))
        operations = _operations(desk, Kind.WITHDRAW_SCORE, accepted.leaf_hash)
        desk.result(accepted, operations, {"score": score}, f"withdrawn {score}", f"已撤回 {score}")


@command.command()
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@looks
def show(*, looking: Looking, enterprise: str, year: int) -> None:
    """Show what the facts of ENTERPRISE in YEAR give now, step by step, and every proposed score. 查看"""
    with looking.client() as client:
        found = client.scores(enterprise, year)
    console().result(msgspec.to_builtins(found), _shown(found, zh=False), _shown(found, zh=True))


@command.command(name="recompute")
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@click.option("--score", "score_id", metavar="ID", help="The proposal; else the one that stands. 提案编号")
@click.option("-o", "--out", type=options.NEW_FILE, help="File for the canonical bytes. 输出文件")
@looks
def recompute_command(*, looking: Looking, enterprise: str, year: int, score_id: str | None, out: Path | None) -> None:
    """Compute a logged score anew, from the facts of its own moment. 复算

    The proposal is taken from its entry, whose bytes are checked against their hashes; the facts are gathered anew as
    of the entries and the block that it names. Exit code 1 where root, inputs, points or grade are others.
    """
    if out is not None:
        require_new(out)
    trust = load_trust(looking.trust_path)
    with looking.client() as client:
        logged = _named(client.scores(enterprise, year), score_id)
        body = _proposal(client, trust, logged)
        facts = client.scores(enterprise, year, of=logged.statement_id).facts
    computed, document = recompute(body, facts)
    if out is not None:
        write_new(out, document)
    told: dict[str, Any] = {
        "score": logged.statement_id,
        "index": logged.index,
        "input_root": body.input_root,
        "points_bps": computed.points_bps,
        "grade": computed.grade.value,
        "same": True,
        "file": None if out is None else str(out),
    }
    size = f"{body.as_of.size} entries, block {body.as_of.block}"
    console().result(
        told,
        f"the same: {_line(body)}, root {body.input_root}, from {size}",
        f"一致：{_line_zh(body)}，输入根 {body.input_root}，依据 {body.as_of.size} 条记录、区块 {body.as_of.block}",
    )


@command.command()
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, show_default=True, help="等待上链的秒数")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the certificate. 输出文件")
@looks
def certificate(*, looking: Looking, enterprise: str, year: int, wait: float, out: Path) -> None:
    """Fetch the certificate of the published score: the receipt of its publication. 获取证书

    Verified before it is written; `tanlu verify` verifies it offline, whoever holds it.
    """
    require_new(out)
    with looking.client() as client:
        found = next((one for one in client.scores(enterprise, year).scores if one.state == "published"), None)
        if found is None or found.published_index is None:
            raise _absent(f"{enterprise} {year}", "a published score", "已发布的信用评价")
        receipt = client.receipt(found.published_index, wait=wait)
    write_new(out, receipt)
    console().result(
        {"file": str(out), "score": found.statement_id, "index": found.published_index},
        f"{out}: {_line(found.body)}",
        f"{out}：{_line_zh(found.body)}",
    )


def _operations(desk: ActDesk, kind: Kind, leaf_hash: str) -> list[bytes]:
    return [operation_id(desk.trust.deployment_id, kind, bytes.fromhex(leaf_hash))]


def _calendar(client: Client, year: int) -> Calendar:
    document = client.policy_in_force(CALENDAR, year, day_of(int(time.time())))
    return default_calendar(year) if document is None else read_calendar(document)


def _named(found: EnterpriseScores, score_id: str | None) -> LoggedScore:
    logged = found.named(score_id)
    if logged is None:
        raise _absent(
            score_id or f"{found.enterprise} {found.year}",
            "a proposed score of that enterprise and year",
            "该企业该年度已提出的信用评价",
        )
    return logged


def _proposal(client: Client, trust: Trust, logged: LoggedScore) -> ProposeScore:
    entry = client.entry(logged.index)
    statement = examine(entry.entry.encode("ascii"), trust.log)
    body = statement.body
    if not isinstance(body, ProposeScore):
        raise _absent(f"entry {logged.index}", "a proposed score", "信用评价提案")
    if statement.statement_id.hex() != logged.statement_id:
        raise _absent(f"entry {logged.index}: {statement.statement_id.hex()}", logged.statement_id, logged.statement_id)
    return body


def _absent(value: str, expected: str, expected_zh: str) -> InputRefused:
    return InputRefused(
        rule="score.absent",
        value=value,
        expected=expected,
        expected_zh=expected_zh,
        message="There is no such score",
        message_zh="没有该信用评价",
    )


def _line(body: ProposeScore) -> str:
    points = "" if body.points_bps is None else f", {_points(body.points_bps)} points"
    return f"{body.enterprise} {body.year}: {body.grade}{points}"


def _line_zh(body: ProposeScore) -> str:
    points = "" if body.points_bps is None else f"，{_points(body.points_bps)} 分"
    return f"{body.enterprise} {body.year} 年度：{'未评级' if body.grade == 'unrated' else body.grade}{points}"


def _part_line(part: Part, *, zh: bool) -> str:
    """Points and weight as people count them: a hundredth of a point and of a percent is a basis point."""
    weight, name = f"{_points(part.weight_bps).removesuffix('.00')} %", f"{part.name} {_PARTS_ZH[part.name]}"
    if part.points_bps is None:
        return f"{name}：未知，不计入（权重 {weight}）" if zh else f"{part.name}: not known, left out (weight {weight})"
    points = _points(part.points_bps)
    return (
        f"{name}：{points} 分（满分 100），权重 {weight}"
        if zh
        else f"{part.name}: {points} of 100 points, weight {weight}"
    )


def _points(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02}"


def _shown(found: EnterpriseScores, *, zh: bool) -> str:
    facts, computed = found.facts, found.facts.computed
    head = f"{found.enterprise} {found.year}"
    block = "" if facts.block is None else f"，区块 {facts.block}" if zh else f", block {facts.block}"
    lines = [f"{head}（{facts.size} 条记录{block}）" if zh else f"{head} (as of {facts.size} entries{block})"]
    for part, steps in zip(computed.parts, facts.parts, strict=True):
        lines.append(f"  {_part_line(part, zh=zh)}")
        lines += step_lines(steps["trace"], "    ")
    lines += step_lines(facts.trace)
    unrated = computed.points_bps is None
    points = "" if computed.points_bps is None else _points(computed.points_bps)
    if zh:
        lines.append("  未评级" if unrated else f"  {points} 分（满分 100），等级 {computed.grade.value}")
    else:
        lines.append("  unrated" if unrated else f"  {points} of 100 points: grade {computed.grade.value}")
    for one in found.scores:
        body = one.body
        state = _STATES_ZH[one.state] if zh else one.state
        lines.append(f"{one.statement_id} {state}: {_line_zh(body) if zh else _line(body)}")
        lines += [f"    {said.text}" for said in one.comments]
    return "\n".join(lines)
