"""``tanlu drill``: alter copies of a store and its archive in many ways, and see that the audit names each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from ledger import backup
from ledger.archive.writing import write_archive
from ledger.audit import NodeEvidence, store_evidence
from ledger.audit.chain import deployment_of
from ledger.chain.errors import ChainUnavailable
from ledger.chain.rpc import Rpc
from ledger.verifying import cores
from tanlu.cli.auditing import deployment_at, trust_at
from tanlu.cli.console import CommandRefused, ExitCode, console
from tanlu.demo.processes import Processes
from tanlu.drill import ALTERATIONS, Tried, drill
from tanlu.home import DEFAULT_RPC, database_url, file_of, home_of, setting

_SQLITE = "sqlite:///"


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--only", multiple=True, metavar="NAME", help="These alterations alone. 仅执行指定改动")
@click.option("--processes", type=click.IntRange(1, 64), help="Audits at once; default: one per core. 并行数")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Results as JSON. 结果文件")
@click.pass_context
def command(
    context: click.Context,
    *,
    home: Path | None,
    rpc_url: str | None,
    only: tuple[str, ...],
    processes: int | None,
    output: Path | None,
) -> None:
    """Try whether the audit finds what somebody alters. 篡改演练

    Takes a copy of the store and an archive of it, alters copies of both in one way at a time (a row changed, dropped,
    added, exchanged; a node of the tree; a checkpoint; a balance; an order; a key's dates; a file of the archive …) and
    audits each. The home is only read; a local node that does not run is started meanwhile. Exit code 4 when an
    alteration was not found, or not named, or when the audit says something of a clean copy.
    """
    out, place = console(), home_of(home)
    url = database_url(place)
    if not url.startswith(_SQLITE):
        raise CommandRefused(
            "drill.database",
            url.partition(":")[0],
            "a SQLite file",
            "Only a SQLite store is drilled.",
            "仅支持 SQLite。",
            expected_zh="SQLite 文件",
        )
    unknown = sorted(set(only) - {one.name for one in ALTERATIONS})
    if unknown:
        raise CommandRefused(
            "drill.name",
            unknown[0],
            "; ".join(one.name for one in ALTERATIONS),
            "No such alteration.",
            "没有此改动。",
        )
    path = file_of(place, "TRUST_FILE", "trust.json")
    trust = trust_at(path)

    def said(tried: Tried) -> None:
        mark = out.pick("found", "已发现") if tried.passed else out.pick("NOT FOUND", "未发现")
        if not tried.applied:
            mark = out.pick("nothing of the kind", "无此类数据")
        out.note(f"{mark:20}  {tried.name}", f"{mark}  {tried.name_zh}")

    with (
        tempfile.TemporaryDirectory(prefix="tanlu-drill-") as folder,
        _chain(rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC, place, trust.chain_id, Path(folder)) as rpc,
    ):
        store, archive = Path(folder) / "tanlu.sqlite3", Path(folder) / "archive.tar"
        backup.take(Path(url.removeprefix(_SQLITE)), store)
        with store_evidence(f"{_SQLITE}{store}") as log:
            chain = NodeEvidence(rpc, log.store.scalar("SELECT number FROM chain_head"))
            deployment = deployment_of(trust, deployment_at(place))
            write_archive(archive, log, chain, deployment, trust=path.read_bytes(), origin=trust.log)
        result = drill(store, archive, path, names=only or None, processes=processes or cores(), said=said)
    applied = [one for one in result.tried if one.applied]
    missed = [one for one in applied if not one.passed]
    data = {
        "tried": len(applied),
        "found": len(applied) - len(missed),
        "false_alarms": list(result.clean),
        "alterations": [asdict(one) for one in result.tried],
    }
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
    out.result(
        data,
        f"{len(applied)} alterations, {len(applied) - len(missed)} found and named; false alarms on clean copies: "
        f"{len(result.clean)}",
        f"{len(applied)} 种改动，发现并指明 {len(applied) - len(missed)} 种；未改动副本误报 {len(result.clean)} 处",
    )
    if not result.passed:
        context.exit(ExitCode.INTEGRITY)


@contextmanager
def _chain(url: str, home: Path, chain_id: int, logs: Path) -> Iterator[Rpc]:
    """The chain of a home; its own node is started where none answers."""
    rpc = Rpc(url)
    try:
        rpc.require_chain(chain_id)
    except ChainUnavailable:
        with Processes(home, logs) as processes:
            started = processes.start("node")
            yield Rpc(started["url"])
    else:
        yield rpc
