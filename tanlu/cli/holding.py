"""What commands share by which a holder moves its own units: signed twice by one asset key (DOMAIN 22)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import click
import msgspec

from attestation.assets import CCER_TEXT
from attestation.bodies import CancelOwnUnits, CarryOverUnits, Intent, ReturnUnits, SurrenderUnits
from attestation.instants import parse_instant
from tanlu.assets import sign_intent
from tanlu.cli import options
from tanlu.cli.acting import SIGNING, ActDesk, Acting
from tanlu.errors import InputRefused, RefusedByService

DAY = 86_400
_DEADLINE = click.option(
    "--deadline",
    metavar="INSTANT",
    help="RFC 3339; the contract takes it before this. Else a day from now. 合约受理截止",
)
_AGAIN = click.option(
    "--again",
    is_flag=True,
    help="Sign it although the same act is still on its way: a second one. 同一操作在途时仍再次签署",
)
_ACTS: Mapping[type[Intent], tuple[str, str, str]] = MappingProxyType(
    {
        SurrenderUnits: ("surrender", "surrender", "清缴"),
        CarryOverUnits: ("carry_over", "carry-over", "结转"),
        CancelOwnUnits: ("retire", "cancellation", "注销"),
        ReturnUnits: ("return", "return", "退还"),
    }
)
"""Each act: the family of its rule, and its name in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Moving:
    """Who moves its units through which service, and until when the contract may take it. ``again``: although the same
    act is on its way already."""

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
        ``asked`` where the contract has not said its word. Raises InputRefused where the same act is on its way."""
        wanted = make(self.before)
        _, name, name_zh = _ACTS[type(wanted)]
        with self.acting.open() as desk:
            body = desk.unlogged(wanted)
            if body is None:
                body = sign_intent(desk.trust, desk.held, wanted)
                if not self.again:
                    _refuse_twice(desk, wanted)
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


def _refuse_twice(desk: ActDesk, wanted: Intent) -> None:
    """What this key signed here is known one by one. Of what was signed elsewhere the service tells sums alone: the
    same number of tonnes on its way for the same year is taken for the same act."""
    family, name, name_zh = _ACTS[type(wanted)]
    found = desk.on_its_way(wanted)
    if found is not None:
        value = f"operation {found.op_id}, entry {found.index}, {found.state}"
        next_, next_zh = f"tanlu operation show {found.op_id} --wait 60", f"第 {found.index} 条记录"
    elif _leaving(desk, wanted) == wanted.tonnes:
        value, next_, next_zh = f"{wanted.tonnes} t", "tanlu compliance show", f"{wanted.tonnes} 吨"
    else:
        return
    raise InputRefused(
        rule=f"{family}.on_its_way",
        value=value,
        expected="its result first; --again signs a second one",
        message=f"The same {name} of {wanted.tonnes} t is on its way already ({value}). See {next_}; --again signs a "
        "second one",
        message_zh=f"相同的{name_zh}（{wanted.tonnes} 吨，{next_zh}）尚在途中；请先查询结果，"
        f"如确需第二次{name_zh}，请加 --again",
    )


def _leaving(desk: ActDesk, wanted: Intent) -> int:
    """Tonnes of such acts on their way, as the service tells them of the year; 0 where it does not tell."""
    if not isinstance(wanted, SurrenderUnits | CarryOverUnits):
        return 0
    year = wanted.year if isinstance(wanted, SurrenderUnits) else wanted.vintage
    try:
        found = desk.context.obligation_position(desk.held.card.identifier, year)
    except RefusedByService:
        # Why the service says nothing is told by what judges the act.
        return 0
    if isinstance(wanted, CarryOverUnits):
        return found.carried_leaving
    return found.offsets_leaving if wanted.asset == CCER_TEXT else found.quota_leaving


moves = options.gathers((_DEADLINE, _AGAIN, *SIGNING), Moving, "moving")
"""Adds the options of a holder's act, as the one argument ``moving``."""
