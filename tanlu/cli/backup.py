"""``tanlu backup``: a copy of the SQLite store while the service runs, and the check of one."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.backup import Copy, check, take
from tanlu.cli.console import CommandRefused, console
from tanlu.home import database_url, home_of

_SQLITE = "sqlite:///"


class _Backup(click.Group):
    """``check`` is a command of its own; any other word is where the copy goes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A bare `backup` shows help; the first word that is no command begins the arguments of `take`.
        first = next((word for word in args if not word.startswith("-")), None)
        if args and first is not None and first not in self.commands:
            args = ["take", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Backup, subcommand_metavar="DEST | check FILE")
def command() -> None:
    """Copy the SQLite store while the service runs, or check a copy. 备份数据库

    `tanlu backup DEST` makes DEST, whole and checked or not at all; it never overwrites. `tanlu backup check FILE`
    reads a copy. A PostgreSQL database has its own means: pg_dump.
    """


@command.command("take", hidden=True)
@click.argument("target", metavar="DEST", type=click.Path(path_type=Path))
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
def take_command(*, target: Path, home: Path | None) -> None:
    """Copy the store to DEST. 备份到 DEST

    DEST holds everything that was acknowledged before the command began.
    """
    url = database_url(home_of(home))
    if not url.startswith(_SQLITE):
        raise CommandRefused(
            "backup.engine",
            url.partition(":")[0],
            "a SQLite store; PostgreSQL: pg_dump --format=custom --file=DEST",
            "This copies SQLite stores. A PostgreSQL database is backed up with pg_dump, or by continuous archiving.",
            "本命令只备份 SQLite 数据库；PostgreSQL 请使用 pg_dump 或连续归档。",
        )
    _show(take(Path(url.removeprefix(_SQLITE)), target), "copied to", "已备份到")


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check_command(*, file: Path) -> None:
    """Read the copy FILE whole and say what it holds. 检查备份"""
    _show(check(file), "whole:", "完好：")


def _show(copy: Copy, english: str, chinese: str) -> None:
    console().result(
        {
            "path": str(copy.path),
            "bytes": copy.bytes,
            "log": copy.origin,
            "epoch": copy.epoch,
            "accepted": copy.accepted,
            "integrated": copy.integrated,
            "anchored": copy.anchored,
            "schema": copy.revision,
        },
        f"{english} {copy.path}, {copy.bytes} bytes, log {copy.origin}: {copy.accepted} entries accepted, "
        f"{copy.integrated} integrated, {copy.anchored} anchored",
        f"{chinese} {copy.path}，{copy.bytes} 字节，日志 {copy.origin}：已受理 {copy.accepted} 条，"
        f"已并入 {copy.integrated} 条，已锚定 {copy.anchored} 条",
    )
