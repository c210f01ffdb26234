from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from quota.allocation.apportion import apportion

SHARES = st.dictionaries(
    st.text("ABCab019._/", min_size=1, max_size=4), st.fractions(0, 10**6, max_denominator=997), max_size=9
)


@given(SHARES, st.integers(0, 10**6))
def test_all_is_given_where_it_is_scarce_and_never_more_domain_30(shares: dict[str, Fraction], available: int) -> None:
    portions = apportion(shares, available)
    given_out = sum(portion.units for portion in portions.values())
    total = sum(shares.values())
    assert given_out == (available if total > available else sum(int(share) for share in shares.values()))
    for name, portion in portions.items():
        scaled = shares[name] * available / total if total > available else shares[name]
        assert portion.units in {int(scaled), int(scaled) + 1}


@given(SHARES, st.integers(0, 10**6))
def test_no_smaller_fraction_is_served_before_a_larger_one(shares: dict[str, Fraction], available: int) -> None:
    total = sum(shares.values())
    if total <= available:
        return
    portions = apportion(shares, available)
    scaled = {name: share * available / total for name, share in shares.items()}
    up = [scaled[name] - int(scaled[name]) for name in shares if portions[name].units > int(scaled[name])]
    down = [scaled[name] - int(scaled[name]) for name in shares if portions[name].units == int(scaled[name])]
    assert not up or not down or min(up) >= max(down)


def test_where_nothing_is_available_nobody_gets_anything() -> None:
    assert apportion({"a": Fraction(1), "b": Fraction(2)}, 0)["b"].units == 0
