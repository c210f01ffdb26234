from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from quota.market import (
    Divergence,
    Fill,
    OrderKind,
    Placed,
    Recorded,
    difference,
    differences,
    replay,
)
from tests.quota.market.examples import accepting, order_id
from tests.quota.market.story import B_OFFER, D_OFFER, DAY

SESSION = replay(DAY)
ALTERED: dict[str, Any] = {
    "number": 7,
    "cause": 35,
    "buy": order_id(98),
    "sell": order_id(99),
    "tonnes": 474,
    "price_fen": 6_201,
    "buy_filled": 1,
    "sell_filled": 1,
    "kind": OrderKind.BLOCK,
    "counted": False,
}


def test_a_session_is_what_it_says_of_itself() -> None:
    assert difference(SESSION, SESSION) is None
    assert difference(SESSION, Recorded.of(SESSION)) is None
    assert difference(SESSION, Recorded()) is None


def test_every_member_of_a_fill_is_tried() -> None:
    assert set(ALTERED) == {member.name for member in fields(Fill)}


@pytest.mark.parametrize("member", ALTERED)
def test_one_altered_value_of_one_fill_is_found_and_named(member: str) -> None:
    altered = replace(SESSION.fills[1], **{member: ALTERED[member]})
    (found,) = differences(SESSION, replace(Recorded.of(SESSION), fills=(SESSION.fills[0], altered)))
    assert (found.what, found.number, found.cause) == (f"fills[1].{member}", 1, 37)
    assert found.computed != found.recorded


def test_a_missing_and_an_invented_fill_are_found() -> None:
    recorded = Recorded.of(SESSION)
    (missing,) = differences(SESSION, replace(recorded, fills=SESSION.fills[:1]))
    assert (missing.what, missing.cause, missing.recorded) == ("fills[1]", 37, "none")
    more = replace(SESSION.fills[1], number=2, cause=38)
    (invented,) = differences(SESSION, replace(recorded, fills=(*SESSION.fills, more)))
    assert (invented.what, invented.cause, invented.computed) == ("fills[2]", 38, "none")


def test_two_fills_in_another_order_than_matched_are_found() -> None:
    swapped = replace(Recorded.of(SESSION), fills=SESSION.fills[::-1])
    assert difference(SESSION, swapped) == Divergence("fills[0].number", 0, 34, "0", "1")


@pytest.mark.parametrize("member", ["count", "first", "last", "volume", "value_fen", "close_fen", "groups"])
def test_a_closing_statement_that_says_otherwise_is_found(member: str) -> None:
    recorded = Recorded.of(SESSION)
    value = getattr(recorded, member)
    assert difference(SESSION, replace(recorded, **{member: value + 1})) == Divergence(
        member, None, None, str(value), str(value + 1)
    )


@pytest.mark.parametrize("member", ["book", "root"])
def test_another_hash_is_found(member: str) -> None:
    found = difference(SESSION, replace(Recorded.of(SESSION), **{member: bytes(32)}))
    assert found is not None
    assert (found.what, found.recorded) == (member, "00" * 32)


def test_a_session_matched_out_of_order_differs_from_the_first_fill_on_and_in_its_root() -> None:
    # D's offer was accepted first, the log says: somebody who matched B's first stepped in front.
    swapped = replay(
        [
            *DAY[:3],
            Placed(accepting(34, D_OFFER, account="C")),
            Placed(accepting(37, B_OFFER, account="A")),
        ]
    )
    found = list(differences(SESSION, swapped))
    assert found[0].what == "fills[0].sell"
    assert found[-1].what == "root"
    assert swapped.close == SESSION.close
