"""The one table of rules: code, family, text in English and Chinese, read from `rules.tsv`.

`docs/quota.md` prints the same table; a test compares them. A rule keeps its code for ever.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from quota import errors

_FAMILIES: dict[str, type[errors.QuotaError]] = {
    "amount": errors.AmountRefused,
    "identifier": errors.IdentifierRefused,
    "allocation": errors.AllocationRefused,
    "obligation": errors.ObligationRefused,
    "offset": errors.OffsetRefused,
    "carry_over": errors.CarryOverRefused,
    "charge": errors.ChargeRefused,
    "life_event": errors.LifeEventRefused,
    "market": errors.MarketRefused,
    "score": errors.ScoreRefused,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what is wrong when it refuses, and what is expected instead. Its family is the code's first part."""

    code: str
    text: str
    text_zh: str
    expected: str
    expected_zh: str

    @property
    def family(self) -> type[errors.QuotaError]:
        """The exception that the rule raises."""
        return _FAMILIES[self.code.partition(".")[0]]


def _load() -> Mapping[str, Rule]:
    table = resources.files("quota").joinpath("rules.tsv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    return MappingProxyType({row["code"]: Rule(**row) for row in rows})


RULES: Mapping[str, Rule] = _load()
"""Every rule by its code."""


def refuse(
    code: str, value: object, expected: object = None, *, at: str = "", expected_zh: str | None = None
) -> errors.QuotaError:
    """The refusal of a rule, to be raised.

    `value` is what was found, `expected` what would have passed (the rule's own words when None) and `expected_zh` the
    same in Chinese where it is more than names and numbers, `at` the member or the enterprise where.
    """
    rule = RULES[code]
    shown = errors.shorten(value) or '""'
    wanted = rule.expected if expected is None else errors.shorten(expected)
    wanted_zh = rule.expected_zh if expected is None else wanted if expected_zh is None else errors.shorten(expected_zh)
    place = errors.shorten(at)
    where, where_zh = (f" at {place}", f"（{place}）") if at else ("", "")
    return rule.family(
        rule=code,
        value=shown,
        expected=wanted,
        message=f"{rule.text}{where}: {shown}; expected {wanted}",
        message_zh=f"{rule.text_zh}{where_zh}：{shown}；应为：{wanted_zh}",
        at=place,
        expected_zh=wanted_zh,
    )
