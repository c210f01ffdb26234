"""``tanlu case determine``: a figure by two persons, where no report or no verdict came (DOMAIN 10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from attestation.bodies import Body, Determination
from attestation.bodies.registered import CAUSES
from tanlu.admission import file_hash
from tanlu.casework import body_of
from tanlu.casework import determine as determined
from tanlu.cli import options
from tanlu.cli.case.speaking import CaseDesk, Speaking, of_case, speaks
from tanlu.cli.console import console
from tanlu.determining import make_approval, make_request, read_approval, read_request, require_unlogged
from tanlu.files import require_new, write_new
from tanlu.keyring import open_key
from tanlu.trustfile import load_trust


@click.group()
def determine() -> None:
    """Determine a figure by two persons of two bodies: prepare, approve, submit. 核定排放量

    After the deadline of its cause, where an enterprise did not report or a verification was not delivered.
    """


@determine.command()
@of_case
@click.option("--tonnes", type=click.IntRange(0), required=True, help="Whole tonnes, conservative. 核定吨数")
@click.option("--cause", type=click.Choice(CAUSES), required=True, help="Why it is determined. 事由")
@click.option("--method", required=True, help="How it was estimated. 核定方法")
@click.option("--document", type=options.FILE, required=True, help="What shows it; its hash is logged. 依据文件")
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")
@click.option("--revision", type=click.IntRange(1), default=1, show_default=True, help="Of the case's figure. 版次")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The request to write. 输出文件")
@options.trust
def prepare(
    *,
    enterprise: str,
    year: int,
    tonnes: int,
    cause: str,
    method: str,
    document: Path,
    reason: str,
    revision: int,
    out: Path,
    trust_path: Path,
) -> None:
    """Write what two persons are asked to approve. 编制核定申请

    Offline. `tanlu case show` tells which revision is the next.
    """
    require_new(out)
    trust = load_trust(trust_path)
    body = Determination(
        enterprise=enterprise,
        year=year,
        tonnes=tonnes,
        revision=revision,
        cause=cause,
        method=method,
        document_hash=file_hash(document),
        reason=reason,
        approvals=(),
    )
    request = make_request(trust, body)
    write_new(out, json.dumps(request, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(
        {"file": str(out), "request": request},
        f"{out}: hand it, with the document, to two persons of two bodies",
        f"{out}：请连同依据文件交给两个不同机构的个人",
    )


@determine.command()
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@options.key
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the approval. 输出文件")
@options.trust
@options.password_file
def approve(*, request_path: Path, key_path: Path, out: Path, trust_path: Path, password_file: Path | None) -> None:
    """Approve a REQUEST as a person of a park, verifier or regulator. 批准核定

    Offline. --key is an ES256K key for `administration`. What is signed is enterprise, year, tonnes, document and
    revision.
    """
    require_new(out)
    trust = load_trust(trust_path)
    asked = read_request(request_path, trust)
    held = open_key(key_path, options.read_password(password_file))
    document = make_approval(held, trust, asked)
    told = f"{asked.enterprise} {asked.year}: {asked.tonnes} t, {asked.cause}, {asked.method}: {asked.reason}"
    console().note(told, told)
    write_new(out, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(document, str(out), str(out))


@determine.command()
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
def submit(*, speaking: Speaking, request_path: Path, approval_paths: tuple[Path, ...]) -> None:
    """Sign an approved REQUEST as the registrar, and submit it. 提交核定"""
    trust = load_trust(speaking.trust_path)
    asked = read_request(request_path, trust)
    approvals = [read_approval(path, trust.log) for path in approval_paths]
    with speaking.open(asked.enterprise, asked.year) as desk:
        require_unlogged(asked, _logged(desk))
        accepted = desk.say("determination", determined(asked, approvals))
        desk.result(
            accepted,
            {"tonnes": asked.tonnes, "revision": asked.revision, "cause": asked.cause},
            f"{asked.tonnes} t of {asked.enterprise} {asked.year} determined, revision {asked.revision}",
            f"已核定 {asked.enterprise} {asked.year} 年度 {asked.tonnes} 吨，第 {asked.revision} 版",
        )


def _logged(desk: CaseDesk) -> Iterator[tuple[int, Body]]:
    """Determinations of the case that count, and their entries."""
    for step in () if desk.found is None else desk.found.steps:
        # What the contract refused for good may be determined anew, under the same revision.
        if step.kind == "determination" and not desk.context.figure_refused(step.index):
            yield step.index, body_of(desk.client.entry(step.index).entry, desk.trust.log)
