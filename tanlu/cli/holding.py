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
from tanlu.cli.repeating import ACTS, DAY, refuse_twice

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
class Moving:
    """Who moves its units through which service, and until when the contract may take it. ``again``: although the same
    act is on its way already, or was accepted within a day."""

    deadline: str | None
    again: bool
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

    def move(self, make: Callable[[int], Intent], done: tuple[str, str], asked: tuple[str, str]) -> None:
        """Sign what ``make`` gives for a deadline, send it, and say in English and Chinese what was ``done``, or only
        ``asked`` where the contract has not said its word. Raises InputRefused for the same act again."""
        wanted = make(self.before)
        _, name, name_zh = ACTS[type(wanted)]
        with self.acting.open() as desk:
            body = desk.unlogged(wanted)
            if body is None:
                body = sign_intent(desk.trust, desk.held, wanted)
                if not self.again:
                    refuse_twice(desk, wanted)
            accepted = desk.say("intent", body)
            members: dict[str, object] = msgspec.to_builtins(body)
            del members["signature"]
            until = "" if self.until == "mined" else f" --until {self.until}"
            ask = f"tanlu operation show {body.op_id} --as {self.key_path} --wait 60{until}"
            then = (
                f"\nAsk what became of it: {ask}\nDo not repeat this command: it would be a second {name}",
                f"\n查询结果：{ask}\n请勿重复本命令：重复即为第二次{name_zh}",
            )
            way = f"accepted and on its way: {asked[0]}", f"已受理，尚在途中：{asked[1]}"
            desk.result(accepted, [bytes.fromhex(body.op_id)], members, *done, asked=way, then=then)


moves = options.gathers((_DEADLINE, _AGAIN, *SIGNING), Moving, "moving")
"""Adds the options of a holder's act, as the one argument ``moving``."""
