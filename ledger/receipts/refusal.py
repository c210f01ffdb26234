"""Refusing a receipt: one place that names step, rule, value and expectation."""

from __future__ import annotations

from typing import NoReturn

from attestation.errors import AttestationError
from ledger.errors import LedgerError, ReceiptRefused


def refusal(step: int, rule: str, value: object, expected: object, *, why: str, why_zh: str) -> ReceiptRefused:
    """The refusal of a receipt at a step, to be raised."""
    return ReceiptRefused(
        f"Step {step}: {why}.",
        step=step,
        rule=rule,
        value=value,
        expected=expected,
        message_zh=f"第 {step} 步：{why_zh}。",
    )


def require_equal(step: int, rule: str, value: object, expected: object) -> None:
    """Refuse at ``step`` unless ``value`` is what is expected."""
    if value != expected:
        raise refusal(step, rule, value, expected, why="a value is not the expected one", why_zh="某个值与预期不符")


def refuse_because(step: int, error: LedgerError | AttestationError, *, rule: str = "") -> NoReturn:
    """Raise the refusal at ``step`` that another check's refusal amounts to, under its own rule or ``rule``."""
    raise refusal(
        step,
        f"{rule}.{error.rule}" if rule else error.rule,
        error.value,
        error.expected,
        why=error.message.removesuffix("."),
        why_zh=error.message_zh.removesuffix("。"),
    ) from error
