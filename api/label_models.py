"""Answers about carbon efficiency codes (DOMAIN 48)."""

from __future__ import annotations

from typing import Any, Self

import msgspec
from pydantic import Field

from api.models import HASH, Answer
from ledger.labels import LabelView


class LoggedLabel(Answer):
    """A label as it was signed, and whether it stands."""

    index: int = Field(ge=0, description="Log position; its receipt is the proof.")
    statement_id: str = Field(pattern=HASH, description="SHA-256 of the signing input.")
    accepted_at: int
    superseded_by: int | None = Field(description="Log position of the label that replaced it; null while it stands.")
    label: dict[str, Any] = Field(description="The signed body (docs/statements.md): every input, K, level, grade.")

    @classmethod
    def of(cls, view: LabelView) -> Self:
        """From the log's view."""
        return cls(
            index=view.index,
            statement_id=view.statement_id.hex(),
            accepted_at=view.accepted_at,
            superseded_by=view.superseded_by,
            label=msgspec.to_builtins(view.body),
        )


class Labels(Answer):
    """An enterprise's labels, newest first."""

    identifier: str
    labels: list[LoggedLabel]
    next: int | None = Field(description="Ask with `before` set to it for older ones, if not null.")
