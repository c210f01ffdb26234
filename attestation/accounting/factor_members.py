"""Strict reading of a factor set document's members; every refusal says at which member."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.decimals import decimal_places
from attestation.errors import SchemaRefused

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
MAX_TEXT = 500


class Range:
    """Bounds of a factor: above `above`, up to and including `up_to`, with at most `places` decimal places."""

    __slots__ = ("above", "places", "up_to")

    def __init__(self, above: str, up_to: str, places: int) -> None:
        self.above = Decimal(above)
        self.up_to = Decimal(up_to)
        self.places = places


def refusal(rule: str, where: str, value: object, expected: str, zh: str) -> SchemaRefused:
    """A SchemaRefused that names the member `where` (dotted path; empty for the document itself)."""
    return schema_refusal(rule, f"factor set, {where}" if where else "factor set", value, expected, zh)


def read_mapping(value: object, where: str) -> Mapping[str, object]:
    """A JSON object with string names."""
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise refusal("factor_set.type", where, value, "a JSON object", "须为 JSON 对象")
    return value


def read_object(
    value: object, where: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, object]:
    """A JSON object with exactly these members."""
    found = read_mapping(value, where)
    expected = "the members " + ", ".join((*required, *(f"{name}?" for name in optional)))
    for name in found:
        if name not in required and name not in optional:
            raise refusal("factor_set.members", where, f"unknown member {name!r}", expected, "未知成员")
    for name in required:
        if name not in found:
            raise refusal("factor_set.members", where, f"member {name!r} is missing", expected, "缺少成员")
    return found


def read_name(value: object, where: str) -> str:
    """An id, version or factor name: ASCII, 1 to 64 characters."""
    if not isinstance(value, str) or NAME_PATTERN.fullmatch(value) is None:
        raise refusal("factor_set.name", where, value, f"a name matching {NAME_PATTERN.pattern}", "名称不合法")
    return value


def read_text(value: object, where: str) -> str:
    """A title or source: printable text that says something."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or not value.isprintable():
        raise refusal("factor_set.text", where, value, f"1 to {MAX_TEXT} printable characters", "须为非空可打印文本")
    return value


def read_unit(value: object, where: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed units, by its exact name."""
    if not isinstance(value, str) or value not in allowed:
        raise refusal("factor.unit", where, value, " or ".join(allowed), "单位不符")
    return value


def read_number(value: object, where: str, bounds: Range) -> Decimal:
    """A decimal string within `bounds`."""
    if not isinstance(value, str):
        raise refusal("decimal.grammar", where, value, "a decimal string", "须为十进制字符串")
    number = decimal_at(value, f"factor set, {where}")
    if decimal_places(number) > bounds.places:
        raise refusal("factor.places", where, value, f"at most {bounds.places} decimal places", "小数位数过多")
    if not bounds.above < number <= bounds.up_to:
        raise refusal(
            "factor.range",
            where,
            value,
            f"a number above {bounds.above:f}, at most {bounds.up_to:f}",
            "数值超出合理范围",
        )
    return number
