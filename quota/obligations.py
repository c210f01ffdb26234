"""The obligation of an account and year, its versions, and the cap on offsets (DOMAIN 2, 3).

Instants are integer seconds since 1970 and come from the caller. A deadline is the first instant that is too late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from quota.refusals import refuse
from quota.units import WHOLE_BPS, check_bps, check_units

DEFAULT_CAP_BPS = 500
"""5 % of the obligation, not of allocation, holdings or shortfall (DOMAIN 3)."""


class Base(StrEnum):
    """What of the registered emissions is owed for; allocation, score and obligation use the same (DOMAIN 2)."""

    DIRECT = "direct"
    DIRECT_AND_ENERGY = "direct+energy"


@dataclass(frozen=True, slots=True)
class Due:
    """Of the obligation, `tonnes` in all are due before `deadline`."""

    tonnes: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Obligation:
    """What an account owes for a year, as its latest version says.

    `tonnes`: registered emissions on `base`. `revision`: 1, 2, 3 …. `determined`: registered by the administration
    where no report was (DOMAIN 10). `dues`: by deadline, each with more tonnes than the one before; the last has
    `tonnes`.
    """

    account: str
    year: int
    tonnes: int
    base: Base
    dues: tuple[Due, ...]
    revision: int = 1
    determined: bool = False

    @classmethod
    def first(
        cls,
        account: str,
        year: int,
        tonnes: int,
        deadline: int,
        *,
        base: Base = Base.DIRECT,
        determined: bool = False,
    ) -> Obligation:
        """The first version. Raises AmountRefused."""
        check_units(tonnes, "obligation")
        return cls(account, year, tonnes, base, (Due(tonnes, deadline),), 1, determined)

    @property
    def deadline(self) -> int:
        """The last deadline: from it on whatever is surrendered is late."""
        return self.dues[-1].deadline

    def due(self, at: int) -> int:
        """Tonnes whose deadline is over at the instant `at`."""
        return max((due.tonnes for due in self.dues if due.deadline <= at), default=0)

    def amended(self, tonnes: int, *, revision: int, at: int, deadline: int, determined: bool = False) -> Obligation:
        """The next version, which takes effect at `at`. A difference up is due before `deadline` (by default of the
        rules 30 days later); down, what was due shrinks with it and `deadline` means nothing.

        Raises ObligationRefused: `obligation.revision`, `obligation.deadline`. Raises AmountRefused.
        """
        check_units(tonnes, "obligation")
        if revision != self.revision + 1:
            raise refuse("obligation.revision", revision, self.revision + 1, at=f"{self.account} {self.year}")
        if tonnes > self.tonnes:
            # Before the first deadline all of it is still due then: nobody gets less time by an early correction.
            later = max(deadline, self.deadline)
            if deadline <= at:
                raise refuse(
                    "obligation.deadline",
                    deadline,
                    f"after {at}",
                    at=f"{self.account} {self.year}",
                    expected_zh=f"晚于 {at}",
                )
            kept = tuple(due for due in self.dues if due.deadline < later)
            dues = (*kept, Due(tonnes, later))
        else:
            shrunk = [Due(min(due.tonnes, tonnes), due.deadline) for due in self.dues]
            # A due that asks for nothing beyond the one before it is none.
            dues = tuple(due for place, due in enumerate(shrunk) if place == 0 or due.tonnes > shrunk[place - 1].tonnes)
        return replace(self, tonnes=tonnes, dues=dues, revision=revision, determined=determined)


def offset_cap(obligation_tonnes: int, cap_bps: int = DEFAULT_CAP_BPS) -> int:
    """`floor(cap_bps * E / 10,000)`: CCER that count for an obligation of E tonnes, over all surrenders of the year
    together (DOMAIN 3). Raises AmountRefused."""
    return check_bps(cap_bps, "cap_bps") * check_units(obligation_tonnes, "obligation") // WHOLE_BPS
