"""``tanlu node``: the local chain engine under supervision."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from ganache import Engine, Node
from ganache.service import run
from tanlu.cli.console import CommandRefused, ExitCode, console
from tanlu.home import home_of, setting

_ENGINES = ("anvil", "ganache")


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("--data", type=click.Path(path_type=Path), help="Where the chain is kept; default: <home>/node. 数据目录")
@click.option("--engine", type=click.Choice(_ENGINES), default="anvil", show_default=True, help="链引擎")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default: that of TANLU_RPC_URL. 端口")
@click.option("--chain-id", type=click.IntRange(1), default=31337, show_default=True, help="链 ID")
@click.option("--block-time", type=click.IntRange(1), help="Seconds between blocks; default: on demand. 出块间隔")
def command(
    *, home: Path | None, data: Path | None, engine: str, port: int | None, chain_id: int, block_time: int | None
) -> None:
    """Run a local chain until SIGTERM; its state survives crashes. 运行本地链节点

    Its accounts are the published development accounts: it listens on loopback only.
    """
    folder = home_of(home)
    out = console()
    node = Node(
        data or folder / "node",
        engine="ganache" if engine == "ganache" else "anvil",
        port=_port(folder) if port is None else port,
        chain_id=chain_id,
        block_time=block_time,
    )

    def ready(started: Engine) -> None:
        out.result(
            {"ready": True, "url": started.rpc_url, "chain_id": started.chain_id, "pid": os.getpid()},
            f"ready: {started.rpc_url}, chain id {started.chain_id}",
            f"已就绪：{started.rpc_url}，链 ID {started.chain_id}",
        )

    if run(node, say=lambda line: click.echo(line, err=True), on_ready=ready) != 0:
        click.get_current_context().exit(ExitCode.UNAVAILABLE)


def _port(home: Path) -> int:
    url = setting(home, "RPC_URL")
    if url is None:
        raise CommandRefused(
            "node.home",
            home,
            "a home made by `tanlu init`, or --data and --port",
            "There is no installation here: run `tanlu init` first, or say --data and --port.",
            "此处没有安装：请先运行 tanlu init，或给出 --data 与 --port。",
        )
    parts = urlsplit(url)
    if parts.hostname not in {"127.0.0.1", "localhost"}:
        raise CommandRefused(
            "node.remote",
            url,
            "an RPC URL on this machine, or --port",
            "TANLU_RPC_URL is not on this machine: there is no local node to run.",
            "TANLU_RPC_URL 不在本机：无需运行本地节点。",
        )
    return parts.port or 80
