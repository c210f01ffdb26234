"""Commands in docs/market.md are those of the program: names, options, arguments; tests/e2e runs most of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tanlu.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "market.md"


def commands() -> list[str]:
    text = PAGE.read_text("utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    # A block has shell around it: what is piped, captured or tested.
    return re.findall(r"\btanlu (?:--json )?((?:market|cash|quota|account) [^|;)>\n]+)", blocks)


@pytest.mark.parametrize("typed", dict.fromkeys(commands()))
def test_a_command_of_the_page_is_one(typed: str) -> None:
    words = shlex.split(typed)
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, typed
        command = found
    options = {name: option for option in command.params if isinstance(option, click.Option) for name in option.opts}
    flags = {name for option in options.values() for name in option.secondary_opts}
    arguments = 0
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            arguments += 1
        elif word not in flags:
            assert word in options, f"{word} in: {typed}"
            if not options[word].is_flag:
                words.pop(0)
    wanted = [one.required for one in command.params if isinstance(one, click.Argument)]
    assert sum(wanted) <= arguments <= len(wanted), typed


def test_the_page_has_an_auction_from_the_lot_to_the_result() -> None:
    named = [typed.split()[1] for typed in commands() if typed.startswith("market ")]
    assert [name for name in named if name in ("lot", "auction", "bid", "reveal", "clear")] == [
        "lot",
        "auction",
        *("bid",) * 3,
        "reveal",
        "clear",
    ]
