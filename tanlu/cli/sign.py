"""``tanlu sign``: a body in JSON becomes a signed statement."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from attestation.envelope import Statement
from attestation.examination import examine
from ledger.trust import Trust
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Client
from tanlu.files import require_new
from tanlu.keyring import open_key
from tanlu.placing import next_seq
from tanlu.signed import SignedStatements
from tanlu.signing import TYPES, read_body, sign_body
from tanlu.statement_files import write_statement
from tanlu.trustfile import load_trust

Judge = Callable[[Statement, Client | None, Trust], None]
"""Raises what the log would raise, as far as it is known before a signature takes its place."""


@click.command(name="sign")
@click.argument("type_", metavar="TYPE", type=click.Choice(TYPES))
@click.argument("body_path", metavar="BODY.json", type=options.FILE)
@options.key
@click.option("--stream", required=True, help="Name of the signer's sequence. 数据流")
@click.option("--seq", type=click.IntRange(1), help="Place in the stream; else the next free one. 序号")
@click.option("--iat", type=click.IntRange(0), help="Claimed time of signing, unix seconds; else now. 签署时间")
@click.option("-o", "--out", type=options.NEW_FILE, help="File for the statement; else standard output. 输出文件")
@options.maybe_server
@options.trust
@options.password_file
def command(
    *,
    type_: str,
    body_path: Path,
    key_path: Path,
    stream: str,
    seq: int | None,
    iat: int | None,
    out: Path | None,
    server: str | None,
    trust_path: Path,
    password_file: Path | None,
) -> None:
    """Sign the body of a TYPE statement; each has its schema in docs/statements.md. 签署声明

    What was signed is also kept beside the key (KEY.signed/): its place is never signed over with something else.
    Without --server the next seq is the one after the last that this key file has signed.
    """
    sign_to_file(
        type_,
        body_path,
        key_path,
        stream=stream,
        seq=seq,
        iat=iat,
        out=out,
        server=server,
        trust_path=trust_path,
        password_file=password_file,
    )


def sign_to_file(
    type_: str,
    body_path: Path,
    key_path: Path,
    *,
    stream: str,
    seq: int | None,
    iat: int | None,
    out: Path | None,
    server: str | None,
    trust_path: Path,
    password_file: Path | None,
    judge: Judge | None = None,
) -> None:
    """What ``tanlu sign`` does. `judge` gets the statement and the service, if one is asked, before the signature is
    kept and takes its place; what it raises leaves nothing behind."""
    if out is not None:
        # Before signing: a signature takes its place in the stream for ever.
        require_new(out)
    trust = load_trust(trust_path)
    body = read_body(type_, body_path)
    held = open_key(key_path, options.read_password(password_file))
    kept = SignedStatements(key_path, trust.log)
    issuer = held.card.identifier
    signed_at = int(time.time()) if iat is None else iat
    with ExitStack() as stack:
        client = None
        if server is not None and (seq is None or judge is not None):
            client = stack.enter_context(Client(server, trust=trust, credentials=options.signs_in(held)))
        place = seq or next_seq(kept, stream, client, issuer)

        def signed(number: int) -> bytes:
            made = sign_body(type_, body, trust.log, held, iat=signed_at, stream=stream, seq=number)
            if judge is not None:
                judge(examine(made, trust.log), client, trust)
            return made

        entry = kept.sign(stream, place, signed)
    if out is not None:
        write_statement(out, entry)
    text = entry.decode("ascii")
    console().result(
        {"file": str(out) if out else None, "type": type_, "stream": stream, "seq": place, "statement": text},
        f"{out}: seq {place} of {stream}" if out else text,
        f"{out}：{stream} 第 {place} 号" if out else text,
    )
