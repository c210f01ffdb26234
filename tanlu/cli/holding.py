"""What commands share by which a holder moves its own units: signed twice by one asset key (DOMAIN 22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from attestation.bodies import Intent
from tanlu.assets import sign_intent
from tanlu.cli import options
from tanlu.cli.acting import SIGNING
from tanlu.cli.holder import Holder
from tanlu.cli.repeating import ACTS, refuse_twice

_DEADLINE = click.option(
    "--deadline",
    metavar="INSTANT",
    help="RFC 3339; the contract takes it before this. Else a day from now. 合约受理截止",
)
_AGAIN = click.option(
    "--again",
    is_flag=True,
    help="Sign it although the same act is on its way, or was accepted within a day: a second one. "
    "同一操作在途或一日内已受理时仍再次签署",
)


@dataclass(frozen=True, slots=True)
class Moving(Holder):
    """Who moves its units through which service."""

    def move(self, make: Callable[[int], Intent], done: tuple[str, str], asked: tuple[str, str]) -> None:
        """Sign what ``make`` gives for a deadline, send it, and say in English and Chinese what was ``done``, or only
        ``asked`` where the contract has not said its word. Raises InputRefused for the same act again."""
        wanted = make(self.before())
        _, name, name_zh = ACTS[type(wanted)]
        with self.open() as desk:
            body = desk.unlogged(wanted)
            if body is None:
                body = sign_intent(desk.trust, desk.held, wanted)
                if not self.again:
                    refuse_twice(desk, wanted)
            warning = (
                f"\nDo not repeat this command: it would be a second {name}",
                f"\n请勿重复本命令：重复即为第二次{name_zh}",
            )
            self.send(desk, "intent", body, done, asked, warning=warning)


moves = options.gathers((_DEADLINE, _AGAIN, *SIGNING), Moving, "moving")
"""Adds the options of a holder's act, as the one argument ``moving``."""
