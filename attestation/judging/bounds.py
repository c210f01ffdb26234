"""What would have passed, in English and Chinese: instants and amounts that refusals of units name."""

from __future__ import annotations

from typing import NamedTuple

from attestation.instants import format_instant


class Bound(NamedTuple):
    """An expectation in both languages."""

    en: str
    zh: str


def before(instant: int) -> Bound:
    """Any time before it (unix seconds)."""
    shown = format_instant(instant)
    return Bound(f"before {shown}", f"{shown} 之前")


def since(instant: int) -> Bound:
    """That second (unix seconds) or a later one."""
    shown = format_instant(instant)
    return Bound(f"from {shown} on", f"自 {shown} 起")


def at_most(tonnes: int, what: str = "") -> Bound:
    """So many whole tonnes or fewer; ``what``: of what, a name of its own in any language."""
    return Bound(
        f"at most {tonnes} t{f' of {what}' if what else ''}", f"至多 {tonnes} 吨{f'（{what}）' if what else ''}"
    )
