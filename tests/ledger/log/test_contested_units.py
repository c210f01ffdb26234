"""No unit is spent twice, whoever is quicker: two services over one store are told at once what only one may log
(DOMAIN 3, 4, 22, 23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from attestation.bodies import CancelUnits
from ledger.db.base import Database
from tests.ledger.mirrored import Mirror, memory, unitwork
from tests.ledger.rivals import Rivals, assert_refused_alike, sign

ROUNDS = 3
STEEL = unitwork.STEEL


@pytest.fixture
def rivals(database: Database) -> Iterator[Rivals]:
    made = Rivals(Mirror(database))
    yield made
    made.close()


def holder(units: Any, body: Any) -> tuple[str, str, Any]:
    return "intent", STEEL, units.intent(body)


def order(units: Any, body: Any) -> tuple[str, str, Any]:
    return "holding", memory.PARK, units.signed(body)


def one_operation_twice(units: Any, turn: int) -> list[tuple[str, str, Any]]:
    op_id = units.op()
    return [
        order(units, units.freeze(1 + turn, op_id=op_id)),
        holder(units, units.cancel_own(1 + turn, op_id=op_id)),
    ]


CONTESTED: list[tuple[str, str, Callable[[Any, int], list[tuple[str, str, Any]]]]] = [
    ("an operation", "operation.used", one_operation_twice),
    (
        "what is due",
        "surrender.exceeds",
        lambda u, t: [holder(u, u.surrender(tonnes)) for tonnes in (_due(u), _due(u) - t)],
    ),
    (
        "the offset cap",
        "surrender.offset_cap",
        lambda u, t: [holder(u, u.surrender(tonnes, asset="ccer")) for tonnes in (30 + t, 40 + t)],
    ),
    (
        "a balance",
        "asset.balance",
        lambda u, t: [order(u, u.of_units(CancelUnits, _held(u))), holder(u, u.cancel_own(1 + t))],
    ),
    (
        "a serial",
        "offset.serials",
        lambda u, t: [
            order(u, u.offsets(1_000 + 100 * t, 1_050 + 100 * t, cancellation=f"FIRST-{t}")),
            order(u, u.offsets(1_050 + 100 * t, 1_099 + 100 * t, cancellation=f"SECOND-{t}")),
        ],
    ),
]


def _due(units: Any) -> int:
    position = units.log.obligation_position(STEEL, units.year)
    return 1_000 - position.quota_leaving - position.offsets_leaving


def _held(units: Any) -> int:
    held: int = units.log.holding(STEEL, 0x10000 + units.year).available
    return held


@pytest.mark.parametrize(("what", "rule", "words"), CONTESTED, ids=[each[0].replace(" ", "-") for each in CONTESTED])
def test_of_two_that_want_the_same_one_is_logged(
    rivals: Rivals, what: str, rule: str, words: Callable[[Any, int], list[tuple[str, str, Any]]]
) -> None:
    units = rivals.mirror.units()
    units.hold(units.signed(units.carry_in(5_000)))
    units.hold(units.signed(units.offsets(1, 500)))
    units.obliged(1_000)
    for turn in range(ROUNDS if rule in {"operation.used", "offset.serials"} else 1):
        said = words(units, turn)
        entries = [sign(rivals, type_, body, iss, f"way-{turn}-{n}") for n, (type_, iss, body) in enumerate(said)]
        entered, refused = rivals.one_enters(entries)
        assert (refused.step, refused.rule) == (11, rule), what
        assert_refused_alike(rivals, refused, entries[1 - entered])
    rivals.mirror.compare_units()
    rivals.whole()
