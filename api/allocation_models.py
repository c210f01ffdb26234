"""Answers about allocations (DOMAIN 26 to 31). Amounts are whole tonnes."""

from __future__ import annotations

from typing import Any, Literal, Self

import msgspec
from pydantic import Field

from api.models import HASH, Answer
from ledger.allocation_views import AllocationView, OwnShare
from ledger.chain.outbox import State


class AllocationTotals(Answer):
    """What an allocation gave in all; everybody's to see."""

    index: int = Field(ge=0, description="Log position; its receipt is the proof.")
    statement_id: str = Field(pattern=HASH)
    op_id: str = Field(pattern=HASH, description="The run's operation, and its id on chain.")
    year: int
    round: Literal["pre", "final"] = Field(description="Ahead of the final allocation, or that one (DOMAIN 31).")
    reserve: str = Field(description="Whose account the units came out of.")
    tonnes: int = Field(description="Granted in all.")
    accounts: int = Field(description="Rows of its table.")
    input_root: str = Field(pattern=HASH, description="SHA-256 of rules and inputs (docs/quota.md).")
    return_due: int = Field(description="Until when what is owed comes back.")
    accepted_at: int
    state: State | None = Field(
        description="Of its least advanced call, as in `GET /v1/operations/{op_id}`; null without a chain."
    )

    @classmethod
    def of(cls, view: AllocationView) -> Self:
        """From the log's view."""
        return cls(**_totals(view))


class AllocationRowAnswer(Answer):
    """What an enterprise got, owes back, and settled of an older debt."""

    identifier: str
    granted: int
    owes: int
    settles: int


class AllocationStep(Answer):
    """`symbol` = `expression` = `value` `unit`, for a pocket calculator."""

    symbol: str
    expression: str
    value: str
    unit: str
    source: str = Field(description="The rule or document that it follows.")
    exact: bool = Field(description="Whether `value` is all of it, or 18 places.")


class OwnShareAnswer(Answer):
    """An enterprise's own share: what it was computed from and every step."""

    document: dict[str, Any] = Field(description="Rules and its own inputs; those of others are left out.")
    tonnes: int
    trace: list[AllocationStep] = Field(
        description="Recomputed from all inputs: of others it shows the sum of exact shares at most, where scaled."
    )


class AllocationAnswer(AllocationTotals):
    """An allocation with its table: an enterprise's own row, or for who oversees all rows and the document."""

    operations: list[str] = Field(description="Ids of its calls: the run, then each part.")
    table: list[AllocationRowAnswer]
    document: dict[str, Any] | None = Field(
        description="Rules and inputs as they were signed; null for who may see one row only."
    )
    share: OwnShareAnswer | None = Field(
        description="The enterprise's own, where `steps` asks for it; null for who sees the document."
    )

    @classmethod
    def of_row(cls, view: AllocationView, holder: str | None, share: OwnShare | None = None) -> Self:
        """From the log's view: what concerns one enterprise, or with None everything."""
        rows = [msgspec.to_builtins(row) for row in view.body.table if holder in {None, row.identifier}]
        return cls(
            **_totals(view),
            operations=[op_id.hex() for op_id in view.operations],
            table=[AllocationRowAnswer(**row) for row in rows],
            document=view.body.document if holder is None else None,
            share=None if share is None else OwnShareAnswer(**msgspec.to_builtins(share)),
        )


class Allocations(Answer):
    """Allocations, newest first."""

    allocations: list[AllocationTotals]
    next: int | None = Field(description="Ask with `before` set to it for older ones, if not null.")


def _totals(view: AllocationView) -> dict[str, Any]:
    return {
        "index": view.index,
        "statement_id": view.statement_id.hex(),
        "op_id": view.op_id.hex(),
        "year": view.year,
        "round": view.round,
        "reserve": view.reserve,
        "tonnes": view.tonnes,
        "accounts": view.accounts,
        "input_root": view.input_root.hex(),
        "return_due": view.return_due,
        "accepted_at": view.accepted_at,
        "state": view.state,
    }
