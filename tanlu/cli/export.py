"""``tanlu export``: everything that an audit needs, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.archive.writing import write_archive
from ledger.audit import NodeEvidence, store_evidence
from ledger.audit.chain import deployment_of
from ledger.chain.rpc import Rpc
from tanlu.cli.auditing import deployment_at, said_progress, trust_at
from tanlu.cli.console import CommandRefused, console
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file. 文件")
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--until", type=click.IntRange(1), metavar="SIZE", help="Size of a cosigned checkpoint. 检查点大小")
@click.option("--block", type=click.IntRange(0), metavar="NUMBER", help="Last block; default: the final one. 最后区块")
def command(output: Path, home: Path | None, rpc_url: str | None, until: int | None, block: int | None) -> None:
    """Write a self-contained archive: statements, checkpoints, headers and receipts of the chain. 导出归档

    One tar file, which ``tanlu audit FILE`` checks without service, chain or network. It ends with the newest cosigned
    checkpoint and the final block. Of the same checkpoint and block it is the same file, byte for byte. The service may
    run meanwhile. Entries are confidential: whoever has the file reads all of them.
    """
    out, place = console(), home_of(home)
    path = file_of(place, "TRUST_FILE", "trust.json")
    trust = trust_at(path)
    rpc = Rpc(rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC)
    with store_evidence(database_url(place)) as log:
        rpc.require_chain(trust.chain_id)
        last = log.store.scalar("SELECT final_number FROM chain_head") if block is None else block
        if last is None:
            raise CommandRefused(
                "export.final", "none", "a final block", "No block is final yet.", "尚无最终确认的区块。"
            )
        about = write_archive(
            output,
            log,
            NodeEvidence(rpc, last),
            deployment_of(trust, deployment_at(place)),
            trust=path.read_bytes(),
            origin=trust.log,
            until=until,
            progress=said_progress(out),
        )
    size = output.stat().st_size
    out.result(
        {"file": str(output), "bytes": size, "size": about.size, "block": last},
        f"{output}: {about.size} entries, blocks up to {last}, {size} bytes",
        f"{output}：{about.size} 条记录，区块至 {last}，{size} 字节",
    )
