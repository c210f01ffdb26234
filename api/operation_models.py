"""Answers about operations: what entries asked of the contracts."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.block_models import BlockRef
from api.models import HASH, Answer
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.operation_views import OperationView


class OperationProblem(Answer):
    """Why an operation was refused, or why it waits."""

    rule: str = Field(
        description="`contract.` and the name of the contract's error; else `operation.refused` or `operation.waits`."
    )
    value: str = Field(description="The error with its arguments, or what was noted.")
    detail: str = Field(description="One sentence in English.")
    message_zh: str = Field(description="The same in Chinese.")
    arguments: dict[str, str] = Field(description="The error's arguments, as they are written to people.")

    @classmethod
    def of(cls, found: OperationView) -> Self | None:
        """From the log's view; None where nothing is wrong."""
        refusal = found.refusal
        if refusal is not None:
            return cls(
                rule=refusal.rule,
                value=refusal.value,
                detail=refusal.text,
                message_zh=refusal.text_zh,
                arguments=dict(refusal.arguments),
            )
        refused = found.state is State.REFUSED
        if found.note is None and not refused:
            return None
        note = found.note or ""
        if refused:
            texts = "operation.refused", f"it was refused: {note}", f"已拒绝：{note}"
        else:
            texts = "operation.waits", f"it waits: {note}", f"等待中：{note}"
        return cls(rule=texts[0], value=note, detail=texts[1], message_zh=texts[2], arguments={})


class Operation(Answer):
    """An operation and its state."""

    op_id: str = Field(pattern=HASH)
    kind: Kind = Field(description="What it does (docs/chain.md).")
    state: State = Field(
        description="`pending`, `sent`, `mined`, `final`; or `refused`: by the contract, for good, nothing changed."
    )
    index: int | None = Field(description="Log position of the entry that asked for it; null for an anchor.")
    leaf_hash: str | None = Field(pattern=HASH, description="That entry's leaf hash.")
    problem: OperationProblem | None
    tx: str | None = Field(pattern=HASH, description="The last transaction that was signed for it.")
    block: BlockRef | None = Field(description="Where its effect was seen.")
    attempts: int
    created_at: int
    updated_at: int

    @classmethod
    def of(cls, found: OperationView) -> Self:
        """From the log's view."""
        return cls(
            op_id=found.op_id.hex(),
            kind=found.kind,
            state=found.state,
            index=None if found.entry is None else found.entry.index,
            leaf_hash=None if found.entry is None else found.entry.leaf_hash.hex(),
            problem=OperationProblem.of(found),
            tx=None if found.tx is None else found.tx.hex(),
            block=None if found.block is None else BlockRef.of(found.block),
            attempts=found.attempts,
            created_at=found.created_at,
            updated_at=found.updated_at,
        )
