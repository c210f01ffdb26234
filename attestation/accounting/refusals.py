"""How this package words its refusals: schema (step 9) and recomputation (step 12) of `docs/design.md` §3."""

from __future__ import annotations

from decimal import Decimal

from attestation.decimals import parse_decimal
from attestation.errors import RecomputationRefused, SchemaRefused, shorten

_SHOWN = 64


def schema_refusal(rule: str, where: str, value: object, expected: str, zh: str) -> SchemaRefused:
    """A SchemaRefused that names the member `where` (a dotted path, or `line <id>`) beside the value."""
    place, shown = shorten(where, _SHOWN), shorten(value, _SHOWN)
    return SchemaRefused(
        rule=rule,
        value=shown,
        expected=expected,
        message=f"{place}: {shown} is refused, expected {expected}",
        message_zh=f"{place}：{zh}（{shown}）",
    )


def decimal_at(text: str, where: str) -> Decimal:
    """`parse_decimal`, whose refusal (`decimal.grammar`) also says where the text stands."""
    try:
        return parse_decimal(text)
    except SchemaRefused as error:
        raise schema_refusal(error.rule, where, text, error.expected, "不是合法的十进制字符串") from error


def recomputation_refusal(
    rule: str, *, line: str, claimed: object, recomputed: object, what: str, zh: str
) -> RecomputationRefused:
    """A RecomputationRefused that names the line (or total), what it claims and what comes out."""
    place, shown, answer = shorten(line, _SHOWN), shorten(claimed, _SHOWN), shorten(recomputed)
    error = RecomputationRefused(
        rule=rule,
        value=claimed,
        expected=recomputed,
        message=f"{place}: {what}: claimed {shown}, recomputed {answer}",
        message_zh=f"{place}：{zh}：申报 {shown}，重算 {answer}",
    )
    error.line = line
    return error
