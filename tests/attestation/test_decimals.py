from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.decimals import (
    GRAMMAR,
    calculation_context,
    decimal_places,
    exact_sum,
    format_decimal,
    parse_decimal,
    round_half_up,
)
from attestation.errors import SchemaRefused

DECIMAL_STRINGS = st.from_regex(GRAMMAR, fullmatch=True, alphabet="0123456789.")
FINITE = st.decimals(min_value=-(10**12), max_value=10**12, places=9)


@pytest.mark.parametrize(
    "text",
    [
        "", " 1", "1 ", "1\n", "+1", "-1", "-0", "01", "00", ".5", "5.", "1.0000000001", "1234567890123456789", "1e3",
        "1E3", "1,5", "1_000", "NaN", "nan", "Infinity", "0x10", "١", "１", "1.２", "--1", "1.2.3", "½",
    ],
)  # fmt: skip
def test_a_string_outside_the_grammar_is_refused_by_rule_and_value(text: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        parse_decimal(text)
    assert refusal.value.step == 9
    assert refusal.value.rule == "decimal.grammar"
    assert refusal.value.value == text.replace("\n", "\\n")
    assert GRAMMAR in refusal.value.expected


@pytest.mark.parametrize("value", [1, 1.5, None, b"1", Decimal(1), ["1"], True])
def test_a_number_that_is_not_a_string_is_refused(value: object) -> None:
    with pytest.raises(SchemaRefused, match="Not a decimal string"):
        parse_decimal(value)  # type: ignore[arg-type]  # that is the bad input


def test_a_refusal_does_not_repeat_a_megabyte() -> None:
    with pytest.raises(SchemaRefused) as refusal:
        parse_decimal("9" * 1_000_000)
    assert len(str(refusal.value)) + len(refusal.value.value) < 600


@pytest.mark.parametrize("text", ["0", "0.0", "0.000000001", "10", "959640.31", "999999999999999999.999999999"])
def test_the_edges_of_the_grammar_are_read_exactly(text: str) -> None:
    assert Fraction(parse_decimal(text)) == Fraction(text)


@given(DECIMAL_STRINGS)
def test_text_survives_a_round_trip_with_its_places(text: str) -> None:
    assert format_decimal(parse_decimal(text)) == text


@given(st.integers(0, 10**18 - 1), st.integers(0, 9), st.integers(0, 10**9 - 1))
def test_value_survives_a_round_trip(whole: int, places: int, fraction: int) -> None:
    value = Decimal(whole).scaleb(0) + Decimal(fraction % 10**places).scaleb(-places)
    again = parse_decimal(format_decimal(value))
    assert again == value
    assert again.as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("1E-9", "0.000000001"), ("-0", "0"), ("-0.00", "0.00"), ("2.50", "2.50")],
)
def test_no_exponent_and_no_negative_zero_is_written(value: str, text: str) -> None:
    assert format_decimal(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_not_finite_is_neither_written_nor_rounded(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_decimal(Decimal(value))
    with pytest.raises(ValueError, match="cannot round"):
        round_half_up(Decimal(value), 2)
    with pytest.raises(ValueError, match="no decimal places"):
        decimal_places(Decimal(value))


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("0.005", 2, "0.01"), ("0.004999999", 2, "0.00"), ("2.5", 0, "3"), ("3.5", 0, "4"), ("38942.5", 0, "38943"),
        ("38942.49", 0, "38942"), ("-2.5", 0, "-3"), ("959.64031", 3, "959.640"), ("1", 2, "1.00"),
        ("1E+3", 1, "1000.0"),
    ],
)  # fmt: skip
def test_halves_round_away_from_zero_domain_1(value: str, places: int, rounded: str) -> None:
    assert str(round_half_up(Decimal(value), places)) == rounded


@given(FINITE, st.integers(0, 9))
def test_rounding_is_the_nearest_multiple_and_ties_go_away_from_zero(value: Decimal, places: int) -> None:
    rounded = round_half_up(value, places)
    step = Fraction(1, 10**places)
    error = Fraction(rounded) - Fraction(value)
    assert (Fraction(rounded) / step).denominator == 1
    assert abs(error) <= step / 2
    if abs(error) == step / 2:
        assert abs(rounded) > abs(value)
    assert decimal_places(rounded) == places


def test_the_callers_decimal_context_changes_nothing() -> None:
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_DOWN, traps=[])):
        assert parse_decimal("959640.319") == Decimal("959640.319")
        assert round_half_up(Decimal("959640.315"), 2) == Decimal("959640.32")
        assert exact_sum([Decimal("959640.31"), Decimal("0.001")]) == Decimal("959640.311")


def test_rounding_beyond_fifty_digits_or_to_negative_places_is_refused() -> None:
    with pytest.raises(ValueError, match="50 digits"):
        round_half_up(Decimal(10) ** 49, 2)
    with pytest.raises(ValueError, match="cannot round"):
        round_half_up(Decimal(15), -1)


@given(st.lists(FINITE, max_size=50))
def test_a_sum_is_exact(values: list[Decimal]) -> None:
    assert Fraction(exact_sum(values)) == sum((Fraction(v) for v in values), start=Fraction(0))


def test_a_sum_that_cannot_be_exact_raises_instead_of_rounding() -> None:
    with pytest.raises(decimal.Inexact):
        exact_sum([Decimal(10) ** 50, Decimal("0.1")])


def test_calculations_refuse_a_float() -> None:
    with decimal.localcontext(calculation_context()), pytest.raises(decimal.FloatOperation):
        assert Decimal(1) > 0.1
