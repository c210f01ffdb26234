"""Adjustments of a verdict change their lines, and an estimate is never to the enterprise's advantage (DOMAIN 44)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attestation.accounting import LineKind
from attestation.bodies import Adjustment, Report, ReportLine
from attestation.decimals import parse_decimal
from attestation.refusals import refuse


def check_adjustments(adjustments: Sequence[Adjustment], report: Report) -> None:
    """Step 12.

    Raises RecomputationRefused (``verification.line``, ``verification.unchanged``, ``verification.estimate``).
    """
    lines = {line.id: line for line in report.lines}
    for adjustment in adjustments:
        line, instead = lines.get(adjustment.line), adjustment.replacement
        if line is None and instead is None:
            raise refuse("verification.line", adjustment.line, ", ".join(sorted(lines)))
        if line == instead:
            raise refuse("verification.unchanged", adjustment.line)
        before, after = _counted(line), _counted(instead)
        if adjustment.basis == "conservative" and after < before:
            raise refuse("verification.estimate", f"{after} t", f"{before} t or more", at=f"line {adjustment.line}")


def _counted(line: ReportLine | None) -> Decimal:
    """What a line adds to what the enterprise answers for, in tonnes: biogenic carbon nothing, a removal less."""
    if line is None or line.kind == LineKind.BIOGENIC:
        return Decimal(0)
    emissions = parse_decimal(line.emissions)
    return -emissions if line.kind == LineKind.REMOVAL else emissions
