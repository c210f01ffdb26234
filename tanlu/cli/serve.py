"""``tanlu serve``: the service, whole or in parts."""

from __future__ import annotations

from pathlib import Path

import click

from tanlu.cli.console import console


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option("--roles", help="Any of api,sequencer,relayer,reminders (TANLU_ROLES). 角色")
@click.option("--host", help="Address to listen on (TANLU_HOST). 监听地址")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one (TANLU_PORT). 端口")
@click.option("--rpc", "rpc_url", help="JSON-RPC of the chain (TANLU_RPC_URL). 链节点地址")
def command(*, home: Path | None, roles: str | None, host: str | None, port: int | None, rpc_url: str | None) -> None:
    """Run the service until SIGTERM. 运行服务

    All roles in one process by default; each may be a process of its own over the same database. Settings come from
    the environment and from config.env in the home directory.
    """
    # Loaded here: the command line stays quick where no service runs.
    from api import logs  # noqa: PLC0415
    from api.runtime import Runtime  # noqa: PLC0415
    from api.server import run  # noqa: PLC0415
    from api.settings import load  # noqa: PLC0415
    from tanlu.development import DevelopmentKeys  # noqa: PLC0415

    settings = load(home, roles=roles, host=host, port=port, rpc_url=rpc_url)
    logs.configure(settings.log_level, settings.log_format)
    runtime = Runtime(settings, DevelopmentKeys())
    out = console()
    names = sorted(role.value for role in settings.roles)

    def ready(url: str | None, metrics: str | None) -> None:
        out.result(
            {"ready": True, "url": url, "metrics": metrics, "roles": names, "log": runtime.trust.log},
            f"ready: {url or 'no address'}, roles {', '.join(names)}, log {runtime.trust.log}"
            + (f", metrics {metrics}" if metrics else ""),
            f"已就绪：{url or '无监听地址'}，角色 {', '.join(names)}，日志 {runtime.trust.log}"
            + (f"，指标 {metrics}" if metrics else ""),
        )

    run(runtime, ready)
    out.note("stopped", "已停止")
