"""``tanlu init``: a new deployment on disk."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from tanlu.cli.console import CommandRefused, console
from tanlu.home import home_of
from tanlu.installation import Choices, Installation, create

LOCAL_RPC = "http://127.0.0.1:8545"
LOCAL_CHAIN_ID = 31337
DEFAULT_PORT = 8700
_LOCAL_FINALITY = {"anvil": "anvil-state:node/final.json", "ganache": "confirmations:0"}


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory, new or empty (TANLU_HOME). 主目录")
@click.option("--name", default="tanlu.local", show_default=True, help="Name of the log, such as a host name. 日志名称")
@click.option("--park", default="88.608.1/PARK", show_default=True, help="The registrar's identifier. 园区管委会标识")
@click.option("--rpc", "rpc_url", help="JSON-RPC of a chain; without it a local node is used. 链节点地址")
@click.option("--chain-id", type=click.IntRange(1), help="Chain id; required with --rpc. 链 ID")
@click.option(
    "--finality", help="finalized, confirmations:<n> or anvil-state:<file>; default: by the chain. 最终性判定方式"
)
@click.option("--engine", type=click.Choice(sorted(_LOCAL_FINALITY)), default="anvil", help="Engine of the local node.")
@click.option("--rpc-port", type=click.IntRange(1, 65535), default=8545, show_default=True, help="本地节点端口")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="服务端口")
@click.option("--witness-port", type=click.IntRange(1, 65535), default=8710, show_default=True, help="见证人端口")
@click.option(
    "--recovery-delay",
    type=click.IntRange(1, 31_536_000),
    default=604_800,
    show_default=True,
    help="Seconds in which a holder can object to the recovery of a key; fixed in the contract. 密钥恢复异议期（秒）",
)
@click.option("--development", is_flag=True, help="With --rpc: a development chain on this machine. 开发链")
def command(
    *,
    home: Path | None,
    name: str,
    park: str,
    rpc_url: str | None,
    chain_id: int | None,
    finality: str | None,
    engine: str,
    rpc_port: int,
    port: int,
    witness_port: int,
    recovery_delay: int,
    development: bool,
) -> None:
    """Make a new deployment: keys, trust file, configuration. 新建部署

    Nothing existing is written over. Keys are encrypted; each holder's folder has a password file of its own. Hand the
    folders witness, administration and regulator to their holders.
    """
    local = rpc_url is None
    if not local and chain_id is None:
        raise CommandRefused(
            "init.chain_id",
            "",
            "--chain-id",
            "With --rpc the chain id must be said: contract signatures are bound to it.",
            "使用 --rpc 时必须给出链 ID，合约签名与之绑定。",
        )
    choices = Choices(
        name=name,
        park=park,
        chain_id=chain_id or LOCAL_CHAIN_ID,
        rpc_url=rpc_url or f"http://127.0.0.1:{rpc_port}",
        development=local or development,
        finality=finality or (_LOCAL_FINALITY[engine] if local else "finalized"),
        port=port,
        witness_port=witness_port,
        recovery_delay=recovery_delay,
    )
    made = create(home_of(home), choices)
    first = _first_submission(made, port)
    console().result(
        {
            "home": str(made.home),
            "log": made.origin,
            "deployment_id": made.deployment_id.hex(),
            "trust": str(made.trust_file),
            "first_entry": str(made.first_entry),
        },
        f"Made {made.home}\n  log        {made.origin}\n  trust file {made.trust_file}\n"
        f"  next: {'tanlu node, ' if local else ''}tanlu witness, tanlu serve; then, once:\n  {first}",
        f"已创建 {made.home}\n  日志       {made.origin}\n  信任文件   {made.trust_file}\n"
        f"  接下来：{'tanlu node、' if local else ''}tanlu witness、tanlu serve；然后执行一次：\n  {first}",
    )


def _first_submission(made: Installation, port: int) -> str:
    """The command that brings the log's first statement: the registrar's own key, which signs in for it too."""
    words = ["tanlu", "submit", str(made.first_entry), "--trust", str(made.trust_file)]
    words += ["--as", str(made.first_entry.with_suffix(".pem"))]
    words += ["--password-file", str(made.first_entry.with_name("password"))]
    if port not in {0, DEFAULT_PORT}:
        words += ["--server", f"http://127.0.0.1:{port}"]
    return shlex.join(words)
