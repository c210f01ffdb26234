"""What the steps of all types share: the answer's facts, names, integers, times, places."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from attestation.bodies import NAME_LIMIT, REASON_LIMIT
from attestation.context import Context
from attestation.envelope import Statement
from attestation.instants import parse_instant
from attestation.refusals import refuse


class Facts(Struct, frozen=True):
    """What the steps found out on their way: the period in unix seconds, a reading's quantity, and the seqs
    (first, last) that this statement leaves open below it."""

    period: tuple[int, int] | None = None
    quantity: Decimal | None = None
    opens_gap: tuple[int, int] | None = None


def check_name(text: str, at: str) -> None:
    """Step 9: a name is 1 to 128 printable characters without space at its ends (``body.name``)."""
    if not 1 <= len(text) <= NAME_LIMIT or not text.isprintable() or text != text.strip():
        wanted_zh = f"1 至 {NAME_LIMIT} 个可见字符，首尾无空格"
        raise refuse("body.name", text, f"1 to {NAME_LIMIT} printable characters", at=at, expected_zh=wanted_zh)


def check_reason(text: str, at: str) -> None:
    """Step 9: a reason is 1 to 500 printable characters without space at its ends (``body.reason``)."""
    if not 1 <= len(text) <= REASON_LIMIT or not text.isprintable() or text != text.strip():
        wanted_zh = f"1 至 {REASON_LIMIT} 个可见字符，首尾无空格"
        raise refuse("body.reason", text, f"1 to {REASON_LIMIT} printable characters", at=at, expected_zh=wanted_zh)


def check_integer(value: int, low: int, high: int, at: str) -> None:
    """Step 9: an integer within its bounds (``body.integer``)."""
    if not low <= value <= high:
        raise refuse("body.integer", value, f"{low} to {high}", at=at, expected_zh=f"{low} 至 {high}")


def check_choice(value: str, choices: tuple[str, ...], at: str) -> None:
    """Step 9: one of the allowed values (``body.choice``)."""
    if value not in choices:
        raise refuse("body.choice", value, ", ".join(choices), at=at)


def parse_period(start: str, end: str) -> tuple[int, int]:
    """Step 9: both instants in unix seconds (``instant.format``)."""
    return parse_instant(start), parse_instant(end)


def check_time(statement: Statement, context: Context, period: tuple[int, int] | None = None) -> None:
    """Step 10: ``iat``, and the period where there is one.

    Raises TimeRefused (``time.iat_future``, ``time.period_order``, ``time.period_future``).
    """
    latest = context.now + context.skew
    if statement.iat > latest:
        latest_zh = f"不晚于 {latest}（受理时刻加 {context.skew} 秒）"
        wanted = f"at most {latest} (acceptance and {context.skew} s)"
        raise refuse("time.iat_future", statement.iat, wanted, expected_zh=latest_zh)
    if period is None:
        return
    start, end = period
    if start >= end:
        raise refuse("time.period_order", f"from {start} to {end}")
    if end > latest:
        latest_zh = f"不晚于 {latest}（受理时刻加 {context.skew} 秒）"
        wanted = f"at most {latest} (acceptance and {context.skew} s)"
        raise refuse("time.period_future", end, wanted, expected_zh=latest_zh)


def check_place(statement: Statement, context: Context) -> tuple[int, int] | None:
    """Step 11, for every type: nobody declared this statement's place lost (``sequence.lost``).

    Gives the seqs that are open below the statement once it is logged, where it is the stream's highest.
    """
    state = context.stream(statement.iss, statement.stream)
    if statement.seq > state.last_seq:
        return None if statement.seq == state.last_seq + 1 else (state.last_seq + 1, statement.seq - 1)
    loss = context.loss_of(statement.iss, statement.stream, statement.seq)
    if loss is not None:
        wanted_zh = f"未被声明丢失的序号（第 {loss.index} 条已声明此号丢失）"
        wanted = f"a seq that is not lost; entry {loss.index} declares this one so"
        raise refuse("sequence.lost", statement.seq, wanted, expected_zh=wanted_zh)
    return None
