"""Copy the `--help` texts of the enterprise's commands into docs/cli.md, below its marker.

    python tools/cli_reference.py [--check]

Run it after changing an option; with `--check` it changes nothing and fails where the page is out of date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import click

from tanlu.cli import main

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
MARKER = "<!-- Below this line: made by tools/cli_reference.py from the commands themselves. -->\n"
COMMANDS = (
    "keys",
    "admission",
    "opening",
    "sign",
    "submit",
    "import-readings",
    "streams",
    "gaps",
    "loss",
    "deadlines",
    "report",
    "park-total",
    "inventory",
    "case",
    "account",
    "assets",
    "operation",
    "history",
    "compliance",
    "allocation",
    "quota",
    "market",
    "cash",
    "surrender",
    "return",
    "carry-over",
    "score",
    "receipt",
    "verify",
    "export",
    "tables",
    "audit",
    "rebuild",
    "fsck",
    "drill",
)
WIDTH = 110


def reference() -> str:
    """The help texts as Markdown, one section per command, groups before their commands."""
    settings = dict(main.context_settings) | {"terminal_width": WIDTH, "max_content_width": WIDTH}
    root = click.Context(main, info_name="tanlu", **settings)
    sections = []
    for name in COMMANDS:
        command = main.get_command(root, name)
        if command is None:
            raise SystemExit(f"there is no command {name}")
        sections += _sections(command, name, root)
    return "\n".join(sections)


def page(text: str) -> str:
    """`text` with everything below the marker made anew."""
    head, marker, _ = text.partition(MARKER)
    if not marker:
        raise SystemExit(f"{PAGE.name} has lost its marker line: {MARKER.strip()}")
    return f"{head}{marker}\n{reference()}"


def _sections(command: click.Command, name: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    sections = [f"## `{context.command_path}`\n\n```\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for child in sorted(command.commands):
            sections += _sections(command.commands[child], child, context)
    return sections


def run() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where the page is out of date")
    options = parser.parse_args()
    before = PAGE.read_text(encoding="utf-8")
    after = page(before)
    if before == after:
        return 0
    if options.check:
        print(f"docs/{PAGE.name} is out of date: run python tools/cli_reference.py", file=sys.stderr)
        return 1
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())
