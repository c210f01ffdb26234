"""Strict reading of an inventory's JSON document: every refusal names the member by its path (`sources[2].unit`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from attestation.accounting.counted import Counted
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.decimals import GRAMMAR
from attestation.errors import AttestationError, SchemaRefused
from attestation.identifiers import Identifier, parse_identifier

VERSION = 1
MAX_TEXT = 500
MAX_ID = 64
YEARS = range(1990, 10_000)

_NEGATIVE = re.compile("-" + GRAMMAR)
_STREAM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_object(
    value: object, where: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, object]:
    """A JSON object with exactly these members; `where` is empty for the document itself.

    Raises SchemaRefused (`document.type`, `document.members`).
    """
    place = where or "document"
    if not isinstance(value, dict):
        raise schema_refusal("document.type", place, _kind(value), "an object", "须为 JSON 对象")
    expected = "the members " + ", ".join((*required, *(f"{name}?" for name in optional)))
    for name in value:
        if name not in required and name not in optional:
            raise schema_refusal("document.members", place, f"unknown member {name!r}", expected, "含有未知成员")
    for name in required:
        if name not in value:
            raise schema_refusal("document.members", place, f"member {name!r} is missing", expected, "缺少成员")
    return value


def read_head(document: Mapping[str, object], kind: str) -> None:
    """Refuse a document of another version or type (`document.kind`)."""
    for name, wanted in (("v", VERSION), ("type", kind)):
        if document[name] != wanted or isinstance(document[name], bool):
            raise schema_refusal("document.kind", name, document[name], repr(wanted), "文件版本或类型不符")


def read_list(value: object, where: str) -> Sequence[object]:
    """A JSON list. Raises SchemaRefused (`document.type`)."""
    if not isinstance(value, list):
        raise schema_refusal("document.type", where, _kind(value), "a list", "须为 JSON 数组")
    return value


def read_text(value: object, where: str, limit: int = MAX_TEXT) -> str:
    """Printable text that says something, without blanks around it. Raises SchemaRefused (`document.text`)."""
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not value.isprintable() or value != value.strip():
        raise schema_refusal(
            "document.text", where, value, f"1 to {limit} printable characters, no blanks around", "须为非空可打印文本"
        )
    return value


def read_integer(value: object, where: str, allowed: range) -> int:
    """A whole number. Raises SchemaRefused (`document.integer`)."""
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise schema_refusal(
            "document.integer", where, value, f"a whole number from {allowed[0]} to {allowed[-1]}", "须为范围内的整数"
        )
    return value


def read_choice(value: object, where: str, choices: type[_Choice]) -> _Choice:
    """One of a few words. Raises SchemaRefused (`document.choice`)."""
    for choice in choices:
        if choice.value == value:
            return choice
    raise schema_refusal("document.choice", where, value, "one of " + ", ".join(choices), "不是允许的取值")


def read_unit(value: object, where: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed units, by its exact name. Raises SchemaRefused (`document.unit`)."""
    if not isinstance(value, str) or value not in allowed:
        raise schema_refusal("document.unit", where, value, " or ".join(allowed), "计量单位不符")
    return value


def read_number(value: object, where: str) -> Decimal:
    """A decimal string, whose sign whoever uses it judges. Raises SchemaRefused (`decimal.grammar`)."""
    if not isinstance(value, str):
        raise schema_refusal("decimal.grammar", where, value, "a number as a string", "数值须写作十进制字符串")
    if _NEGATIVE.fullmatch(value) is not None and value.strip("-0."):
        return -decimal_at(value[1:], where)
    return decimal_at(value, where)


def read_identifier(value: object, where: str) -> Identifier:
    """An identifier. Raises SchemaRefused (`document.identifier`)."""
    if not isinstance(value, str):
        raise _no_identifier(value, where)
    try:
        return parse_identifier(value)
    except AttestationError as error:
        raise _no_identifier(value, where) from error


def read_counted(value: object, where: str) -> tuple[Counted, ...]:
    """What a figure is made from: identifiers of meters or documents, or one stream of them, `IDENTIFIER#STREAM`.

    One thing has one spelling (`document:invoices-2024`), so that none is counted twice under two. Raises SchemaRefused
    (`document.type`, `document.identifier`).
    """
    return tuple(_counted(item, f"{where}[{at}]") for at, item in enumerate(read_list(value, where)))


def _counted(value: object, where: str) -> Counted:
    if not isinstance(value, str):
        raise _no_identifier(value, where)
    issuer, mark, stream = value.partition("#")
    if mark and _STREAM.fullmatch(stream) is None:
        raise _no_identifier(value, where)
    return Counted(read_identifier(issuer, where), stream if mark else None)


def _no_identifier(value: object, where: str) -> SchemaRefused:
    return schema_refusal(
        "document.identifier",
        where,
        value,
        "an identifier such as 88.608.5288/METER_1 or document:invoices-2024, of a stream with # and its name",
        "不是合法的标识",
    )


def _kind(value: object) -> str:
    for kind, name in ((str, "a text"), (list, "a list"), (dict, "an object")):
        if isinstance(value, kind):
            return name
    return repr(value)
