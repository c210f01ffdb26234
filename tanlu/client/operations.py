"""What became of an operation: what a logged statement asked of the contracts, until it is final or refused there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from tanlu.client.answers import decode
from tanlu.client.compliance import BlockRef
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import OperationRefused, PromiseBroken

_POLL_SECONDS = 0.5
_REACHED = {"mined": frozenset({"mined", "final", "refused"}), "final": frozenset({"final", "refused"})}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why the contract takes no such call: its error's name and arguments, and a sentence in English and Chinese.
    ``rule`` is ``contract.<name>``; other reasons (a chain that does not answer) have ``operation.waits``."""

    rule: str
    value: str
    detail: str
    message_zh: str
    arguments: dict[str, Any]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation, of ``kind``, that the entry at log position ``index`` asked for (None for an anchor).

    ``state``: ``pending`` → ``sent`` → ``mined`` → ``final``, or ``refused``: finally, by the contract. ``problem``
    says why where it is refused, or why it waits. ``tx``: the last transaction that the service signed for it;
    ``block``: where its effect was seen.
    """

    op_id: str
    kind: str
    state: Literal["pending", "sent", "mined", "final", "refused"]
    index: int | None
    leaf_hash: str | None
    problem: Refusal | None
    tx: str | None
    block: BlockRef | None
    attempts: int
    created_at: int
    updated_at: int

    @property
    def settled(self) -> bool:
        """Whether it is on chain, or never will be."""
        return self.state in _REACHED["mined"]

    def require_taken(self) -> Operation:
        """Itself. Raises OperationRefused with the contract's reason where it was refused."""
        if self.state == "refused":
            problem = self.problem
            raise OperationRefused(
                self.op_id,
                rule="operation.refused" if problem is None else problem.rule,
                value=f"operation {self.op_id}" if problem is None else problem.value,
                message="The contract refused it" if problem is None else problem.detail,
                message_zh="合约已拒绝" if problem is None else problem.message_zh,
            )
        return self


class OperationReads:
    """Reads of operations, for those whose accounts they are about; raises RefusedByService for others."""

    _transport: Transport
    _evidence: Path

    def operation(self, op_id: str, *, wait: float = 0.0, until: Literal["mined", "final"] = "mined") -> Operation:
        """The operation of this id (64 hex digits). Waits up to ``wait`` seconds until it is ``until`` or refused; what
        it is then is returned, whatever that is. Raises RefusedByService where there is none for the caller to read."""
        deadline = time.monotonic() + wait
        while True:
            response = self._transport.request("GET", f"/v1/operations/{op_id}")
            found = decode(response.content, Operation)
            if found.op_id != op_id:
                raise self._another(found.op_id, op_id, response.text)
            left = deadline - time.monotonic()
            if found.state in _REACHED[until] or left <= 0:
                return found
            time.sleep(min(_POLL_SECONDS, left))

    def _another(self, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule="answer.operation",
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {value}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
