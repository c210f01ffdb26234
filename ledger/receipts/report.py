"""What a verification says when it does not refuse: what was checked, and what nobody checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report: the step it belongs to, in English and Chinese."""

    step: int
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Report:
    """A receipt that was not refused. ``statement_id`` has 32 bytes; ``state`` is ``integrated``, ``anchored`` or
    ``final``: the last only if a chain confirmed it."""

    log: str
    index: int
    size: int
    epoch: int
    statement_id: bytes
    type: str
    issuer: str
    state: str
    checked: tuple[Finding, ...]
    not_checked: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON output."""
        return {
            "log": self.log,
            "index": self.index,
            "size": self.size,
            "epoch": self.epoch,
            "statement_id": self.statement_id.hex(),
            "statement_type": self.type,
            "issuer": self.issuer,
            "state": self.state,
            "checked": [_out(finding) for finding in self.checked],
            "not_checked": [_out(finding) for finding in self.not_checked],
        }


def _out(finding: Finding) -> dict[str, str | int]:
    return {"step": finding.step, "text": finding.text, "text_zh": finding.text_zh}
