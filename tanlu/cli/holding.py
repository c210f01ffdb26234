"""What commands share by which a holder moves its own units: signed twice by one asset key (DOMAIN 22)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
import msgspec

from attestation.bodies import Intent
from attestation.instants import parse_instant
from tanlu.assets import sign_intent
from tanlu.cli import options
from tanlu.cli.acting import SIGNING, Acting

DAY = 86_400
_DEADLINE = click.option(
    "--deadline",
    metavar="INSTANT",
    help="RFC 3339; the contract takes it before this. Else a day from now. 合约受理截止",
)


@dataclass(frozen=True, slots=True)
class Moving:
    """Who moves its units through which service, and until when the contract may take it."""

    deadline: str | None
    key_path: Path
    stream: str
    wait: float
    until: Literal["mined", "final"]
    server: str
    trust_path: Path
    password_file: Path | None
    patience: float

    @property
    def acting(self) -> Acting:
        """Without the deadline."""
        members = {name: getattr(self, name) for name in Acting.__slots__}
        return Acting(**members)

    @property
    def before(self) -> int:
        """The first second in which the contract takes it no more (unix seconds). Raises SchemaRefused."""
        return int(time.time()) + DAY if self.deadline is None else parse_instant(self.deadline)

    def move(self, make: Callable[[int], Intent], english: str, chinese: str) -> None:
        """Sign what ``make`` gives for a deadline, send it, and say what was done."""
        wanted = make(self.before)
        with self.acting.open() as desk:
            body = desk.unlogged(wanted) or sign_intent(desk.trust, desk.held, wanted)
            accepted = desk.say("intent", body)
            members: dict[str, object] = msgspec.to_builtins(body)
            del members["signature"]
            desk.result(accepted, [bytes.fromhex(body.op_id)], members, english, chinese)


moves = options.gathers((_DEADLINE, *SIGNING), Moving, "moving")
"""Adds the options of a holder's act, as the one argument ``moving``."""
