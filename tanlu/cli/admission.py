"""``tanlu admission``: who is let in, by an application, two persons of the park and a one-time code (DOMAIN 47)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import msgspec

from attestation.admission_codes import code_hash
from attestation.applications import application_id
from attestation.bodies import Accredit, ApproveApplication, DeclareTie, ReviewApplication
from tanlu.admission import file_hash, make_application, new_code, request_of, spoken
from tanlu.cli import options
from tanlu.cli.admitting import Admitting, Looking, admits, looks
from tanlu.cli.console import console
from tanlu.client import Client
from tanlu.client.admission_types import ApplicationTold
from tanlu.errors import InputRefused, ServiceUnavailable
from tanlu.files import require_new, write_new
from tanlu.trustfile import load_trust

_application = click.argument("application", metavar="APPLICATION")
_reason = click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")


@click.group()
def command() -> None:
    """Let enterprises and verifiers in: application, review, second approval, one-time code. 准入

    The applicant writes a key request (`tanlu keys request`) and applies. A person of the park reviews, another one
    approves and hands over the one-time code; with it the registrar enrols (`tanlu keys enrol`). docs/admission.md.
    """


@command.command()
@click.argument("form", metavar="FORM", type=options.FILE)
@click.option("--request", "request_path", type=options.FILE, required=True, help="The key request. 注册申请文件")
@click.option("--licence", type=options.FILE, required=True, help="The licence; its hash is sent. 营业执照文件")
@click.option("-o", "--out", type=options.NEW_FILE, help="Keep the application as it was sent. 输出文件")
@options.server
@options.trust
@options.patience
def apply(
    *,
    form: Path,
    request_path: Path,
    licence: Path,
    out: Path | None,
    server: str,
    trust_path: Path,
    patience: float,
) -> None:
    """Apply to be let in, with a FORM (JSON) and a key request. 提交准入申请

    Without signing in. FORM has name, credit_code, representatives, bank_account, related and, for a verifier,
    accreditation. What is sent holds personal data, stays out of the log, and can be erased.
    """
    if out is not None:
        require_new(out)
    trust = load_trust(trust_path)
    document = make_application(form, request_path, licence, trust, now=int(time.time()))
    if out is not None:
        write_new(out, document + b"\n")
    with Client(server, trust=trust, patience=patience) as client:
        received = client.apply(document)
    name = application_id(document)
    console().result(
        {"application": name, "received_at": received.received_at, "repeated": received.repeated},
        f"application {name} received; the park answers by another way, with a one-time code if it lets you in",
        f"已收到准入申请 {name}；园区将另行答复，获准者会得到一次性验证码",
    )


@command.command("list")
@click.option("--state", help="Only those received, recommended, rejected, approved or enrolled. 状态")
@looks
def list_command(*, looking: Looking, state: str | None) -> None:
    """List the applications that the park keeps, oldest first. 列出准入申请"""
    with looking.client() as client:
        found = [each for each in client.applications() if state in {None, each.state}]
    lines = "\n".join(f"{each.application}  {each.state:<11}  {each.kind:<10}  {each.identifier}" for each in found)
    console().result(
        {"applications": [_summary(each) for each in found]}, lines or "no applications", lines or "没有准入申请"
    )


@command.command()
@_application
@click.option("--request", "request_out", type=options.NEW_FILE, help="Write its key request here. 导出注册申请")
@looks
def show(*, looking: Looking, application: str, request_out: Path | None) -> None:
    """Show an APPLICATION (its SHA-256) and what the log says of it. 查看准入申请"""
    if request_out is not None:
        require_new(request_out)
    with looking.client() as client:
        told = _require(client, application)
    if request_out is not None:
        write_new(request_out, json.dumps(request_of(told.document), ensure_ascii=False, indent=1).encode() + b"\n")
    shown = _builtins(told)
    text = json.dumps(shown, ensure_ascii=False, indent=1)
    console().result(shown, text, text)


@command.command()
@_application
@looks
def erase(*, looking: Looking, application: str) -> None:
    """Erase an APPLICATION; what the log says of its hash stays. 删除准入申请"""
    with looking.client() as client:
        client.erase_application(application)
    console().result({"erased": application}, f"{application} erased", f"已删除 {application}")


@command.command()
@_application
@click.option("--recommend/--reject", default=None, required=True, help="What you advise. 推荐或不推荐")
@_reason
@admits
def review(*, admitting: Admitting, application: str, recommend: bool, reason: str) -> None:
    """Review an APPLICATION as a person of the park. 审查准入申请

    Another person approves it. A later review of the same identifier takes an earlier one back, with its code.
    """
    with admitting.open() as desk:
        document = _require(desk.client, application).document
        accepted = desk.say(
            ReviewApplication(
                application=application,
                identifier=document.identifier,
                kind=document.kind,
                group=document.group,
                credit_code=document.credit_code,
                accreditation=document.accreditation,
                recommended=recommend,
                reason=reason,
            )
        )
    desk.result(
        accepted,
        {"application": application, "identifier": document.identifier, "recommended": recommend},
        f"review {accepted.statement_id} of {document.identifier}: "
        + ("another person of the park may approve it" if recommend else "rejected"),
        f"{document.identifier} 的审查 {accepted.statement_id}：" + ("可由园区另一人批准" if recommend else "不予推荐"),
    )


@command.command()
@click.argument("review_id", metavar="REVIEW")
@admits
def approve(*, admitting: Admitting, review_id: str) -> None:
    """Approve a REVIEW (statement id) of another person; shows the one-time code, once. 批准准入

    Hand the code to the applicant by a way of which you know that it ends there. It is kept nowhere; a lost one needs
    a new review.
    """
    code = new_code()
    with admitting.open() as desk:
        try:
            accepted = desk.say(ApproveApplication(review=review_id, code_hash=code_hash(code)))
        except ServiceUnavailable:
            console().note(
                f"If the log has it by then, the code is {spoken(code)}", f"若日志已收录，验证码为 {spoken(code)}"
            )
            raise
    desk.result(
        accepted,
        {"review": review_id, "admission": accepted.statement_id, "code": code},
        f"admission {accepted.statement_id}; one-time code, shown only now: {spoken(code)}",
        f"准入 {accepted.statement_id}；一次性验证码（仅此一次显示）：{spoken(code)}",
    )


@command.command()
@click.argument("verifier")
@click.option("--number", required=True, help="Number of the accreditation. 认可编号")
@click.option("--until", required=True, metavar="YYYY-MM-DD", help="Its last good day. 有效期至")
@click.option("--document", type=options.FILE, required=True, help="The certificate; its hash is logged. 证书文件")
@admits
def accredit(*, admitting: Admitting, verifier: str, number: str, until: str, document: Path) -> None:
    """Renew the accreditation of VERIFIER, or end it with a day that is over. 更新核查机构认可"""
    with admitting.open() as desk:
        accepted = desk.say(Accredit(verifier=verifier, number=number, until=until, document_hash=file_hash(document)))
    desk.result(
        accepted,
        {"verifier": verifier, "number": number, "until": until},
        f"{verifier} is accredited until {until}",
        f"{verifier} 的认可有效期至 {until}",
    )


@command.command()
@click.argument("a")
@click.argument("b")
@_reason
@admits
def tie(*, admitting: Admitting, a: str, b: str, reason: str) -> None:
    """Declare, for ever, that of A and B the verifier never verifies the other one. 声明关联关系"""
    with admitting.open() as desk:
        accepted = desk.say(DeclareTie(a=a, b=b, reason=reason))
    desk.result(accepted, {"a": a, "b": b}, f"{a} and {b} are tied", f"已声明 {a} 与 {b} 存在关联")


def _require(client: Client, application: str) -> ApplicationTold:
    told = client.application(application)
    if told is None:
        raise InputRefused(
            rule="application.unknown",
            value=application,
            expected="the SHA-256 of an application that the park keeps",
            message=f"The park keeps no application {application}",
            message_zh="园区没有此准入申请",
        )
    return told


def _summary(told: ApplicationTold) -> dict[str, object]:
    found = _builtins(told)
    del found["document"]
    return found


def _builtins(value: ApplicationTold) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(value)
    return found
