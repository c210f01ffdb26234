from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AllocationRefused
from quota.allocation import AllocationInput, AllocationRules, Method, PowerInputs, allocate, to_document
from tests.quota.calculator import assert_recomputes
from tests.quota.examples import PARK_YEAR, any_inputs, coal, inherited, works

ROOMY = AllocationRules(2025, 10**9, 0)


def test_a_park_year_to_the_tonne_domain_26_and_30() -> None:
    inputs = [inherited(name, mean, "0.95") for name, mean in PARK_YEAR.items()]
    run = allocate(AllocationRules(2025, 92_000, 2_000), inputs)
    assert run.entitled == Fraction("95127.30")
    assert run.scaled
    assert run.table() == (("A", 36_062), ("B", 25_170), ("C", 16_185), ("D", 8_090), ("E", 4_493))
    assert (run.free, run.reserve) == (90_000, 2_000)


def test_a_power_plant_alone_gets_its_benchmark_floored_domain_28() -> None:
    run = allocate(ROOMY, [AllocationInput("plant", Method.POWER, PowerInputs((coal(),)))])
    assert run.table() == (("plant", 2_621_916),)
    assert not run.scaled


def test_allocated_is_free_and_reserve_is_cap_in_10000_random_runs_domain_30() -> None:
    chance = random.Random(30)
    scaled = 0
    for _ in range(10_000):
        inputs = []
        for number in range(chance.randrange(1, 5)):
            method, of_method = any_inputs(chance)
            inputs.append(
                AllocationInput(
                    f"e{number}",
                    method,
                    of_method,
                    relief=Decimal(chance.choice((0, 0, chance.randrange(10**6)))),
                    score_adjustment=Decimal(chance.randrange(-20, 21)).scaleb(-3),
                    owed=chance.choice((0, 0, chance.randrange(10**6))),
                    cut=chance.choice((Decimal(0), Decimal(0), Decimal("0.5"), Decimal(1))),
                )
            )
        cap = chance.choice((0, chance.randrange(10**9), 2**64 - 1))
        rules = AllocationRules(2025, cap, chance.randrange(cap + 1))
        run = allocate(rules, inputs)
        assert run.free == sum(share.tonnes for share in run.shares)
        assert run.free + run.reserve == cap
        assert run.reserve >= rules.reserve
        units = sum(share.units for share in run.shares)
        if run.scaled:
            scaled += 1
            assert units == rules.available
        for share in run.shares:
            assert 0 <= share.tonnes == share.units - share.cut - share.deducted
            # Scaling takes; all it can add is the unit of a largest remainder.
            assert share.units < share.exact + 1
    assert 2_000 < scaled < 8_000


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.integers(0, 10**7), st.integers(0, 3))
def test_scaling_never_raises_anybody(bases: list[int], cap: int, places: int) -> None:
    inputs = [inherited(f"e{number}", Decimal(base).scaleb(-places)) for number, base in enumerate(bases)]
    run = allocate(AllocationRules(2025, cap, 0), inputs)
    for share in run.shares:
        symbols = {step.symbol: step.value for step in share.trace}
        assert symbols.get("scaled", share.exact) <= share.exact
        assert share.units < share.exact + 1
    assert run.free <= cap


def test_the_order_of_inputs_changes_nothing() -> None:
    inputs = [
        inherited("b", 301),
        inherited("a", 301),
        AllocationInput("steel-1", Method.INDUSTRY, works("steel", "2000", "1000")),
        AllocationInput("steel-2", Method.INDUSTRY, works("steel", "2400", "1000")),
    ]
    rules = AllocationRules(2025, 4_000, 100)
    documents = [to_document(allocate(rules, order)) for order in permutations(inputs)]
    assert all(document == documents[0] for document in documents)


def test_ties_of_the_largest_remainder_go_by_the_bytes_of_the_identifier_domain_30() -> None:
    # Three equal thirds of 100: one unit is left. "Z" is 0x5a, "a" 0x61, "é" would not be an identifier.
    run = allocate(AllocationRules(2025, 100, 0), [inherited(name, 50) for name in ("a", "Z", "b")])
    assert run.table() == (("Z", 34), ("a", 33), ("b", 33))
    assert allocate(AllocationRules(2025, 99, 0), [inherited(name, 50) for name in ("ba", "ab")]).table() == (
        ("ab", 50),
        ("ba", 49),
    )


def test_relief_then_score_then_scaling_domain_30() -> None:
    inputs = [
        inherited("a", 1_000, relief=Decimal(200), score_adjustment=Decimal("0.02")),
        inherited("b", 1_000, score_adjustment=Decimal("-0.02")),
    ]
    free = allocate(ROOMY, inputs)
    # (1000 + 200) * 1.02 = 1224; 1000 * 0.98 = 980
    assert free.table() == (("a", 1_224), ("b", 980))
    # 2204 into 1102: each halved, relief too.
    assert allocate(AllocationRules(2025, 1_102, 0), inputs).table() == (("a", 612), ("b", 490))


def test_without_scaling_each_share_floors_and_fractions_stay_with_the_reserve_domain_1() -> None:
    run = allocate(AllocationRules(2025, 100, 10), [inherited("a", "30.9"), inherited("b", "30.9")])
    assert run.table() == (("a", 30), ("b", 30))
    assert run.reserve == 40


def test_what_earlier_years_owe_is_deducted_and_the_rest_stays_owed_domain_31() -> None:
    run = allocate(ROOMY, [inherited("a", 100, owed=30), inherited("b", 100, owed=130)])
    assert [(share.tonnes, share.deducted, share.still_owed) for share in run.shares] == [(70, 30, 0), (0, 100, 30)]


def test_falsified_data_cost_half_to_all_of_the_next_share_domain_7() -> None:
    run = allocate(ROOMY, [inherited("a", 101, cut=Decimal("0.5")), inherited("b", 101, cut=Decimal(1), owed=7)])
    assert [(share.tonnes, share.cut, share.still_owed) for share in run.shares] == [(50, 51, 0), (0, 101, 7)]


def test_a_published_benchmark_of_a_sector_goes_before_the_balancing_one_domain_29() -> None:
    steel = AllocationInput("works", Method.INDUSTRY, works("steel", "2000", "1000"))
    assert allocate(ROOMY, [steel]).table() == (("works", 2_000),)
    published = AllocationRules(2025, 10**9, 0, sector_benchmarks=(("steel", Decimal("1.6")),))
    # X = (1.6 - 2)/1.6 = -0.25, so -3 %.
    assert allocate(published, [steel]).table() == (("works", 1_940),)


def test_every_figure_recomputes_with_a_pocket_calculator() -> None:
    chance = random.Random(28)
    for number in range(60):
        made = [any_inputs(chance) for _ in range(4)]
        inputs = [
            AllocationInput(f"e{place}", method, inputs, relief=Decimal(7), owed=3, cut=Decimal("0.5"))
            for place, (method, inputs) in enumerate(made)
        ]
        run = allocate(AllocationRules(2025, 10**6 * number, 0), inputs)
        for share in run.shares:
            assert_recomputes(share.trace)
            assert share.trace[-1].value == share.tonnes


def test_a_share_shows_its_steps_and_an_unknown_one_is_refused() -> None:
    run = allocate(ROOMY, [inherited("a", 100)])
    shown = run.share("a").as_dict()
    assert shown["tonnes"] == "100"
    assert shown["method"] == "grandfathering"
    with pytest.raises(AllocationRefused, match="Not in this run: b") as refusal:
        run.share("b")
    assert refusal.value.rule == "allocation.unknown"
    assert "企业" in refusal.value.message_zh


@pytest.mark.parametrize(
    ("inputs", "rule"),
    [
        ([], "allocation.empty"),
        ([inherited("a", 1), inherited("a", 2)], "allocation.twice"),
        ([inherited(f"e{number}", 1) for number in range(1_001)], "allocation.too_many"),
        ([inherited("a", 1, score_adjustment=Decimal("0.021"))], "allocation.score_limit"),
        ([inherited("a", 1, score_adjustment=Decimal("-0.021"))], "allocation.score_limit"),
        (
            [
                AllocationInput("a", Method.INDUSTRY, works("steel", "2", "1", "t")),
                AllocationInput("b", Method.INDUSTRY, works("steel", "2", "1", "kt")),
            ],
            "allocation.unit_of_sector",
        ),
    ],
    ids=["none", "twice", "too many", "score above", "score below", "units"],
)
def test_inputs_that_do_not_fit_one_run_are_refused(inputs: list[AllocationInput], rule: str) -> None:
    with pytest.raises(AllocationRefused) as refusal:
        allocate(AllocationRules(2025, 100, 0), inputs)
    assert refusal.value.rule == rule


def test_a_base_year_lies_before_the_year_of_the_allocation() -> None:
    with pytest.raises(AllocationRefused) as refusal:
        allocate(AllocationRules(2023, 100, 0), [inherited("a", 1)])
    assert (refusal.value.rule, refusal.value.value) == ("allocation.base_year", "2023")
