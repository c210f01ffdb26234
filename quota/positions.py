"""What an account has done for the obligation of a year: surrenders, amendments, closing (DOMAIN 2, 3, 5, 7).

A position is a value; every step gives another one or raises. Law 4: CCER that count never exceed the cap of the
obligation as it stands. What was surrendered never returns; what an amendment leaves too much of is credited to the
next obligation (quota), or stays used without counting (CCER above the new cap).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from quota.obligations import DEFAULT_CAP_BPS, Obligation, offset_cap
from quota.refusals import refuse
from quota.units import WHOLE_BPS, check_bps, check_units
from quota.vintages import DEFAULT_VINTAGES, VintageRules, check_vintage


@dataclass(frozen=True, slots=True)
class Given:
    """Units that were given at an instant: quota and credits, or CCER (`offset`)."""

    at: int
    tonnes: int
    offset: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """An account's year. All amounts are units of 1 t.

    `quota`: surrendered in all; `borrowed`: of it from later vintages before the deadline. `ccer`: used in all, whether
    it counts or not. `credit_in`: an earlier year's excess; `credit_out`: excess that went to a later year.
    `given`: all of it in order; what is not in it was there in time. `at`: instant of the last step.
    """

    obligation: Obligation
    cap_bps: int = DEFAULT_CAP_BPS
    vintages: VintageRules = DEFAULT_VINTAGES
    quota: int = 0
    borrowed: int = 0
    ccer: int = 0
    credit_in: int = 0
    credit_out: int = 0
    given: tuple[Given, ...] = ()
    closed: bool = False
    at: int = 0

    def __post_init__(self) -> None:
        check_bps(self.cap_bps, "cap_bps")
        check_units(self.credit_in, "credit_in")

    @property
    def cap(self) -> int:
        """CCER that may count for the obligation as it stands."""
        return offset_cap(self.obligation.tonnes, self.cap_bps)

    @property
    def counted_ccer(self) -> int:
        """CCER that count: what was used, at most the cap (law 4)."""
        return min(self.ccer, self.cap)

    @property
    def uncounted_ccer(self) -> int:
        """CCER used above the cap of an amendment down: irrevocably used, not counted."""
        return self.ccer - self.counted_ccer

    @property
    def covered(self) -> int:
        """What stands against the obligation: quota, counted CCER and credits."""
        return self.quota + self.credit_in - self.credit_out + self.counted_ccer

    @property
    def outstanding(self) -> int:
        """What the obligation still needs."""
        return max(0, self.obligation.tonnes - self.covered)

    @property
    def excess(self) -> int:
        """Quota above what is needed, after an amendment down or by a credit: `release_credit` moves it on."""
        return max(0, self.covered - self.obligation.tonnes)

    @property
    def offset_room(self) -> int:
        """CCER that may still be surrendered."""
        return min(max(0, self.cap - self.ccer), self.outstanding)

    def overdue(self, at: int) -> int:
        """Tonnes that were missed at the instant `at` and were not given since."""
        missed, late = self._matched(at)
        return max(0, missed - late)

    def shortfall(self, at: int) -> int:
        """Tonnes that were due at the instant `at` and were not given in time, whether given later or not: what the
        charge is on (DOMAIN 7). What is given meets the earliest due that is not over."""
        return self._matched(at)[0]

    def surrender_quota(self, tonnes: int, *, account: str, vintage: int, at: int) -> Position:
        """The position after quota of a vintage. Only what the obligation still needs is taken, all or nothing.

        Raises ObligationRefused: `obligation.account`, `.backwards`, `.zero`, `.above`, `.late`, `.closed`, `.vintage`,
        `.borrowing`. Raises AmountRefused.
        """
        self._check(tonnes, account, at)
        in_arrears = at >= self.obligation.dues[0].deadline
        if at >= self.obligation.deadline and not self.vintages.arrears:
            raise refuse(
                "obligation.late",
                at,
                f"before {self.obligation.deadline}",
                at=self._place,
                expected_zh=f"{self.obligation.deadline} 之前",
            )
        self._check_needed(tonnes, at)
        borrowed = check_vintage(self.vintages, vintage=vintage, year=self.obligation.year, in_arrears=in_arrears)
        if borrowed:
            room = self.vintages.borrowing_bps * self.obligation.tonnes // WHOLE_BPS - self.borrowed
            if tonnes > room:
                raise refuse(
                    "obligation.borrowing",
                    tonnes,
                    f"at most {max(0, room)} t",
                    at=self._place,
                    expected_zh=f"至多 {max(0, room)} 吨",
                )
        return replace(
            self,
            quota=self.quota + tonnes,
            borrowed=self.borrowed + (tonnes if borrowed else 0),
            given=(*self.given, Given(at, tonnes)),
            at=at,
        )

    def surrender_ccer(self, tonnes: int, *, account: str, at: int) -> Position:
        """The position after CCER, which meet only what is not overdue.

        Raises OffsetRefused (`offset.over_cap`) where all surrenders of the year together pass the cap;
        ObligationRefused as `surrender_quota` does, without the vintages.
        """
        self._check(tonnes, account, at)
        if at >= self.obligation.deadline:
            raise refuse(
                "obligation.late",
                at,
                f"before {self.obligation.deadline}",
                at=self._place,
                expected_zh=f"{self.obligation.deadline} 之前",
            )
        room = max(0, self.cap - self.ccer)
        if tonnes > room:
            raise refuse(
                "offset.over_cap",
                tonnes,
                f"at most {room} of {self.cap} t",
                at=self._place,
                expected_zh=f"至多 {room} 吨，上限 {self.cap} 吨",
            )
        self._check_needed(tonnes, at)
        in_time = self.outstanding - self.overdue(at)
        if tonnes > in_time:
            raise refuse(
                "obligation.late",
                tonnes,
                f"at most {in_time} t: what is overdue takes quota",
                at=self._place,
                expected_zh=f"至多 {in_time} 吨：逾期部分仅可用配额",
            )
        return replace(self, ccer=self.ccer + tonnes, given=(*self.given, Given(at, tonnes, True)), at=at)

    def amend(self, tonnes: int, *, revision: int, at: int, deadline: int, determined: bool = False) -> Position:
        """The position under the next version of the obligation (DOMAIN 2).

        A closed year opens again where it asks for more.

        Raises ObligationRefused: `obligation.revision`, `.deadline`, `.backwards`. Raises AmountRefused.
        """
        self._check_time(at)
        amended = self.obligation.amended(tonnes, revision=revision, at=at, deadline=deadline, determined=determined)
        after = replace(self, obligation=amended, at=at)
        more = tonnes > self.obligation.tonnes and after.outstanding > 0
        return replace(after, closed=self.closed and not more)

    def release_credit(self, *, at: int) -> tuple[Position, int]:
        """The position without its excess, and the excess: a non-tradable credit to the account's next obligation.

        Raises ObligationRefused (`obligation.backwards`).
        """
        self._check_time(at)
        moved = self.excess
        return replace(self, credit_out=self.credit_out + moved, at=at), moved

    def receive_credit(self, tonnes: int, *, at: int) -> Position:
        """The position with the credit of an earlier year. Raises ObligationRefused (`.closed`, `.backwards`)."""
        self._check_time(at)
        check_units(self.credit_in + check_units(tonnes, self._place), self._place)
        if self.closed:
            raise refuse("obligation.closed", self.obligation.year, at=self._place)
        given = (*self.given, Given(at, tonnes))
        return replace(self, credit_in=self.credit_in + tonnes, given=given, at=at)

    def close(self, *, at: int) -> tuple[Position, int]:
        """The closed position and its shortfall: final, save for an amendment.

        Raises ObligationRefused: `obligation.not_due` before the last deadline, `.closed`, `.backwards`.
        """
        self._check_time(at)
        if self.closed:
            raise refuse("obligation.closed", self.obligation.year, at=self._place)
        if at < self.obligation.deadline:
            raise refuse(
                "obligation.not_due",
                at,
                f"{self.obligation.deadline} or later",
                at=self._place,
                expected_zh=f"不早于 {self.obligation.deadline}",
            )
        return replace(self, closed=True, at=at), self.shortfall(at)

    def _matched(self, at: int) -> tuple[int, int]:
        # Missed of the dues that are over, and what was given beyond what it could meet in time.
        left = [due.tonnes for due in self.obligation.dues]
        left = [left[0], *(more - less for less, more in pairwise(left))]
        # What does not count, and what was credited elsewhere, is what came last.
        counts = {True: self.counted_ccer, False: self.covered - self.counted_ccer}
        before = self.obligation.dues[0].deadline - 1
        quota = self.quota + self.credit_in - sum(one.tonnes for one in self.given if not one.offset)
        ccer = self.ccer - sum(one.tonnes for one in self.given if one.offset)
        beyond = 0
        for one in (Given(before, quota), Given(before, ccer, True), *self.given):
            tonnes = min(one.tonnes, counts[one.offset])
            counts[one.offset] -= tonnes
            for place, due in enumerate(self.obligation.dues):
                if due.deadline > one.at:
                    met = min(tonnes, left[place])
                    left[place] -= met
                    tonnes -= met
            beyond += tonnes
        return sum(of for of, due in zip(left, self.obligation.dues, strict=True) if due.deadline <= at), beyond

    @property
    def _place(self) -> str:
        return f"{self.obligation.account} {self.obligation.year}"

    def _check(self, tonnes: int, account: str, at: int) -> None:
        self._check_time(at)
        check_units(tonnes, self._place)
        if account != self.obligation.account:
            raise refuse("obligation.account", account, self.obligation.account, at=self._place)
        if self.closed:
            raise refuse("obligation.closed", self.obligation.year, at=self._place)
        if not tonnes:
            raise refuse("obligation.zero", tonnes, at=self._place)

    def _check_needed(self, tonnes: int, at: int) -> None:
        needed = self.outstanding - (0 if self.vintages.arrears else self.overdue(at))
        if tonnes > needed:
            raise refuse(
                "obligation.above", tonnes, f"at most {needed} t", at=self._place, expected_zh=f"至多 {needed} 吨"
            )

    def _check_time(self, at: int) -> None:
        if at < self.at:
            raise refuse(
                "obligation.backwards", at, f"{self.at} or later", at=self._place, expected_zh=f"不早于 {self.at}"
            )
