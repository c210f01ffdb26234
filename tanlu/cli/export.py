"""``tanlu export``: everything that an audit needs, in one file; from a home's database, or over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ledger.archive.layout import About
from ledger.archive.writing import write_archive
from ledger.audit import NodeEvidence, store_evidence
from ledger.audit.chain import deployment_of
from ledger.chain.rpc import Rpc
from tanlu.cli import options
from tanlu.cli.auditing import deployment_at, said_progress, trust_at
from tanlu.cli.console import CommandRefused, console
from tanlu.client import Client
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting
from tanlu.mirror import MirrorFolder, take_mirror
from tanlu.mirror.chain import own_chain
from tanlu.trustfile import load_trust


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be in the file."""

    output: Path
    until: int | None
    block: int | None
    tables: bool


@dataclass(frozen=True, slots=True)
class _Home:
    """The operator's own installation."""

    home: Path | None
    rpc_url: str | None

    def export(self, wanted: _Wanted) -> tuple[About, list[tuple[str, str]]]:
        place = home_of(self.home)
        path = file_of(place, "TRUST_FILE", "trust.json")
        trust = trust_at(path)
        rpc = Rpc(self.rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC)
        with store_evidence(database_url(place)) as log:
            rpc.require_chain(trust.chain_id)
            block = wanted.block
            last = log.store.scalar("SELECT final_number FROM chain_head") if block is None else block
            if last is None:
                raise _not_final()
            about = write_archive(
                wanted.output,
                log,
                NodeEvidence(rpc, last),
                deployment_of(trust, deployment_at(place)),
                trust=path.read_bytes(),
                origin=trust.log,
                until=wanted.until,
                tables=wanted.tables,
                progress=said_progress(console()),
            )
        return about, []


@dataclass(frozen=True, slots=True)
class _Service:
    """A service that somebody else runs."""

    server: str
    trust_path: Path
    as_path: Path
    password_file: Path | None
    patience: float
    rpc_url: str | None
    folder: Path | None

    def export(self, wanted: _Wanted) -> tuple[About, list[tuple[str, str]]]:
        trust, output = load_trust(self.trust_path), wanted.output
        if self.rpc_url is not None:
            # A node that does not answer is better known before a whole log was fetched than after.
            Rpc(self.rpc_url).require_chain(trust.chain_id)
        folder = MirrorFolder(self.folder or output.with_name(f"{output.name}.mirror"))
        said = said_progress(console())
        who = options.credentials(self.as_path, self.password_file)
        with Client(
            self.server, trust=trust, patience=self.patience, credentials=who, evidence=folder.evidence
        ) as client:
            known = output if output.exists() else None
            taken = take_mirror(client, trust, folder, until=wanted.until, known=known, progress=said)
        deployment = deployment_of(trust, taken.deployment)
        left_out = []
        chain = None
        if self.rpc_url is None:
            left_out.append(("the chain: no --rpc names a node of one's own", "链上数据：未以 --rpc 指定自有节点"))
        else:
            chain = own_chain(Rpc(self.rpc_url), taken, deployment, wanted.block)
            if chain is None:
                raise _not_final()
        about = write_archive(
            output,
            folder,
            chain,
            deployment,
            trust=taken.trust,
            origin=trust.log,
            until=taken.head.size,
            tables=wanted.tables,
            progress=said,
        )
        folder.remove()
        return about, left_out


@click.command()
@click.option("-o", "--output", required=True, type=options.NEW_FILE, help="The file. 文件")
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("--server", type=options.ADDRESS, help="Mirror this service instead of reading a home. 镜像此服务")
@click.option(
    "--trust", "trust_path", envvar="TANLU_TRUST", type=options.FILE,
    help="With --server: whom to believe (TANLU_TRUST). 信任文件",
)  # fmt: skip
@options.as_key
@options.password_file
@options.patience
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where a mirror gathers; default: FILE.mirror. 暂存目录"
)
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--until", type=click.IntRange(1), metavar="SIZE", help="Size of a cosigned checkpoint. 检查点大小")
@click.option("--block", type=click.IntRange(0), metavar="NUMBER", help="Last block; default: the final one. 最后区块")
@click.option("--without-tables", is_flag=True, help="Evidence alone. 不含数据表")
def command(
    *,
    output: Path,
    home: Path | None,
    server: str | None,
    trust_path: Path | None,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
    folder: Path | None,
    rpc_url: str | None,
    until: int | None,
    block: int | None,
    without_tables: bool,
) -> None:
    """Write a self-contained archive: statements, checkpoints, headers and receipts of the chain, tables. 导出归档

    One tar file, which ``tanlu audit FILE`` checks without service, chain or network. It ends with the newest cosigned
    checkpoint and the final block. Of the same checkpoint and block it is the same file, byte for byte. The service may
    run meanwhile. Entries are confidential: whoever has the file reads all of them.

    With --server, --as and --trust a regulator needs no access to the database: entries come over HTTP, and each page
    is held against the signed checkpoint as it comes; headers and receipts come from the node that --rpc names. What
    was fetched stays in a folder until the file is written: the same command goes on there. An archive that is there
    already is one that the log must extend, and is replaced.
    """
    wanted = _Wanted(output, until, block, not without_tables)
    if server is None:
        source: _Home | _Service = _Home(home, rpc_url)
    elif trust_path is None or as_path is None:
        raise CommandRefused(
            "export.mirror",
            "no --trust" if trust_path is None else "no --as",
            "--trust FILE, from elsewhere than the service, and --as KEY",
            "A mirror is made with a trust file and a key of one's own.",
            "镜像须使用自有的信任文件与密钥。",
            expected_zh="--trust FILE（不得取自该服务）与 --as KEY",
        )
    else:
        source = _Service(server, trust_path, as_path, password_file, patience, rpc_url, folder)
    about, left_out = source.export(wanted)
    size, last = output.stat().st_size, None if about.head is None else about.head.number
    left = [english for english, _ in left_out]
    console().result(
        {"file": str(output), "bytes": size, "size": about.size, "block": last, "left_out": left},
        f"{output}: {about.size} entries, {_blocks(last)}, {size} bytes"
        + "".join(f"\nleft out: {one}" for one in left),
        f"{output}：{about.size} 条记录，{'无区块' if last is None else f'区块至 {last}'}，{size} 字节"
        + "".join(f"\n未包含：{chinese}" for _, chinese in left_out),
    )


def _blocks(last: int | None) -> str:
    return "no blocks" if last is None else f"blocks up to {last}"


def _not_final() -> CommandRefused:
    return CommandRefused("export.final", "none", "a final block", "No block is final yet.", "尚无最终确认的区块。")
