"""Refusals of the accounting package: which rule, which value, what was expected."""

from __future__ import annotations


class AccountingError(ValueError):
    """Base of the refusals below; `step` is the verification step of `docs/design.md` §3."""

    step: int = 9

    def __init__(self, *, rule: str, value: str, expected: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = value
        self.expected = expected
        self.message = message
        self.message_zh = message_zh


class SchemaRefused(AccountingError):
    """A decimal, unit or factor set that is not what the schema allows (step 9)."""


class RecomputationRefused(AccountingError):
    """A line or total that does not come out as claimed (step 12)."""

    step = 12
