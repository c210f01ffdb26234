"""``tanlu keys recover``: a new key for who lost one, by two persons, a delay, and no veto (law 7)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from attestation.instants import format_instant
from attestation.judging.newcomers import new_key
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.keys.saying import Speaking, speaks
from tanlu.cli.keys.thumbprints import ThumbprintCommand
from tanlu.files import require_new, write_new
from tanlu.keyring import open_key
from tanlu.recovery import approve as approve_request
from tanlu.recovery import make_request, objection_call, read_approval, read_request
from tanlu.trustfile import load_trust


@click.group()
def recover() -> None:
    """A new key for who lost one: request, two approvals, proposal, delay, completion. 恢复密钥

    The holder of the new key makes the request, two persons of two bodies approve it on their own machines, the
    registrar proposes it; until it is completed, the holder's other keys can veto it.
    """


@recover.command()
@click.argument("path", metavar="FILE", type=options.FILE)
@click.option("--replaces", metavar="THUMBPRINT", required=True, help="The lost key. 丢失的密钥指纹")
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 原因")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The request to write. 输出文件")
@options.trust
@options.password_file
def request(*, path: Path, replaces: str, reason: str, out: Path, trust_path: Path, password_file: Path | None) -> None:
    """Ask, as the holder of a new key FILE, that it take the place of a lost one. 申请恢复

    Offline. FILE is of `tanlu keys new`, with the lost key's identifier and purposes.
    """
    require_new(out)
    trust = load_trust(trust_path)
    held = open_key(path, options.read_password(password_file))
    document = make_request(held, trust, replaces=replaces, reason=reason, iat=int(time.time()))
    _write(out, document)
    thumbprint = held.card.public.kid_name
    console().result(
        {"file": str(out), "kid": held.card.kid, "request": document},
        f"{out}: hand it to two persons of two bodies, who check by another way that thumbprint {thumbprint} is yours",
        f"{out}：请交给两个不同机构的个人，由其通过其他途径核对密钥指纹 {thumbprint}",
    )


@recover.command()
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@options.key
@click.option("-o", "--out", type=options.NEW_FILE, help="File for the approval; else standard output. 输出文件")
@options.trust
@options.password_file
def approve(
    *, request_path: Path, key_path: Path, out: Path | None, trust_path: Path, password_file: Path | None
) -> None:
    """Approve a REQUEST as a person of a park, verifier or regulator. 批准恢复

    Offline: it prints identifier and signature as JSON, for `tanlu keys recover propose --approval`. Check by another
    way that who asks is the holder. --key is an ES256K key for `administration`.
    """
    if out is not None:
        require_new(out)
    trust = load_trust(trust_path)
    asked = read_request(request_path, trust, now=int(time.time()))
    held = open_key(key_path, options.read_password(password_file))
    document = approve_request(held, trust, asked)
    thumbprint = new_key(asked.key.jwk).kid_name
    purposes = ", ".join(asked.key.purposes)
    console().note(
        f"{asked.subject}: {thumbprint} ({purposes}) in place of {asked.replaces}: {asked.reason}",
        f"{asked.subject}：以 {thumbprint}（{purposes}）替换 {asked.replaces}：{asked.reason}",
    )
    if out is not None:
        _write(out, document)
    text = json.dumps(document, ensure_ascii=False)
    console().result(document, str(out) if out else text, str(out) if out else text)


@recover.command()
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@click.option(
    "--approval",
    "approval_paths",
    metavar="FILE",
    type=options.FILE,
    multiple=True,
    required=True,
    help="A person's approval; given twice. 批准文件（两份）",
)
@speaks
def propose(*, speaking: Speaking, request_path: Path, approval_paths: tuple[Path, ...]) -> None:
    """Propose, as the registrar, an approved REQUEST; the delay begins. 提议恢复"""
    trust = load_trust(speaking.trust_path)
    asked = read_request(request_path, trust, now=int(time.time()))
    approvals = [read_approval(path, trust.log) for path in approval_paths]
    with speaking.open() as speaker:
        prepared = speaker.life.prepare(speaker.life.bodies.proposition(asked, approvals))
        accepted = speaker.say(prepared)
        thumbprint = new_key(asked.key.jwk).kid_name
        recoveries = speaker.life.bodies.require(asked.replaces).recoveries
        ready_at = max((each.ready_at for each in recoveries if each.thumbprint == thumbprint), default=None)
        ready = "?" if ready_at is None else format_instant(ready_at)
        speaker.result(
            accepted,
            prepared,
            {
                "action": "propose-recovery",
                "identifier": asked.subject,
                "replaces": asked.replaces,
                "thumbprint": thumbprint,
                "ready_at": ready_at,
            },
            f"recovery of {asked.subject} proposed, to be completed not before {ready}, unless it is vetoed",
            f"已提议恢复 {asked.subject} 的密钥，若无否决，最早可于 {ready} 完成",
        )


@recover.command()
@click.argument("index", type=click.IntRange(0))
@speaks
def veto(*, speaking: Speaking, index: int) -> None:
    """Object, with any active key of the holder, to the recovery that entry INDEX proposed. 否决恢复"""
    with speaking.open() as speaker:
        proposal = speaker.life.bodies.proposal(index)
        prepared = speaker.life.prepare(speaker.life.bodies.objection(proposal), proposal)
        accepted = speaker.say(prepared)
        speaker.result(
            accepted,
            prepared,
            {"action": "veto-recovery", "identifier": proposal.body.subject, "proposal": index},
            f"recovery of {proposal.body.subject} (entry {index}) vetoed",
            f"已否决对 {proposal.body.subject} 的恢复（第 {index} 条记录）",
        )


@recover.command("object", cls=ThumbprintCommand)
@click.argument("thumbprint")
@options.key
@options.trust
@options.password_file
def object_on_chain(*, thumbprint: str, key_path: Path, trust_path: Path, password_file: Path | None) -> None:
    """Make the call by which the registry contract takes a veto, for the key of THUMBPRINT. 链上否决

    Offline, for a holder whom the service does not let in. --key is an active ES256K key of the holder. Any account may
    send the call, before the contract's delay is over.
    """
    trust = load_trust(trust_path)
    held = open_key(key_path, options.read_password(password_file))
    call = objection_call(held, trust, thumbprint)
    told = f"cast send {call['to']} {call['data']} --rpc-url URL --chain {call['chain_id']} --private-key KEY"
    console().result(
        call,
        f"send this from any account before the delay is over, for example by Foundry's cast:\n  {told}",
        f"请在异议期内由任一账户发送，例如使用 Foundry 的 cast：\n  {told}",
    )


@recover.command()
@click.argument("index", type=click.IntRange(0))
@speaks
def complete(*, speaking: Speaking, index: int) -> None:
    """After the delay, put the key that entry INDEX proposed in its place, as the registrar. 完成恢复"""
    with speaking.open() as speaker:
        proposal = speaker.life.bodies.proposal(index)
        prepared = speaker.life.prepare(speaker.life.bodies.completion(proposal), proposal)
        accepted = speaker.say(prepared)
        subject, thumbprint = proposal.body.subject, new_key(proposal.body.key.jwk).kid_name
        speaker.result(
            accepted,
            prepared,
            {
                "action": "complete-recovery",
                "identifier": subject,
                "replaces": proposal.body.replaces,
                "thumbprint": thumbprint,
                "proposal": index,
            },
            f"{subject}#{thumbprint} signs from now on, in place of {proposal.body.replaces}",
            f"{subject}#{thumbprint} 自此生效，替换 {proposal.body.replaces}",
        )


def _write(out: Path, document: dict[str, object]) -> None:
    write_new(out, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
