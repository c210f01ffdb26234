from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from quota import OffsetRegister, QuotaError
from tests.quota.offset_entries import TODAY, entry

A, B = "88.608.5288/A", "88.608.5288/B"
ONE = OffsetRegister().enter(entry(), on=TODAY)


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(QuotaError) as refusal:
        step()
    return refusal.value.rule


def test_one_serial_enters_once_domain_4() -> None:
    assert refused(lambda: ONE.enter(entry(), on=TODAY)) == "offset.cancellation"
    assert refused(lambda: ONE.enter(entry("C-2", first=100), on=TODAY)) == "offset.overlap"
    two = ONE.enter(entry("C-2", first=101), on=TODAY)
    assert two.free(A) == 200


def test_what_is_not_eligible_does_not_enter_domain_4() -> None:
    assert refused(lambda: OffsetRegister().enter(entry(quota_managed=True), on=TODAY)) == "offset.quota_managed"


def test_the_beneficiary_uses_it_and_nobody_else_domain_4() -> None:
    assert refused(lambda: ONE.use("C-1", 1, account=B)) == "offset.beneficiary"
    assert refused(lambda: ONE.use("C-9", 1, account=A)) == "offset.unknown"
    assert ONE.use("C-1", 100, account=A).free(A) == 0


def test_a_unit_is_used_once_domain_4() -> None:
    used = ONE.use("C-1", 60, account=A)
    assert refused(lambda: used.use("C-1", 41, account=A)) == "offset.used"
    assert refused(lambda: used.use("C-1", 0, account=A)) == "offset.used"
    assert refused(lambda: used.use("C-1", 2**96, account=A)) == "amount.range"
    assert used.use("C-1", 40, account=A).free(A) == 0
    assert ONE.free(A) == 100


def test_only_succession_moves_it_and_what_was_used_stays_used_domain_4_and_24() -> None:
    moved = ONE.use("C-1", 60, account=A).succeed(A, B)
    assert (moved.free(A), moved.free(B)) == (0, 40)
    assert refused(lambda: moved.use("C-1", 1, account=A)) == "offset.beneficiary"
    assert refused(lambda: moved.use("C-1", 41, account=B)) == "offset.used"
    assert refused(lambda: moved.succeed(B, "b c")) == "identifier.form"


def test_used_and_free_are_what_was_entered_through_any_steps() -> None:
    chance = random.Random(4)
    now, entered, used = OffsetRegister(), 0, 0
    for number in range(200):
        try:
            if chance.random() < 0.3:
                now = now.enter(entry(f"C-{chance.randrange(30)}", first=chance.randrange(2_000)), on=TODAY)
                entered += 100
            elif chance.random() < 0.1:
                now = now.succeed(*chance.sample((A, B), 2))
            else:
                tonnes = chance.randrange(80)
                now = now.use(f"C-{chance.randrange(30)}", tonnes, account=chance.choice((A, B)))
                used += tonnes
        except QuotaError:
            pass
        assert now.free(A) + now.free(B) + used == entered, number
    assert used > 0
