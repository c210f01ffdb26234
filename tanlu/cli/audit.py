"""``tanlu audit``: recompute everything from entries and raw chain logs, and name what does not add up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ledger.audit import AuditReport, Divergence, NodeEvidence, StoreEvidence, audit, store_evidence
from ledger.chain.addressbook import AddressBook
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainUnavailable
from ledger.chain.rpc import Rpc
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from ledger.verifying import cores
from tanlu.cli.console import CommandRefused, Console, ExitCode, console, is_terminal
from tanlu.cli.tables import table
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting

_MOST_IN_JSON = 100_000
_STEPS = {"log": ("entries", "条目"), "chain": ("blocks", "区块")}


@click.command()
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
    "--workers", type=click.IntRange(0, 64), help="Processes beside this one; default: one per core. 并行进程数"
)
@click.pass_context
def command(
    context: click.Context,
    *,
    home: Path | None,
    database: str | None,
    rpc_url: str | None,
    without_chain: bool,
    trust_path: Path | None,
    workers: int | None,
) -> None:
    """Replay the whole history, and name the first place where it does not add up. 全量审计

    From entries and raw chain logs alone: leaves, tree, checkpoints and cosignatures, signatures and who could give
    them, sequences, figures and the readings that they cite, what entries established, and every event of the chain
    projected anew. Rows of the database are then held against that. Reads only; the service may run meanwhile. Each
    divergence is a line; exit code 4 when there is one.
    """
    out, place = console(), home_of(home)
    trust = _trust(trust_path or file_of(place, "TRUST_FILE", "trust.json"))
    listed: list[Divergence] = []

    def found(divergence: Divergence) -> None:
        if not out.json:
            click.echo(str(divergence))
        if len(listed) < _MOST_IN_JSON:
            listed.append(divergence)

    with store_evidence(database_url(place) if database is None else _url(database)) as log:
        chain = None if without_chain else _chain(log, rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC, trust)
        report = audit(
            log,
            trust,
            chain=chain,
            deployment=_deployment(place),
            rows=log.store,
            workers=cores() if workers is None else workers,
            found=found,
            progress=_progress(out),
        )
    _show(out, report, listed)
    if report.divergences:
        context.exit(ExitCode.INTEGRITY)


def _trust(path: Path) -> Trust:
    try:
        return parse_trust(path.read_bytes())
    except OSError as error:
        raise CommandRefused(
            "audit.trust",
            path,
            "a trust file; --trust names it",
            f"There is no trust file at {path}: {error.strerror}",
            f"{path} 处没有信任文件：{error.strerror}",
        ) from error


def _deployment(home: Path) -> Deployment | None:
    path = file_of(home, "DEPLOYMENT_FILE", "deployment.json")
    return AddressBook.from_json(path.read_text()).deployment() if path.is_file() else None


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
        ) from error
    # What the database has not read yet is no divergence of it.
    return NodeEvidence(rpc, log.store.scalar("SELECT number FROM chain_head"))


def _show(out: Console, report: AuditReport, listed: list[Divergence]) -> None:
    counts = (
        ("statements", "声明", report.statements),
        ("streams", "数据流", report.streams),
        ("checkpoints", "检查点", report.heads),
        ("blocks", "区块", report.blocks),
        ("events", "事件", report.events),
        ("trading days", "交易日", report.days),
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
    everything = {"sound": not report.divergences, **report.as_dict(), "all": [one.as_dict() for one in listed]}
    out.result(everything, english, chinese)


def _progress(out: Console) -> Callable[[str, int, int], None]:
    """Says how far the audit is: each percent to a person who watches, each tenth to a file."""
    step = 1 if is_terminal() else 10
    said: dict[str, int] = {}

    def progress(name: str, done: int, every: int) -> None:
        percent = 100 if every == 0 else done * 100 // every
        if percent // step > said.get(name, -1):
            said[name] = percent // step
            english, chinese = _STEPS.get(name, (name, name))
            out.note(f"{done} of {every} {english}", f"已核对 {done}/{every} {chinese}")

    return progress


def _url(text: str) -> str:
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().absolute()}"
