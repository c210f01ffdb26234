from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import Due, Obligation, ObligationRefused, OffsetRefused, Position, QuotaError, VintageRules, offset_cap

DAY = 86_400
DEADLINE = 1_000 * DAY
ARREARS = VintageRules(arrears=True)


def position(tonnes: int = 38_942, **more: object) -> Position:
    return Position(Obligation.first("a", 2025, tonnes, DEADLINE), **more)  # type: ignore[arg-type]  # members by name


def quota(of: Position, tonnes: int, at: int = 0, vintage: int = 2025) -> Position:
    return of.surrender_quota(tonnes, account="a", vintage=vintage, at=max(at, of.at))


def ccer(of: Position, tonnes: int, at: int = 0) -> Position:
    return of.surrender_ccer(tonnes, account="a", at=max(at, of.at))


def amended(of: Position, tonnes: int, at: int = 0) -> Position:
    now = max(at, of.at)
    return of.amend(tonnes, revision=of.obligation.revision + 1, at=now, deadline=now + 30 * DAY)


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(QuotaError) as refusal:
        step()
    return refusal.value.rule


def test_one_unit_over_the_cap_is_refused_and_the_cap_is_not_domain_3() -> None:
    assert position().cap == 1_947
    with pytest.raises(OffsetRefused) as refusal:
        ccer(position(), 1_948)
    assert refusal.value.rule == "offset.over_cap"
    assert refusal.value.expected == "at most 1947 of 1947 t"
    met = quota(ccer(position(), 1_947), 36_995)
    assert met.outstanding == 0
    assert met.shortfall(DEADLINE) == 0


def test_no_split_or_order_of_surrenders_passes_the_cap_domain_3() -> None:
    for order in set(permutations([("c", 2), ("c", 2), ("c", 1), ("c", 1), ("q", 50), ("q", 45)])):
        now = position(100)
        for kind, tonnes in order:
            if kind == "q":
                now = quota(now, tonnes)
            elif now.ccer + tonnes <= 5:
                now = ccer(now, tonnes)
            else:
                rule = refused(partial(ccer, now, tonnes))
                assert rule == "offset.over_cap"
        assert now.counted_ccer == now.ccer <= 5
        assert now.outstanding == 5 - now.ccer


def test_what_the_obligation_does_not_need_is_refused() -> None:
    assert refused(lambda: quota(position(100), 101)) == "obligation.above"
    assert refused(lambda: quota(quota(position(100), 99), 2)) == "obligation.above"
    assert refused(lambda: ccer(quota(position(100), 99), 2)) == "obligation.above"
    assert refused(lambda: quota(position(100), 0)) == "obligation.zero"
    assert refused(lambda: quota(position(100), -1)) == "amount.range"
    assert refused(lambda: quota(position(100), 2**96)) == "amount.range"


def test_nobody_surrenders_for_anothers_account_nor_back_in_time() -> None:
    assert refused(lambda: position().surrender_quota(1, account="b", vintage=2025, at=0)) == "obligation.account"
    assert refused(lambda: position().surrender_ccer(1, account="b", at=0)) == "obligation.account"
    later = quota(position(), 1, at=9)
    assert refused(lambda: later.surrender_quota(1, account="a", vintage=2025, at=8)) == "obligation.backwards"


def test_after_the_deadline_arrears_take_quota_of_later_vintages_and_no_ccer_domain_5() -> None:
    short = quota(position(4_620, vintages=ARREARS), 4_600)
    assert refused(lambda: ccer(short, 20, at=DEADLINE)) == "obligation.late"
    assert refused(lambda: quota(short, 20, at=DEADLINE - 1, vintage=2026)) == "obligation.vintage"
    paid = quota(short, 20, at=DEADLINE, vintage=2026)
    assert (paid.outstanding, paid.overdue(DEADLINE)) == (0, 0)
    # Given late, it pays the debt; the charge is on what was not there in time (DOMAIN 7).
    assert paid.shortfall(DEADLINE) == 20
    strict = position(4_620)
    assert refused(lambda: quota(strict, 20, at=DEADLINE)) == "obligation.late"


def test_what_was_missed_is_charged_and_not_taken_while_a_difference_still_is_domain_2_and_7() -> None:
    more = amended(quota(position(100), 80), 110, at=DEADLINE + DAY)
    now = DEADLINE + DAY
    assert refused(lambda: quota(more, 11, at=now)) == "obligation.above"
    settled = quota(ccer(more, 5, at=now), 5, at=now, vintage=2026)
    assert (settled.outstanding, settled.overdue(now), settled.shortfall(DEADLINE + 40 * DAY)) == (20, 20, 20)


def test_one_second_before_the_deadline_is_in_time() -> None:
    in_time = quota(position(10), 10, at=DEADLINE - 1)
    assert in_time.shortfall(DEADLINE) == 0
    assert position(10).shortfall(DEADLINE - 1) == 0
    assert position(10).shortfall(DEADLINE) == 10
    assert position(10, credit_in=4).shortfall(DEADLINE) == 6


def test_borrowing_is_a_parameter_counted_over_the_year_domain_5() -> None:
    rules = VintageRules(borrowing_bps=1_000)
    half = quota(position(100, vintages=rules), 6, vintage=2026)
    assert refused(lambda: quota(half, 5, vintage=2026)) == "obligation.borrowing"
    assert quota(half, 4, vintage=2026).borrowed == 10


def test_an_amendment_up_is_due_thirty_days_later_domain_2() -> None:
    met = quota(position(16_800), 16_800)
    more = amended(met, 16_860, at=DEADLINE + DAY)
    assert more.outstanding == 60
    assert more.shortfall(DEADLINE + DAY) == 0
    assert more.shortfall(DEADLINE + 31 * DAY) == 60
    settled = quota(more, 60, at=DEADLINE + 30 * DAY)
    assert (settled.outstanding, settled.shortfall(DEADLINE + 31 * DAY)) == (0, 0)


def test_an_amendment_up_before_the_deadline_shortens_nobodys_time() -> None:
    early = amended(position(100), 110, at=0)
    assert early.obligation.dues == (Due(110, DEADLINE),)
    assert early.shortfall(DEADLINE - 1) == 0
    assert early.shortfall(DEADLINE) == 110


def test_arrears_and_an_amendments_difference_have_their_own_deadlines() -> None:
    short = quota(position(100, vintages=ARREARS), 80)
    more = amended(short, 110, at=DEADLINE + DAY)
    now = DEADLINE + DAY
    assert (more.overdue(now), more.outstanding) == (20, 30)
    assert refused(lambda: ccer(quota(more, 15, at=now), 6, at=now)) == "offset.over_cap"
    # Of 30 open tonnes 20 are overdue: those take quota, of a later vintage too.
    assert refused(lambda: ccer(quota(more, 14, vintage=2026), 6)) == "offset.over_cap"
    assert quota(more, 21, at=now, vintage=2026).shortfall(now) == 20
    settled = quota(ccer(more, 5, at=now), 25, at=now)
    assert (settled.outstanding, settled.overdue(now)) == (0, 0)
    assert settled.shortfall(DEADLINE + 40 * DAY) == 20


def test_ccer_never_meets_what_is_overdue() -> None:
    more = amended(quota(position(100, vintages=ARREARS), 95), 103, at=DEADLINE)
    assert more.overdue(DEADLINE) == 5
    assert refused(lambda: ccer(more, 4, at=DEADLINE)) == "obligation.late"
    after = ccer(more, 3, at=DEADLINE)
    assert (after.outstanding, after.overdue(DEADLINE), after.shortfall(DEADLINE)) == (5, 5, 5)


def test_an_amendment_down_returns_nothing_credits_quota_and_uncounts_ccer_domain_2() -> None:
    met = quota(ccer(position(100), 5), 95)
    less = amended(met, 80)
    assert (less.cap, less.ccer, less.counted_ccer, less.uncounted_ccer) == (4, 5, 4, 1)
    assert (less.quota, less.excess, less.outstanding) == (95, 19, 0)
    moved, credit = less.release_credit(at=1)
    assert (credit, moved.excess, moved.covered) == (19, 0, 80)
    # Used above the new cap: there is no room, and none comes back by asking again.
    assert moved.offset_room == 0
    following = Position(Obligation.first("a", 2026, 100, DEADLINE * 2)).receive_credit(credit, at=1)
    assert following.outstanding == 81
    # Up again: what was credited elsewhere is due here, the fifth CCER counts again.
    assert amended(moved, 100).outstanding == 19


def test_an_amendment_down_makes_a_late_surrender_no_worse() -> None:
    paid = quota(quota(position(100, vintages=ARREARS), 80), 20, at=DEADLINE)
    assert paid.shortfall(DEADLINE) == 20
    less = amended(paid, 85)
    assert (less.shortfall(DEADLINE), less.excess) == (5, 15)
    moved, _ = less.release_credit(at=DEADLINE)
    assert moved.shortfall(DEADLINE) == 5


def test_a_year_is_closed_once_after_its_deadline_and_opened_only_by_more_domain_2() -> None:
    short = quota(position(100, vintages=ARREARS), 90)
    assert refused(lambda: short.close(at=DEADLINE - 1)) == "obligation.not_due"
    closed, shortfall = short.close(at=DEADLINE)
    assert shortfall == 10
    assert refused(lambda: closed.close(at=DEADLINE)) == "obligation.closed"
    assert refused(lambda: quota(closed, 10, at=DEADLINE)) == "obligation.closed"
    assert refused(lambda: closed.receive_credit(1, at=DEADLINE)) == "obligation.closed"
    assert amended(closed, 95).closed
    assert amended(closed, 100).closed
    opened = amended(closed, 120)
    assert not opened.closed
    assert quota(opened, 30, at=DEADLINE).outstanding == 0


@given(st.integers(0, 2**32))
def test_law_4_holds_through_any_steps_and_no_unit_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    rules = chance.choice((ARREARS, VintageRules(), VintageRules(borrowing_bps=1_000)))
    now = position(chance.randrange(300), cap_bps=chance.choice((0, 500, 1_000, 10_000)), vintages=rules)
    given_quota = used = credited = at = 0
    for _ in range(25):
        at += chance.randrange(200) * DAY
        tonnes = chance.randrange(60)
        try:
            match chance.randrange(5):
                case 0:
                    now, given_quota = quota(now, tonnes, at, chance.choice((2025, 2026))), given_quota + tonnes
                case 1:
                    now, used = ccer(now, tonnes, at), used + tonnes
                case 2:
                    now = amended(now, chance.randrange(300), at)
                case 3:
                    now, moved = now.release_credit(at=at)
                    credited += moved
                case _:
                    now, _ = now.close(at=at)
        except (ObligationRefused, OffsetRefused):
            continue
        assert now.counted_ccer <= offset_cap(now.obligation.tonnes, now.cap_bps)
        assert (now.quota, now.ccer, now.credit_out) == (given_quota, used, credited)
        assert now.counted_ccer + now.uncounted_ccer == used
        assert now.covered + now.outstanding - now.excess == now.obligation.tonnes
        assert now.overdue(at) <= now.outstanding
        assert now.overdue(at) <= now.shortfall(at) <= now.obligation.tonnes
