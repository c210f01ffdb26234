from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.credit_codes import ALPHABET, check_character, check_credit_code
from attestation.errors import SchemaRefused

# Published codes: of the Bank of China's registration in Beijing's register as python-stdnum's `cn.uscc` cites it, and
# the example of GB 32100-2015 that validators share.
PUBLISHED = ["91110000600037341L", "91350100M000100Y43"]
BODIES = st.tuples(
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_have_their_check_character(code: str) -> None:
    check_credit_code(code, "credit_code")
    assert check_character(code[:17]) == code[17]


@given(BODIES)
def test_a_code_with_its_check_character_is_accepted(body: str) -> None:
    check_credit_code(body + check_character(body), "credit_code")


@given(BODIES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_altered_character_is_always_found(body: str, place: int, other: str) -> None:
    """31 is prime and no weight a multiple of it, so that one error changes the sum (GB 32100-2015 annex A)."""
    code = body + check_character(body)
    if code[place] == other:
        return
    with pytest.raises(SchemaRefused) as caught:
        check_credit_code(code[:place] + other + code[place + 1 :], "credit_code")
    assert caught.value.rule in {"credit_code.check", "credit_code.format"}


@given(BODIES, st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_always_found(body: str, place: int) -> None:
    code = body + check_character(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped == code:
        return
    with pytest.raises(SchemaRefused) as caught:
        check_credit_code(swapped, "credit_code")
    assert caught.value.rule in {"credit_code.check", "credit_code.format"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91110000600037341",
        "91110000600037341LL",
        "91110000600037341l",
        "9111000060003734IL",
        "91I10000600037341L",
        "91110000600037341\N{FULLWIDTH LATIN CAPITAL LETTER L}",
        "9111A000600037341L",
        "91110000600037341L\n",
    ],
)
def test_other_forms_are_refused_by_name(text: str) -> None:
    with pytest.raises(SchemaRefused) as caught:
        check_credit_code(text, "body.credit_code")
    assert caught.value.rule == "credit_code.format"


def test_the_refusal_says_what_the_code_would_be() -> None:
    with pytest.raises(SchemaRefused) as caught:
        check_credit_code("911100006000373410", "body.credit_code")
    assert (caught.value.rule, caught.value.value) == ("credit_code.check", "911100006000373410")
    assert caught.value.expected == "91110000600037341L"
