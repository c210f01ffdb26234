"""What commands share by which a holder acts, on its units and on the market: until when a contract may take the act,
how it is sent, and what is said of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec

from attestation.bodies import CancelEveryOrder, CancelPlaced, Intent, MoveTrading, WithdrawCash
from attestation.instants import parse_instant
from tanlu.cli.acting import ActDesk, Acting
from tanlu.cli.repeating import DAY

OrderAct = CancelPlaced | CancelEveryOrder | MoveTrading | WithdrawCash
"""What has an operation of its own on the exchange."""


@dataclass(frozen=True, slots=True)
class Holder(Acting):
    """A holder that signs for a service. ``deadline``: as it was said (RFC 3339), or None; ``again``: although the same
    act is on its way already, or was accepted within a day."""

    deadline: str | None
    again: bool

    def before(self, least: int = 0) -> int:
        """The first second in which the contract takes it no more (unix seconds): as was said, else a day from now and
        not before ``least``. Raises SchemaRefused."""
        return max(int(time.time()) + DAY, least) if self.deadline is None else parse_instant(self.deadline)

    def send(
        self,
        desk: ActDesk,
        kind: str,
        body: Intent | OrderAct,
        done: tuple[str, str],
        asked: tuple[str, str],
        *,
        warning: tuple[str, str] = ("", ""),
    ) -> None:
        """Send the signed act, a statement of this ``kind``, and say in English and Chinese what was ``done``, or where
        the contract has not said its word, only ``asked``, how to ask for it, and the ``warning``."""
        accepted = desk.say(kind, body)
        members: dict[str, object] = msgspec.to_builtins(body)
        del members["signature"]
        until = "" if self.until == "mined" else f" --until {self.until}"
        ask = f"tanlu operation show {body.op_id} --as {self.key_path} --wait 60{until}"
        then = (f"\nAsk what became of it: {ask}{warning[0]}", f"\n查询结果：{ask}{warning[1]}")
        way = f"accepted and on its way: {asked[0]}", f"已受理，尚在途中：{asked[1]}"
        desk.result(accepted, [bytes.fromhex(body.op_id)], members, *done, asked=way, then=then)
