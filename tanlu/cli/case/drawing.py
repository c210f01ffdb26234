"""``tanlu case draw``: a verifier by lot, which neither registrar nor enterprise decides alone (DOMAIN 44)."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from attestation.bodies import Contribute, OpenDraw
from attestation.facts.cases import DrawRecord
from attestation.refusals import refuse
from tanlu import casework
from tanlu.case_files import DrawSecret, read_secret, write_secret
from tanlu.cli import options
from tanlu.cli.case.assigning import days
from tanlu.cli.case.speaking import CaseDesk, Speaking, of_case, speaks
from tanlu.files import require_new
from tanlu.trustfile import load_trust


@click.group()
def draw() -> None:
    """Choose a verifier by lot: open, contribute, complete. 抽签

    The registrar commits to a secret, the enterprise adds 32 bytes of its own, and then the secret is opened: whom it
    chose anybody can recompute.
    """


@draw.command("open")
@of_case
@click.option(
    "--candidate", "candidates", multiple=True, required=True, help="A verifier; at least twice. 候选核查机构"
)
@days[0]
@days[1]
@click.option(
    "--contribute-until", required=True, metavar="INSTANT", help="RFC 3339; the enterprise's time. 企业提交期限"
)
@click.option("--secret", "secret_path", type=options.NEW_FILE, required=True, help="File to keep it in. 秘密值文件")
@speaks
def open_command(
    *,
    speaking: Speaking,
    enterprise: str,
    year: int,
    candidates: tuple[str, ...],
    start: str,
    end: str,
    contribute_until: str,
    secret_path: Path,
) -> None:
    """Open a draw, as the registrar, and keep its secret in a file of your own. 开启抽签

    The secret's file is written before the draw is sent, for its owner alone to read, and nothing is written over:
    without it nobody can complete the draw.
    """
    require_new(secret_path)
    opened, secret = casework.open_draw(enterprise, year, candidates, (start, end), contribute_until)
    with speaking.open(enterprise, year) as desk:
        prepared = desk.prepare("assignment", opened)
        write_secret(secret_path, desk.trust, DrawSecret(enterprise, year, secret.hex()))
        accepted = desk.submit(prepared)
        desk.result(
            accepted,
            {"candidates": list(opened.candidates), "commitment": opened.commitment, "secret": str(secret_path)},
            f"draw among {', '.join(opened.candidates)} opened; {secret_path} keeps the secret",
            f"已在 {', '.join(opened.candidates)} 中开启抽签；秘密值保存于 {secret_path}",
        )


@draw.command()
@of_case
@click.option("--value", metavar="HEX", help="Your 32 bytes; else new random ones. 自选的 32 字节")
@speaks
def contribute(*, speaking: Speaking, enterprise: str, year: int, value: str | None) -> None:
    """Add, as the enterprise, your own 32 bytes to the draw of your verifier, once. 提交随机值"""
    with speaking.open(enterprise, year) as desk:
        waiting = _waiting(desk)
        given = value or secrets.token_hex(32)
        accepted = desk.say("assignment", Contribute(draw=waiting.statement_id.hex(), value=given))
        desk.result(
            accepted,
            {"draw": waiting.statement_id.hex(), "value": given},
            f"{given} contributed to the draw of entry {waiting.index}",
            f"已向第 {waiting.index} 条记录的抽签提交 {given}",
        )


@draw.command()
@of_case
@click.option("--secret", "secret_path", type=options.FILE, required=True, help="As it was kept. 秘密值文件")
@speaks
def complete(*, speaking: Speaking, enterprise: str, year: int, secret_path: Path) -> None:
    """Open the secret, as the registrar: the draw names the verifier. 完成抽签

    After the enterprise's contribution, or when its time is over.
    """
    kept = read_secret(secret_path, load_trust(speaking.trust_path))
    with speaking.open(enterprise, year) as desk:
        waiting = _waiting(desk)
        # The place that it chooses is signed: another secret is refused before that.
        if kept.commitment != waiting.commitment.hex():
            raise refuse("draw.secret", kept.commitment, waiting.commitment.hex(), at=secret_path.name)
        body = casework.draw(
            _opened(desk, waiting), waiting.statement_id.hex(), bytes.fromhex(kept.secret), waiting.contribution
        )
        accepted = desk.say("assignment", body)
        desk.result(
            accepted,
            {"draw": waiting.statement_id.hex(), "verifier": body.verifier},
            f"{body.verifier} was drawn and verifies {enterprise} {year}",
            f"抽签结果：{body.verifier} 核查 {enterprise} {year} 年度",
        )


def _waiting(desk: CaseDesk) -> DrawRecord:
    """The case's last draw, drawn or not: the log's rules say what may still be done with it."""
    draws = list(desk.context.told.draws.values())
    if not draws:
        raise refuse("draw.unknown", "none", at=f"{desk.context.told.enterprise} {desk.context.told.year}")
    return draws[-1]


def _opened(desk: CaseDesk, waiting: DrawRecord) -> OpenDraw:
    body = casework.body_of(desk.client.entry(waiting.index).entry, desk.trust.log)
    if not isinstance(body, OpenDraw):
        raise TypeError(f"entry {waiting.index} opened a draw before")
    return body
