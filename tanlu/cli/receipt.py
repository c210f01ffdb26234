"""``tanlu receipt``: the receipt of an entry, checked before it is written."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.examination import examine
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Client
from tanlu.errors import EntryFlagged, InputRefused
from tanlu.files import require_new, write_new
from tanlu.statement_files import read_statement
from tanlu.trustfile import load_trust


@click.command(name="receipt")
@click.argument("index", type=click.IntRange(0), required=False)
@click.option("--statement", type=options.FILE, help="File of the signed statement, instead of INDEX. 声明文件")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the receipt. 输出文件")
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=0.0,
    show_default=True,
    help="Seconds to wait for the anchor. 等待上链的秒数",
)
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def command(
    *,
    index: int | None,
    statement: Path | None,
    out: Path,
    wait: float,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """Fetch the receipt of the entry at INDEX, or of a signed statement. 获取收据

    The receipt is verified against the trust file before it is written; `tanlu verify --rpc` asks the chain too. That
    of an entry whose key was compromised by then is written as well, and refused (exit 1).
    """
    require_new(out)
    trust = load_trust(trust_path)
    who = options.credentials(as_path, password_file)
    with Client(server, trust=trust, patience=patience, credentials=who) as client:
        if index is not None and statement is None:
            found = index
        elif statement is not None and index is None:
            found = _index_of(client, read_statement(statement), trust.log)
        else:
            raise click.UsageError("Give INDEX or --statement. 请给出 INDEX 或 --statement。")
        try:
            receipt = client.receipt(found, wait=wait)
        except EntryFlagged as flagged:
            # Whoever looks into it needs what the log said.
            write_new(out, flagged.receipt)
            raise
    write_new(out, receipt)
    console().result(
        {"index": found, "file": str(out)}, f"{out}: receipt of entry {found}", f"{out}：第 {found} 条记录的收据"
    )


def _index_of(client: Client, entry: bytes, log: str) -> int:
    statement = examine(entry, log)
    logged = client.entry_at(statement.iss, statement.stream, statement.seq)
    if logged is None or logged.statement_id != statement.statement_id.hex():
        place = f"{statement.stream} seq {statement.seq}"
        raise InputRefused(
            rule="statement.absent",
            value=f"{place}: {'nothing' if logged is None else logged.statement_id}",
            expected=statement.statement_id.hex(),
            message=f"The log does not hold this statement at {place}",
            message_zh="日志中没有该声明",
        )
    return logged.index
