"""Every rule of DOMAIN that the software must encode by now is cited by number in some test.

A citation is `DOMAIN 37`, `DOMAIN 37 and 40` or `DOMAIN 2, 10, 45` in a test file's text, or `domain_37` in a name.
What a citing test asserts is for its reader to judge; that a rule has no test at all, this one says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MUST_BE_CITED = {
    1: "units and rounding",
    2: "obligations and their amendments",
    3: "cap on offsets",
    4: "eligibility and use of CCER",
    5: "vintages, arrears, borrowing",
    6: "carry-over",
    7: "shortfall charge",
    12: "modes of the market",
    13: "listed and block trades, their bands and hours",
    14: "one-way bidding",
    15: "lot, tick, close, reference",
    16: "trading day of a fill, what is sellable",
    17: "locks, proceeds",
    18: "gross settlement",
    20: "fees",
    21: "cash at a bank",
    22: "states of units, non-trade events",
    23: "two persons",
    24: "opening balances, splits, exits",
    26: "grandfathering",
    27: "historical intensity",
    28: "power benchmark",
    29: "industry benchmark",
    30: "order of an allocation",
    31: "pre-allocation and reconciliation",
    32: "combustion",
    33: "purchased electricity and heat",
    34: "mass balance and continuous measurement",
    35: "park total, never an obligation",
    36: "rounding",
    37: "units that trip people",
    38: "Ganzhou's published totals",
    39: "uncalibrated meters",
    40: "standard coal, intensities, own power, green certificates",
    41: "batches of weighing and laboratory",
    42: "monitoring plan and device events",
    43: "coverage",
    44: "verification, step by step",
    45: "verification statement",
    46: "inventory",
    47: "reminders and onboarding",
    48: "carbon efficiency code",
    49: "credit score",
    50: "clamp of a score",
}
"""Rules 1 to 7, 12 to 18, 20 to 24 and 26 to 50: obligations, market, allocation, accounting, verification, scores."""

_LIST = r"[0-9]{1,2}(?:(?:, | and | to |–|-|_and_|_)[0-9]{1,2})*\b"
_CITATION = re.compile(rf"DOMAIN (?:rules? )?({_LIST})|domain_({_LIST})")


def cited(text: str) -> Iterator[int]:
    """The rules that a text cites; ranges are citations of both ends and everything between."""
    for match in _CITATION.finditer(text):
        found = match.group(1) or match.group(2)
        for part in re.split(r", | and |_and_|_", found):
            ends = [int(number) for number in re.findall(r"[0-9]+", part)]
            yield from range(ends[0], ends[-1] + 1)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("DOMAIN 37", [37]),
        ("DOMAIN 37 and 40: energy", [37, 40]),
        ("DOMAIN 2, 10, 45: whose word", [2, 10, 45]),
        ("DOMAIN 32 to 34.", [32, 33, 34]),
        ("(DOMAIN 32–34)", [32, 33, 34]),
        ("def test_heat_domain_33(", [33]),
        ("def test_power_domain_33_and_40(", [33, 40]),
        ("the domain of 37 rules", []),
        ("DOMAIN 370", []),
    ],
)
def test_citations_are_read(text: str, rules: list[int]) -> None:
    assert list(cited(text)) == rules


def test_every_rule_that_is_built_is_cited_by_a_test() -> None:
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path == Path(__file__).resolve():
            continue
        for rule in cited(path.read_text(encoding="utf-8")):
            found.setdefault(rule, []).append(path.name)
    missing = {rule: what for rule, what in MUST_BE_CITED.items() if rule not in found}
    assert missing == {}, "rules that no test cites"
