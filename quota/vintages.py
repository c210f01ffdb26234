"""Which vintage serves which obligation (DOMAIN 5).

Vintage Y serves obligation Y, and arrears of earlier years. Parameters: it may serve later obligations too; before a
year is in arrears, later vintages may be borrowed up to a share of the obligation (by default none).
"""

from __future__ import annotations

from dataclasses import dataclass

from quota.refusals import refuse
from quota.units import check_bps


@dataclass(frozen=True, slots=True)
class VintageRules:
    """What may serve beside an obligation's own vintage.

    `earlier_vintages`: units of years before. `arrears`: what was missed may be surrendered after its deadline, until
    the year is closed; else it is charged and not taken any more. `borrowing_bps`: share of the obligation that later
    vintages may meet in time.
    """

    earlier_vintages: bool = False
    arrears: bool = False
    borrowing_bps: int = 0

    def __post_init__(self) -> None:
        check_bps(self.borrowing_bps, "borrowing_bps")


DEFAULT_VINTAGES = VintageRules()
"""As the contract has it: the own vintage, later ones from the year's deadline on, nothing for what was missed."""


def check_vintage(rules: VintageRules, *, vintage: int, year: int, in_arrears: bool) -> bool:
    """Whether units of `vintage` are borrowed for the obligation of `year`.

    Raises ObligationRefused (`obligation.vintage`): an earlier vintage without the parameter, a later one that is
    neither for arrears nor may be borrowed.
    """
    if vintage == year or (vintage < year and rules.earlier_vintages):
        return False
    if vintage > year and in_arrears:
        return False
    if vintage > year and rules.borrowing_bps:
        return True
    only = vintage < year or in_arrears
    expected = f"vintage {year}" if only else f"vintage {year}, a later one only for arrears"
    expected_zh = f"{year} 年份" if only else f"{year} 年份，以后年份仅用于补缴"
    raise refuse("obligation.vintage", vintage, expected, expected_zh=expected_zh)
