"""``tanlu keys request`` and ``enrol``: a new identifier with its first key."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import msgspec

from attestation.keys import Kind
from attestation.statements import EnrolKey, build
from ledger.trust import Trust
from tanlu.admission import heard
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Client, KeyLife
from tanlu.client.key_life import STREAM
from tanlu.enrolment import make_request, read_request
from tanlu.files import require_new, write_new
from tanlu.keyring import open_key
from tanlu.placing import next_seq
from tanlu.signed import SignedStatements
from tanlu.statement_files import write_statement
from tanlu.trustfile import load_trust


@click.command()
@click.argument("path", metavar="FILE", type=options.FILE)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), required=True, help="What it names. 类别")
@click.option("--parent", help="Identifier it belongs to: a device's enterprise. 上级标识")
@click.option("--group", help="Group of enterprises it belongs to. 集团")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The request to write. 输出文件")
@options.trust
@options.password_file
def request(
    *,
    path: Path,
    kind: str,
    parent: str | None,
    group: str | None,
    out: Path,
    trust_path: Path,
    password_file: Path | None,
) -> None:
    """Write an enrolment request: the public key, and proof that its holder has the private one. 生成注册申请"""
    trust = load_trust(trust_path)
    held = open_key(path, options.read_password(password_file))
    document = make_request(
        held, trust.log, trust.registry_domain, Kind(kind), parent=parent, group=group, iat=int(time.time())
    )
    write_new(out, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(
        {"file": str(out), "kid": held.card.kid, "request": document},
        f"{out}: hand it to the registrar, who checks that it is yours by another way. Thumbprint "
        f"{held.card.public.kid_name}",
        f"{out}：请交给注册管理机构，并通过其他途径核对密钥指纹 {held.card.public.kid_name}",
    )


@click.command()
@click.argument("request_path", metavar="REQUEST", type=options.FILE)
@click.option(
    "--registrar-key", "key_path", type=options.FILE, required=True, help="Registrar's key file. 注册机构密钥"
)
@click.option("--admission", metavar="STATEMENT", help="The approval that lets it in. 准入声明编号")
@click.option("--code", help="The one-time code of the admission. 一次性验证码")
@click.option("--stream", default=STREAM, show_default=True, help="The registrar's stream. 数据流")
@click.option("--seq", type=click.IntRange(1), help="Place in the stream; else the next one. 序号")
@click.option(
    "-o", "--out", type=options.NEW_FILE, help="Write the signed statement instead of submitting it. 仅写入文件"
)
@options.server
@options.trust
@options.password_file
def enrol(
    *,
    request_path: Path,
    key_path: Path,
    admission: str | None,
    code: str | None,
    stream: str,
    seq: int | None,
    out: Path | None,
    server: str,
    trust_path: Path,
    password_file: Path | None,
) -> None:
    """Check a request, sign its `key` statement as the registrar, submit it. 注册标识与密钥"""
    if out is not None:
        require_new(out)
    trust = load_trust(trust_path)
    body = read_request(request_path, trust.log, trust.registry_domain, now=int(time.time()))
    if admission is not None or code is not None:
        shown = None if code is None else heard(code)
        body = msgspec.structs.replace(body, admission=admission, code=shown)
    held = open_key(key_path, options.read_password(password_file))
    kept = SignedStatements(key_path, trust.log)
    issuer = held.card.identifier
    who = options.signs_in(held)
    with Client(server, trust=trust, credentials=who) as client:
        if out is None and seq is None and not _is_first(body, trust):
            prepared = KeyLife(client, who, trust, stream=stream, kept=kept).prepare(body)
            place, entry = prepared.seq, kept.sign(stream, prepared.seq, lambda _: prepared.entry)
        else:
            place = seq or next_seq(kept, stream, None if out else client, issuer)
            entry = kept.sign(
                stream,
                place,
                lambda number: build(
                    "key",
                    log=trust.log,
                    iss=issuer,
                    key=held.private,
                    iat=int(time.time()),
                    stream=stream,
                    seq=number,
                    body=body,
                ),
            )
        if out is not None:
            write_statement(out, entry)
            console().result(
                {"file": str(out), "stream": stream, "seq": place},
                f"{out}: seq {place} of {stream}, not submitted",
                f"{out}：{stream} 第 {place} 号，未提交",
            )
            return
        accepted = client.enrol(entry)
    subject = body.subject.identifier
    console().result(
        {
            "identifier": subject,
            "index": accepted.index,
            "statement_id": accepted.statement_id,
            "seq": place,
            "repeated": accepted.repeated,
            "promise": accepted.promise,
        },
        f"{subject} enrolled: entry {accepted.index}",
        f"{subject} 已注册：第 {accepted.index} 条记录",
    )


def _is_first(body: EnrolKey, trust: Trust) -> bool:
    """Whether this is the root key's own entry, before which no service knows who signs."""
    return body.subject.identifier == trust.registrar_identifier
