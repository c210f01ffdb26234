"""``tanlu audit``: recompute everything from entries and raw chain logs, and name what does not add up."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from attestation.bodies.texts import FIRST_YEAR, LAST_YEAR
from ledger.audit import AuditReport, Divergence, NodeEvidence, StoreEvidence, audit, store_evidence
from ledger.audit.asked import Asked
from ledger.audit.of_archive import archive_evidence
from ledger.chain.errors import ChainUnavailable
from ledger.chain.rpc import Rpc
from ledger.trust import Trust
from ledger.verifying import cores
from tanlu.cli.auditing import deployment_at, said_progress, trust_at
from tanlu.cli.console import CommandRefused, Console, ExitCode, console
from tanlu.cli.dossier_text import dossier_text
from tanlu.cli.held_promises import promises_in
from tanlu.cli.tables import table
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting

_MOST_IN_JSON = 100_000


@click.command()
@click.argument("archive", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option(
    "--database", metavar="FILE|URL", help="SQLite file or SQLAlchemy URL; default: that of the home. 数据库文件或地址"
)
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--without-chain", is_flag=True, help="Check what needs no chain. 不核对链上数据")
@click.option(
    "--trust", "trust_path", type=click.Path(path_type=Path), help="Trust file; default: that of the home. 信任文件"
)
@click.option(
    "--promise",
    "promises",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Hold a promise of the log's, or a journal of them, against the tree; repeatable. 核对日志承诺",
)
@click.option(
    "--complete",
    "years",
    multiple=True,
    type=(str, click.IntRange(FIRST_YEAR, LAST_YEAR)),
    metavar="ENTERPRISE YEAR",
    help="Show that nothing of an enterprise's year was left out; repeatable. 企业年度完整性",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep what is found of entries here, and go on from it after an end half-way. 断点续审",
)
@click.option(
    "--workers", type=click.IntRange(0, 64), help="Processes beside this one; default: one per core. 并行进程数"
)
@click.pass_context
def command(
    context: click.Context,
    *,
    archive: Path | None,
    home: Path | None,
    database: str | None,
    rpc_url: str | None,
    without_chain: bool,
    trust_path: Path | None,
    promises: tuple[Path, ...],
    years: tuple[tuple[str, int], ...],
    resume: Path | None,
    workers: int | None,
) -> None:
    """Replay the whole history, and name the first place where it does not add up. 全量审计

    From entries and raw chain logs alone: leaves, tree, checkpoints and cosignatures, signatures and who could give
    them, sequences, figures and the readings that they cite, what entries established, and every event of the chain
    projected anew. Whatever was accepted against a rule is named. Rows of the database are then held against that.
    Reads only; the service may run meanwhile. FILE: an archive that ``tanlu export`` wrote, checked without service,
    chain or network; --trust is needed. Each divergence is a line; exit code 4 when there is one.
    """
    out, place = console(), home_of(home)
    trust = trust_at(trust_path or _trust_of(place, archive))
    if years and without_chain:
        raise _refused_years()
    held = tuple(one for path in promises for one in promises_in(path, trust))
    listed: list[Divergence] = []

    def found(divergence: Divergence) -> None:
        if not out.json:
            click.echo(str(divergence))
        if len(listed) < _MOST_IN_JSON:
            listed.append(divergence)

    run = partial(
        audit,
        trust=trust,
        asked=Asked(held, years, int(time.time())),
        resume=resume,
        workers=cores() if workers is None else workers,
        found=found,
        progress=said_progress(out),
    )
    if archive is not None:
        with archive_evidence(archive) as evidence:
            report = run(
                evidence.log,
                chain=evidence.chain,
                deployment=evidence.deployment,
                members=evidence.faults(),
                tables=evidence.archive,
            )
    else:
        with store_evidence(database_url(place) if database is None else _url(database)) as log:
            chain = None if without_chain else _chain(log, rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC, trust)
            report = run(log, chain=chain, deployment=deployment_at(place), rows=log.store)
    _show(out, report, listed)
    if report.divergences:
        context.exit(ExitCode.INTEGRITY)
    if len(report.dossiers) < len(years):
        context.exit(ExitCode.REFUSED)


def _refused_years() -> CommandRefused:
    return CommandRefused(
        "audit.complete",
        "--complete with --without-chain",
        "entries and chain: a year is held against both",
        "Whether a year is whole is told by entries and chain together.",
        "年度是否完整须由条目与链上事件共同说明。",
        expected_zh="不与 --without-chain 同用",
    )


def _trust_of(home: Path, archive: Path | None) -> Path:
    if archive is None:
        return file_of(home, "TRUST_FILE", "trust.json")
    raise CommandRefused(
        "audit.trust",
        "no --trust",
        "--trust FILE: a trust file from elsewhere than the archive",
        "An archive is not judged by the trust file in it.",
        "不得以归档自带的信任文件核验归档。",
        expected_zh="--trust FILE：另行取得的信任文件",
    )


def _chain(log: StoreEvidence, url: str, trust: Trust) -> NodeEvidence:
    rpc = Rpc(url)
    try:
        rpc.require_chain(trust.chain_id)
    except ChainUnavailable as error:
        raise CommandRefused(
            "audit.chain",
            url,
            "a node that answers; --rpc names it, --without-chain checks the rest",
            f"The chain's node at {url} does not answer.",
            f"位于 {url} 的链节点没有应答。",
            expected_zh="有应答的节点；用 --rpc 指定，或用 --without-chain 只核对其余部分",
        ) from error
    # What the database has not read yet is no divergence of it.
    return NodeEvidence(rpc, log.store.scalar("SELECT number FROM chain_head"))


def _show(out: Console, report: AuditReport, listed: list[Divergence]) -> None:
    counts = (
        ("statements", "声明", report.statements),
        ("judged by the rules of acceptance", "按受理规则重判", report.judged),
        ("streams", "数据流", report.streams),
        ("checkpoints", "检查点", report.heads),
        ("blocks", "区块", report.blocks),
        ("events", "事件", report.events),
        ("trading days", "交易日", report.days),
        ("scores computed again", "重算的评分", report.scores),
        ("promises kept", "已兑现的承诺", report.promises),
        ("asked for, not on chain", "已请求未上链", report.waiting),
        ("rows", "数据行", sum(report.rows.values())),
        ("divergences", "不符", report.divergences),
    )
    english = table(("checked", ""), [(name, count) for name, _, count in counts])
    chinese = table(("核对项", ""), [(name, count) for _, name, count in counts])
    if report.first is not None:
        english += f"\nfirst: {report.first}"
        chinese += f"\n首处不符：{report.first}"
    for skipped in report.skipped:
        english += f"\nnot checked: {skipped}"
        chinese += f"\n未核对：{skipped}"
    for dossier in report.dossiers:
        told, told_zh = dossier_text(dossier)
        english += f"\n\n{told}"
        chinese += f"\n\n{told_zh}"
    everything = {"sound": not report.divergences, **report.as_dict(), "all": [one.as_dict() for one in listed]}
    out.result(everything, english, chinese)


def _url(text: str) -> str:
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().absolute()}"
