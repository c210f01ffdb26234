"""The one table of rules: code, step, text in English and Chinese, read from ``rules.tsv``.

``docs/statements.md`` prints the same table; a test compares them. A rule keeps its code for ever.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from attestation import errors

_FAMILIES: dict[int, type[errors.AttestationError]] = {
    0: errors.KeyFileRefused,
    1: errors.StatementMalformed,
    2: errors.StatementMalformed,
    3: errors.IdentifierUnknown,
    4: errors.KeyRefused,
    5: errors.SignatureRefused,
    6: errors.Equivocation,
    7: errors.KeyRefused,
    8: errors.PurposeRefused,
    9: errors.SchemaRefused,
    10: errors.TimeRefused,
    11: errors.SequenceRefused,
    12: errors.RecomputationRefused,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what is wrong when it refuses, and what is expected instead (``…``: said case by case)."""

    code: str
    step: int
    text: str
    text_zh: str
    expected: str
    expected_zh: str


def _load() -> Mapping[str, Rule]:
    table = resources.files("attestation").joinpath("rules.tsv").read_text("utf-8")
    rows = list(csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
    return MappingProxyType(
        {
            row["code"]: Rule(
                row["code"],
                int(row["step"]),
                row["text"],
                row["text_zh"],
                row["expected"],
                row["expected_zh"],
            )
            for row in rows
        }
    )


RULES: Mapping[str, Rule] = _load()
"""Every rule by its code."""


def refuse(
    code: str,
    value: object,
    expected: object = None,
    *,
    at: str = "",
    step: int | None = None,
    expected_zh: str | None = None,
) -> errors.AttestationError:
    """The refusal of a rule, to be raised.

    ``value`` is what was found, ``expected`` what should have been (the rule's own words when None) and
    ``expected_zh`` the same in Chinese where it is more than names and numbers, ``at`` the member or line where.
    ``step`` moves a rule of form to the step at which a nested part is judged.
    """
    rule = RULES[code]
    place = rule.step if step is None else step
    shown = errors.shorten(value) or '""'
    wanted = rule.expected if expected is None else errors.shorten(expected)
    wanted_zh = rule.expected_zh if expected is None else wanted if expected_zh is None else errors.shorten(expected_zh)
    where, where_zh = (f" at {errors.shorten(at)}", f"（{errors.shorten(at)}）") if at else ("", "")
    return _FAMILIES[place](
        step=place,
        rule=code,
        value=shown,
        expected=wanted,
        message=f"{rule.text}{where}: {shown}; expected {wanted}",
        message_zh=f"{rule.text_zh}{where_zh}：{shown}；应为：{wanted_zh}",
    )
