"""What would have passed, in English and Chinese: instants and amounts that refusals of units name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attestation.instants import china_time, format_instant


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


def at_most_fen(fen: int, what: str = "") -> Bound:
    """So many fen or fewer; ``what``: whose, a name of its own in any language."""
    return Bound(
        f"at most {money(fen)}{f' of {what}' if what else ''}",
        f"至多 {yuan(fen)} 元（{fen} 分）{f'（{what}）' if what else ''}",
    )


def at_least_fen(fen: int) -> Bound:
    """So many fen or more."""
    return Bound(f"{money(fen)} or more", f"不低于 {yuan(fen)} 元（{fen} 分）")


def prices(low: int, high: int) -> Bound:
    """A price between two, both included, in fen a tonne."""
    return Bound(
        f"CNY {yuan(low)} to {yuan(high)} per tonne ({low} to {high} fen)",
        f"每吨 {yuan(low)} 至 {yuan(high)} 元（{low} 至 {high} 分）",
    )


def money(fen: int) -> str:
    """An amount for people, and in the fen that statements write."""
    return f"CNY {yuan(fen)} ({fen} fen)"


def yuan(fen: int) -> str:
    """Money in yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02}"


def within(windows: Sequence[tuple[int, int]]) -> Bound:
    """An instant in one of a market's windows (unix seconds, the end excluded), by the clock of its hours."""
    spans = [(china_time(start), china_time(until)) for start, until in windows]
    return Bound(
        " or ".join(f"from {start} to before {until}" for start, until in spans) or "no time of that day",
        "，或".join(f"自 {start} 起、{until} 之前" for start, until in spans) or "当日不交易",
    )
