"""``tanlu rebuild``: make every row that follows from entries and chain anew."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import click

from ledger.audit import NodeEvidence
from ledger.chain.errors import ChainUnavailable
from ledger.chain.finality import Finality, finality_from_setting
from ledger.chain.rpc import Rpc
from ledger.fsck.faults import Fault
from ledger.rebuild import Rebuilt, rebuild, store_of_archive
from ledger.trust import Trust
from ledger.verifying import cores
from tanlu.cli.auditing import deployment_at, said_progress, trust_at
from tanlu.cli.console import CommandRefused, Console, console
from tanlu.cli.tables import table
from tanlu.home import DEFAULT_FINALITY, DEFAULT_RPC, database_url, file_of, home_of, setting

_MOST_IN_JSON = 100_000
_ANVIL_STATE = "anvil-state:"


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option(
    "--database", metavar="FILE|URL", help="SQLite file or SQLAlchemy URL; default: that of the home. 数据库文件或地址"
)
@click.option(
    "--from",
    "archive",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Make the new SQLite file --database of an archive alone. 由归档建立新库",
)
@click.option("--rpc", "rpc_url", metavar="URL", help="JSON-RPC of the chain; default: that of the home. 链节点地址")
@click.option("--without-chain", is_flag=True, help="Leave what the chain says as it is. 不重建链上数据的投影")
@click.option(
    "--trust", "trust_path", type=click.Path(path_type=Path), help="Trust file; default: that of the home. 信任文件"
)
@click.option(
    "--workers", type=click.IntRange(0, 64), help="Processes beside this one; default: one per core. 并行进程数"
)
def command(
    *,
    home: Path | None,
    database: str | None,
    archive: Path | None,
    rpc_url: str | None,
    without_chain: bool,
    trust_path: Path | None,
    workers: int | None,
) -> None:
    """Drop every row that follows from entries and chain, and make it anew. 重建数据库

    The service must be stopped, the chain's node must run. The entries are judged first: from evidence that does not
    hold nothing is made. Then streams, tiles, everything that entries established, the projection of the chain, and
    what is asked of the contracts are replaced in one transaction: whatever happens, the store is as it was, or whole.
    Entries, checkpoints, personal data, sessions and the record of access stay. Says which rows were others before.
    With --from the archive is all that is needed; such a store is for reading and for `tanlu audit`.
    """
    out, place = console(), home_of(home)
    trust = trust_at(trust_path or file_of(place, "TRUST_FILE", "trust.json"))
    used = cores() if workers is None else workers
    if archive is not None:
        target = _new_file(database, chosen=rpc_url is not None or without_chain)
        _show(out, store_of_archive(archive, target, trust, workers=used, progress=said_progress(out)), None)
        return
    url = database_url(place) if database is None else _url(database)
    listed: list[Fault] = []

    def found(fault: Fault) -> None:
        if len(listed) < _MOST_IN_JSON:
            listed.append(fault)
        if not out.json:
            out.note(f"was: {fault}", f"原值：{fault}")

    with ExitStack() as opened:
        chain = None
        if not without_chain:
            rpc = opened.enter_context(closing(Rpc(rpc_url or setting(place, "RPC_URL") or DEFAULT_RPC)))
            chain = _chain(rpc, trust)
        rebuilt = rebuild(
            url,
            trust,
            chain=chain,
            deployment=deployment_at(place),
            finality=_finality(place),
            workers=used,
            progress=said_progress(out),
            found=found,
        )
    _show(out, rebuilt, listed)


def _new_file(database: str | None, *, chosen: bool) -> Path:
    if database is None or "://" in database or chosen:
        raise CommandRefused(
            "rebuild.target",
            "--rpc or --without-chain" if chosen else database or "no --database",
            "--from FILE --database NEWFILE: a SQLite file that is not there yet, and the archive's own chain",
            "An archive is made into a new SQLite file.",
            "归档只能建为新的 SQLite 文件。",
            expected_zh="--from FILE --database NEWFILE：尚不存在的 SQLite 文件；链数据取自归档本身",
        )
    return Path(database).expanduser().absolute()


def _chain(rpc: Rpc, trust: Trust) -> NodeEvidence:
    try:
        rpc.require_chain(trust.chain_id)
        head = rpc.head().number
    except ChainUnavailable as error:
        raise CommandRefused(
            "rebuild.chain",
            error.value,
            "a node that answers; --rpc names it, --without-chain rebuilds the rest",
            "The chain's node does not answer.",
            "链节点没有应答。",
            expected_zh="有应答的节点；用 --rpc 指定，或用 --without-chain 只重建其余部分",
        ) from error
    return NodeEvidence(rpc, head)


def _finality(home: Path) -> Finality:
    said = setting(home, "FINALITY") or DEFAULT_FINALITY
    if said.startswith(_ANVIL_STATE):
        said = f"{_ANVIL_STATE}{home / said.removeprefix(_ANVIL_STATE)}"
    try:
        return finality_from_setting(said)
    except ValueError as error:
        raise CommandRefused(
            "settings.finality",
            said,
            "finalized, confirmations:<n> or anvil-state:<file>",
            f"TANLU_FINALITY cannot be used: {error}.",
            f"TANLU_FINALITY 不可用：{error}。",
        ) from error


def _show(out: Console, rebuilt: Rebuilt, listed: list[Fault] | None) -> None:
    """``listed``: differences to rows that were there; None where there were none to differ from."""
    if listed is None:
        rebuilt.changed.clear()
    changed = sum(rebuilt.changed.values())
    counts = [(name, rebuilt.rows.get(name, ""), count) for name, count in sorted(rebuilt.changed.items())]
    events = rebuilt.events or 0
    english = (
        f"{len(rebuilt.rows)} tables with {sum(rebuilt.rows.values())} rows made anew from {rebuilt.entries} entries "
        f"and {events} events, in {rebuilt.seconds:.1f} s; {changed} differences to what was there"
    )
    chinese = (
        f"已由 {rebuilt.entries} 条条目与 {events} 个链上事件重建 {len(rebuilt.rows)} 张表、"
        f"共 {sum(rebuilt.rows.values())} 行，用时 {rebuilt.seconds:.1f} 秒；与原有数据相差 {changed} 处"
    )
    if rebuilt.events is None:
        english += "\nnot rebuilt: what the chain says"
        chinese += "\n未重建：链上数据的投影"
    if counts:
        english += "\n" + table(("table", "rows", "differed"), counts)
        chinese += "\n" + table(("表", "行数", "相差"), counts)
    out.result(
        {
            "entries": rebuilt.entries,
            "events": rebuilt.events,
            "rows": dict(rebuilt.rows),
            "changed": dict(rebuilt.changed),
            "all": [dict(one.as_dict()) for one in listed or ()],
            "seconds": round(rebuilt.seconds, 3),
        },
        english,
        chinese,
    )


def _url(text: str) -> str:
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().absolute()}"
