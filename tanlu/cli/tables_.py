"""``tanlu tables``: what is in the ledger, for a spreadsheet or a program of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from ledger.archive.tables.making import README, make_tables
from ledger.archive.tables.scratch import scratch_store
from ledger.archive.tables.workbook import make_workbook
from ledger.audit import NodeEvidence, store_evidence
from ledger.audit.chain import deployment_of
from ledger.audit.evidence import ChainEvidence, LogEvidence
from ledger.audit.of_archive import archive_evidence
from ledger.chain.contracts import Deployment
from ledger.chain.rpc import Rpc
from ledger.context import parameters_of
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from tanlu.cli import options
from tanlu.cli.auditing import deployment_at, trust_at
from tanlu.cli.console import CommandRefused, console
from tanlu.files import require_new
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting

_BOOK = "tables.xlsx"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the tables are made from: ``size`` entries, and the chain up to its last block."""

    log: LogEvidence
    chain: ChainEvidence | None
    trust: Trust
    deployment: Deployment
    size: int


@click.command()
@click.argument("archive", required=False, type=options.FILE, metavar="[FILE]")
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A new folder. 新建目录")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(("csv", "jsonl", "xlsx")),
    default=("csv",),
    show_default=True,
    help="May be given more than once. 可多次指定",
)
@click.option("--trust", "trust_path", type=options.FILE, help="Trust file; default: the one beside the data. 信任文件")
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--block", type=click.IntRange(0), metavar="NUMBER", help="Last block; default: the final one. 最后区块")
def command(
    *,
    archive: Path | None,
    home: Path | None,
    output: Path,
    formats: tuple[str, ...],
    trust_path: Path | None,
    rpc_url: str | None,
    block: int | None,
) -> None:
    """Write tables: statements, accounts, balances, trades, obligations, figures … 导出数据表

    Of an archive that ``tanlu export`` wrote, or of a home: made anew from entries and chain, whatever tables lie
    beside them. README.md in the folder says what every column means, in English and Chinese. CSV and XLSX are safe for
    a spreadsheet: nothing of the data becomes a formula. What the tables say is not judged: ``tanlu audit`` does that.
    """
    require_new(output)
    partial = output.with_name(f"{output.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        source = _of_archive(archive, trust_path) if archive is not None else _of_home(home, trust_path, rpc_url, block)
        with source as found:
            _write(found, partial, frozenset(formats))
        names = sorted(path.name for path in partial.iterdir())
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    console().result(
        {"folder": str(output), "size": found.size, "files": names},
        f"{output}: {len(names)} files, {found.size} entries; README.md says what the columns mean",
        f"{output}：{len(names)} 个文件，{found.size} 条记录；各列含义见 README.md",
    )


def _write(source: _Source, folder: Path, formats: frozenset[str]) -> None:
    chain = source.chain is not None

    def keep(name: str, path: Path) -> None:
        if name != README and path.suffix[1:] not in formats:
            path.unlink()

    with scratch_store(
        source.log, source.chain, parameters_of(source.trust), source.deployment, size=source.size
    ) as scratch:
        make_tables(source.log, source.size, scratch, folder, chain=chain, sink=keep)
        if "xlsx" in formats:
            make_workbook(source.log, source.size, scratch, folder / _BOOK, chain=chain)


@contextmanager
def _of_archive(path: Path, trust_path: Path | None) -> Iterator[_Source]:
    with archive_evidence(path) as found:
        trust = trust_at(trust_path) if trust_path is not None else parse_trust(found.archive.read("trust.json"))
        deployment = deployment_of(trust, found.deployment)
        yield _Source(found.log, found.chain, trust, deployment, found.archive.about.size)


@contextmanager
def _of_home(home: Path | None, trust_path: Path | None, rpc_url: str | None, block: int | None) -> Iterator[_Source]:
    place = home_of(home)
    trust = trust_at(trust_path or file_of(place, "TRUST_FILE", "trust.json"))
    rpc = Rpc(rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC)
    with store_evidence(database_url(place), columns=False) as log:
        rpc.require_chain(trust.chain_id)
        last = log.store.scalar("SELECT final_number FROM chain_head") if block is None else block
        size = max((head.size for head in log.heads() if head.cosigned and head.note is not None), default=0)
        if last is None or not size:
            raise CommandRefused(
                "export.final",
                f"{size} entries, block {last}",
                "a cosigned checkpoint and a final block; --block names another",
                "No checkpoint is cosigned, or no block is final yet.",
                "尚无已联署的检查点或最终确认的区块。",
                expected_zh="已联署的检查点与最终确认的区块；可用 --block 另行指定区块",
            )
        yield _Source(log, NodeEvidence(rpc, last), trust, deployment_of(trust, deployment_at(place)), size)
