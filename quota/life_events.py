"""Opening balances, splits and exits (DOMAIN 24).

A merger needs no sums: the successor's accounts take what the predecessors' hold. What is here keeps sums exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from quota.refusals import refuse
from quota.units import check_units

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """Units of an asset that an account had before this ledger: carried in, not proved here.

    `approvals`: (person, body) of the two who approved; `document_hash`: SHA-256, hexadecimal.
    """

    account: str
    asset: str
    tonnes: int
    document_hash: str
    approvals: tuple[tuple[str, str], tuple[str, str]]

    def __post_init__(self) -> None:
        check_units(self.tonnes, f"{self.account} {self.asset}")
        if not isinstance(self.document_hash, str) or _HASH.fullmatch(self.document_hash) is None:
            raise refuse("life_event.document_hash", self.document_hash, at=f"{self.account} {self.asset}")
        (one, one_body), (other, other_body) = self.approvals
        if one == other or one_body == other_body:
            raise refuse("life_event.approvals", f"{one} of {one_body}, {other} of {other_body}", at=self.account)


def check_opening(opening: OpeningBalance, *, entered: Collection[tuple[str, str]], traded: bool) -> None:
    """That an opening balance may be entered: once for each (account, asset), before the ledger's first trade.

    Raises LifeEventRefused: `life_event.opening_again`, `life_event.traded`.
    """
    place = f"{opening.account} {opening.asset}"
    if traded:
        raise refuse("life_event.traded", opening.tonnes, at=place)
    if (opening.account, opening.asset) in entered:
        raise refuse("life_event.opening_again", place)


def check_split(holdings: Mapping[str, int], plan: Mapping[str, Mapping[str, int]]) -> None:
    """That the parts of a plan, successor → asset → tonnes, sum to the holdings, asset → tonnes, exactly.

    Raises LifeEventRefused (`life_event.sum`) at the first asset, by name, that differs; AmountRefused.
    """
    sums: dict[str, int] = dict.fromkeys(holdings, 0)
    for successor, parts in plan.items():
        for asset, tonnes in parts.items():
            sums[asset] = sums.get(asset, 0) + check_units(tonnes, f"{successor} {asset}")
    for asset in sorted(sums):
        whole = check_units(holdings.get(asset, 0), asset)
        if sums[asset] != whole:
            raise refuse("life_event.sum", f"{sums[asset]} t", f"{whole} t", at=asset)


def unearned(allocated: int, *, days_run: int, days_of_year: int) -> int:
    """Free units that who leaves gives back: the allocation less its share for the days that were run, floored to the
    enterprise's favour. Raises LifeEventRefused (`life_event.days`), AmountRefused."""
    if type(days_run) is not int or days_of_year not in (365, 366) or not 0 <= days_run <= days_of_year:
        raise refuse(
            "life_event.days",
            f"{days_run} of {days_of_year}",
            "0 to 365 of 365, or 366 of 366",
            expected_zh="365 天中的 0 至 365，或 366 天中的 0 至 366",
        )
    return check_units(allocated, "allocated") * (days_of_year - days_run) // days_of_year
