"""Strict reading of JSON documents: every refusal says at which member it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from quota.refusals import refuse
from quota.units import MAX_UNITS

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?", re.ASCII)
_SIGNED = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?", re.ASCII)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Member:
    """A JSON value and the dotted path to it; `rule` and `number_rule` are raised where it is not what is read."""

    value: object
    at: str
    rule: str
    number_rule: str

    def refusal(self, found: object, expected: str, expected_zh: str | None = None) -> Exception:
        """The refusal of this member's form, to be raised."""
        return refuse(self.rule, found, expected, at=self.at, expected_zh=expected_zh)

    def members(self, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Member]:
        """The members of an object that has all of `required`, perhaps some of `optional`, and no others."""
        names = ", ".join((*required, *(f"{name}?" for name in optional)))
        expected = f"the members {names}", f"成员 {names}"
        if not isinstance(self.value, dict):
            raise self.refusal(_kind(self.value), *expected)
        unknown = [str(name) for name in self.value if name not in required and name not in optional]
        if unknown:
            raise self.refusal("unknown: " + ", ".join(unknown), *expected)
        missing = [name for name in required if name not in self.value]
        if missing:
            raise self.refusal("missing: " + ", ".join(missing), *expected)
        return {name: self._below(value, f".{name}") for name, value in self.value.items()}

    def items(self, most: int) -> list[Member]:
        """The items of a list of at most `most`."""
        if not isinstance(self.value, list):
            raise self.refusal(_kind(self.value), "a list", "列表")
        if len(self.value) > most:
            raise self.refusal(f"{len(self.value)} items", f"at most {most}", f"至多 {most} 项")
        return [self._below(value, f"[{place}]") for place, value in enumerate(self.value)]

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.refusal(_kind(self.value), "a string", "字符串")
        return self.value

    def constant(self, wanted: str | int) -> None:
        """Exactly this string or number."""
        if type(self.value) is not type(wanted) or self.value != wanted:
            raise self.refusal(self.value, str(wanted))

    def integer(self, low: int, high: int) -> int:
        """A whole JSON number within its bounds."""
        if type(self.value) is not int or not low <= self.value <= high:
            raise self.refusal(self.value, f"a whole number from {low} to {high}", f"{low} 至 {high} 的整数")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.refusal(_kind(self.value), "true or false", "true 或 false")
        return self.value

    def units(self) -> int:
        """A string of a whole number of units."""
        if not isinstance(self.value, str) or _WHOLE.fullmatch(self.value) is None or int(self.value) > MAX_UNITS:
            wanted = f'a string of a whole number, as "1200", from 0 to {MAX_UNITS}'
            raise self.refusal(self.value, wanted, f'整数字符串，如 "1200"，0 至 {MAX_UNITS}')
        return int(self.value)

    def decimal(self, *, signed: bool = False) -> Decimal:
        """A decimal string."""
        pattern = _SIGNED if signed else _DECIMAL
        if not isinstance(self.value, str) or pattern.fullmatch(self.value) is None:
            raise refuse(self.number_rule, self.value, at=self.at)
        return Decimal(self.value)

    def _below(self, value: object, step: str) -> Member:
        return Member(value, f"{self.at}{step}".lstrip("."), self.rule, self.number_rule)


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}.get(
        type(value), str(value)
    )
