"""Keeps the command list of README.md equal to what ``tanlu --help`` prints. ``--write`` brings it up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from click.testing import CliRunner

from tanlu.cli import main as tanlu

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- help:start -->\n", "<!-- help:end -->\n"


def current() -> str:
    """The block as it must be."""
    answer = CliRunner().invoke(tanlu, ["--help"], prog_name="tanlu", terminal_width=100, env={"TANLU_LANG": None})
    if answer.exit_code != 0:
        raise SystemExit(f"tanlu --help failed: {answer.output}")
    return f"{START}```\n{answer.output}```\n{END}"


def written() -> str:
    """The block as it stands in the file."""
    text = README.read_text("utf-8")
    return text[text.index(START) : text.index(END) + len(END)]


def main() -> int:
    """0 if the block is current, or was made so with ``--write``; 1 otherwise."""
    if written() == current():
        return 0
    if "--write" not in sys.argv[1:]:
        sys.stderr.write("README.md: the command list is not what `tanlu --help` prints; run tools/readme.py --write\n")
        return 1
    text = README.read_text("utf-8")
    README.write_text(text.replace(written(), current()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
