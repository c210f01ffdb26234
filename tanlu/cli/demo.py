"""``tanlu demo``: one park year through real processes, from meters to receipts that a stranger verifies."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click
from rich.console import Console as Terminal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tanlu.cli.console import console
from tanlu.demo.run import Show, run


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/demo"),
    show_default=True,
    help="Folder for everything; cleared first. 输出目录",
)
@click.option(
    "--readings",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    envvar="READINGS",
    help="The plant's meter file (READINGS); else a seeded one. 计量数据文件",
)
@click.option("--keep/--no-keep", default=True, show_default=True, help="Keep the installation afterwards. 保留现场")
def command(*, out: Path, readings: Path | None, keep: bool) -> None:
    """Show everything, from meter to verified receipt. 完整演示

    Writes summary.json, receipt.json, trust.json, factors.json, details.json and archive.tar; home/ is the
    installation, which can be started again. Exit code 0 only if everything that had to be accepted was, and everything
    that had to be refused was.
    """
    out = out.absolute()
    said = console()
    # Progress goes to standard error: with --json, standard output is the answer alone.
    terminal = Terminal(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("    "), BarColumn(40), MofNCompleteColumn(), TimeRemainingColumn(), console=terminal, transient=True
    )
    task = bar.add_task("readings", total=None)

    def progress(done: int, total: int) -> None:
        if done < total:
            bar.start()
        bar.update(task, completed=done, total=total)
        if done >= total:
            bar.stop()

    show = Show(
        step=lambda english, chinese: terminal.print(f"\n[bold]{said.pick(english, chinese)}[/bold]"),
        say=lambda english, chinese: terminal.print(f"  {said.pick(english, chinese)}", soft_wrap=True, markup=False),
        progress=progress,
    )
    try:
        details = run(out, readings, show)
    finally:
        bar.stop()
    if not keep:
        shutil.rmtree(out / "home")
    seconds = details["seconds"]
    command = Path(sys.executable).with_name("tanlu")
    said.result(
        details["summary"],
        f"\nDone in {seconds} s. Try: {command} verify {out / 'receipt.json'} --trust {out / 'trust.json'}\n"
        f"or: {command} audit {out / 'archive.tar'} --trust {out / 'trust.json'}",
        f"\n完成，用时 {seconds} 秒。可试：{command} verify {out / 'receipt.json'} --trust {out / 'trust.json'}\n"
        f"或：{command} audit {out / 'archive.tar'} --trust {out / 'trust.json'}",
    )
