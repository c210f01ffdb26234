"""``tanlu opening``: base years that an enterprise carries in, once, by two persons of two bodies (DOMAIN 24)."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from tanlu.cli import options
from tanlu.cli.admitting import Admitting, Looking, admits, looks
from tanlu.cli.console import console
from tanlu.files import require_new, write_new
from tanlu.keyring import open_key
from tanlu.opening import approve as approve_request
from tanlu.opening import make_request, read_approval, read_base_year, read_request
from tanlu.trustfile import load_trust


@click.group()
def command() -> None:
    """Carry base years in from before the log: request, two approvals, submission. 期初数据

    Once per enterprise. The log keeps them marked "carried in, not proved here".
    """


@command.command()
@click.argument("enterprise")
@click.option(
    "--base-year",
    "base_years",
    metavar="YEAR=TONNES[,PRODUCT,QUANTITY,UNIT]",
    multiple=True,
    required=True,
    help="Whole tonnes of a year, with what was made in it. 基准年排放量与产量",
)
@click.option("--document", type=options.FILE, required=True, help="What they rest on; its hash is logged. 依据文件")
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The request to write. 输出文件")
@options.trust
def request(
    *, enterprise: str, base_years: tuple[str, ...], document: Path, reason: str, out: Path, trust_path: Path
) -> None:
    """Write what two persons are asked to approve for ENTERPRISE. 编制期初数据申请"""
    require_new(out)
    trust = load_trust(trust_path)
    found = make_request(trust, enterprise, [read_base_year(text) for text in base_years], document, reason)
    write_new(out, json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(
        {"file": str(out), "request": found},
        f"{out}: hand it, with the document, to two persons of two bodies",
        f"{out}：请连同依据文件交给两个不同机构的个人",
    )


@command.command()
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@options.key
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the approval. 输出文件")
@options.trust
@options.password_file
def approve(*, request_path: Path, key_path: Path, out: Path, trust_path: Path, password_file: Path | None) -> None:
    """Approve a REQUEST as a person of a park, verifier or regulator. 批准期初数据

    Offline. --key is an ES256K key for `administration`.
    """
    require_new(out)
    trust = load_trust(trust_path)
    asked = read_request(request_path, trust)
    held = open_key(key_path, options.read_password(password_file))
    document = approve_request(held, trust, asked)
    years = ", ".join(f"{base.year}: {base.tonnes} t" for base in asked.base_years)
    console().note(f"{asked.enterprise}: {years}: {asked.reason}", f"{asked.enterprise}：{years}：{asked.reason}")
    write_new(out, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(document, str(out), str(out))


@command.command()
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
@admits
def submit(*, admitting: Admitting, request_path: Path, approval_paths: tuple[Path, ...]) -> None:
    """Sign an approved REQUEST as the registrar, and submit it. 提交期初数据"""
    trust = load_trust(admitting.trust_path)
    asked = read_request(request_path, trust)
    approvals = tuple(read_approval(path, trust.log) for path in approval_paths)
    with admitting.open() as desk:
        accepted = desk.say(msgspec.structs.replace(asked, approvals=approvals))
    years = [base.year for base in asked.base_years]
    desk.result(
        accepted,
        {"enterprise": asked.enterprise, "years": years},
        f"{asked.enterprise}: {len(years)} base years carried in, not proved here",
        f"{asked.enterprise}：已结转 {len(years)} 个基准年，本日志未予证明",
    )


@command.command()
@click.argument("enterprise")
@looks
def show(*, looking: Looking, enterprise: str) -> None:
    """Show what ENTERPRISE carried in. 查看期初数据"""
    with looking.client() as client:
        found = client.opening(enterprise)
    if found is None:
        nothing = {"enterprise": enterprise, "opening": None}
        console().result(nothing, f"{enterprise} carried in nothing", f"{enterprise} 没有期初数据")
        return
    years = "\n".join(f"{base.year}  {base.tonnes} t" for base in found.base_years)
    console().result(
        {"enterprise": enterprise, "opening": msgspec.to_builtins(found)},
        f"{years}\ncarried in, not proved here: entry {found.index}",
        f"{years}\n期初结转，本日志未予证明：第 {found.index} 条记录",
    )
