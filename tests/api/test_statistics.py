"""Figures of the trading: exact sums by day and kind, half-up prices, candles within a day (DOMAIN 13 to 15)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_market import FOOD, QUOTA, Floor, opened
from tests.ledger.market_desk import DAY_ONE

PATH, CANDLES = f"/v1/market/{QUOTA}/statistics", f"/v1/market/{QUOTA}/candles"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from opened(tmp_path)


def test_a_days_figures_are_exact_and_each_kind_apart(floor: Floor) -> None:
    """STORY 6: 73,200.00 / 1,175 t, half-up 62.30; a block and an undone trade are no part of it."""
    floor.trade(floor.steel, FOOD, 700, 6_250)
    floor.trade(floor.tiles, FOOD, 475, 6_200)
    floor.trade(floor.steel, FOOD, 1_000, 6_900, kind="block", counterparty=FOOD)
    floor.trade(floor.tiles, floor.steel, 3, 6_600)
    last = floor.found("/v1/market/fills", floor.tiles)["trades"][0]
    floor.mine(refuse=(bytes.fromhex(last["op_id"]),))
    said = floor.found(PATH, floor.tiles)
    (day,) = said["days"]
    figures = day["figures"]
    assert (day["day"], day["reference_fen"], day["close_fen"]) == (DAY_ONE, 6_000, None)
    assert figures["listed"] == {"trades": 2, "tonnes": 1_175, "value_fen": 7_320_000, "vwap_fen": 6_230}
    assert figures["counted"] == figures["listed"]
    assert figures["block"] == {"trades": 1, "tonnes": 1_000, "value_fen": 6_900_000, "vwap_fen": 6_900}
    nothing = {"trades": 0, "tonnes": 0, "value_fen": 0, "vwap_fen": None}
    assert (figures["bilateral"], figures["auction"]) == (nothing, nothing)
    assert figures["total"] == {"trades": 3, "tonnes": 2_175, "value_fen": 14_220_000, "vwap_fen": 6_538}
    prices = [figures[name] for name in ("open_fen", "high_fen", "low_fen", "last_fen")]
    assert (prices, figures["participants"]) == ([6_250, 6_250, 6_200, 6_200], 3)
    assert said["together"] == figures
    floor.close()
    (day,) = floor.found(PATH, floor.tiles, **{"from": DAY_ONE, "to": DAY_ONE})["days"]
    # The close follows from the entries, which know nothing of what the contract refused (docs/market.md, section 5).
    assert day["close_fen"] == 6_231


def test_a_range_is_its_days_and_counts_everybody_once(floor: Floor) -> None:
    work = floor.work
    floor.trade(floor.steel, FOOD, 10, 6_100)
    floor.close()
    floor.mine()
    work.administer(work.day(day=DAY_ONE + 1))
    floor.trade(floor.tiles, FOOD, 20, 5_900)
    said = floor.found(PATH, FOOD)
    together = said["together"]
    assert [one["figures"]["participants"] for one in said["days"]] == [2, 2]
    assert (together["participants"], together["total"]["tonnes"], together["total"]["value_fen"]) == (3, 30, 179_000)
    assert together["total"]["vwap_fen"] == 5_967
    assert [together[name] for name in ("open_fen", "high_fen", "low_fen", "last_fen")] == [6_100, 6_100, 5_900, 5_900]
    assert [one["day"] for one in floor.found(PATH, FOOD, **{"from": DAY_ONE + 1})["days"]] == [DAY_ONE + 1]
    assert floor.found(PATH, FOOD, to=20200101) == {
        "asset": QUOTA,
        "days": [],
        "together": {
            **{name: {"trades": 0, "tonnes": 0, "value_fen": 0, "vwap_fen": None} for name in (
                "total", "listed", "block", "bilateral", "auction", "counted",
            )},
            **dict.fromkeys(("open_fen", "high_fen", "low_fen", "last_fen")),
            "participants": 0,
        },
    }  # fmt: skip


def test_a_range_that_ends_before_it_begins_is_refused(floor: Floor) -> None:
    answer = floor.get(PATH, FOOD, **{"from": DAY_ONE + 1, "to": DAY_ONE})
    assert (answer.status_code, answer.json()["rule"]) == (422, "statistics.range")
    assert answer.json()["message_zh"]
    assert floor.get(PATH, FOOD, **{"from": 1}).status_code == 422


def test_candles_within_a_day_begin_with_their_interval(floor: Floor) -> None:
    """By the second of the match; together they are the day's candle."""
    begin = floor.memory.now - floor.memory.now % 300
    for after, tonnes, price in ((10, 5, 6_100), (50, 7, 6_000), (70, 11, 6_200), (290, 2, 6_150), (301, 1, 6_050)):
        floor.memory.now = begin + 300 + after
        floor.trade(floor.steel, FOOD, tonnes, price)
    minutes = floor.found(CANDLES, FOOD, interval="1m")["candles"]
    assert [(one["start"] - begin, one["volume"], one["trades"]) for one in minutes] == [
        (300, 12, 2),
        (360, 11, 1),
        (540, 2, 1),
        (600, 1, 1),
    ]
    assert [minutes[0][name] for name in ("open_fen", "high_fen", "low_fen", "last_fen")] == [
        6_100,
        6_100,
        6_000,
        6_000,
    ]
    fives = floor.found(CANDLES, FOOD, interval="5m", day=DAY_ONE)["candles"]
    assert [(one["start"] - begin, one["volume"]) for one in fives] == [(300, 25), (600, 1)]
    (day,) = floor.found(CANDLES, FOOD, interval="1d")["candles"]
    assert (day["start"], day["volume"]) == (None, sum(one["volume"] for one in minutes))
    assert day["value_fen"] == sum(one["value_fen"] for one in minutes)
    assert floor.found(CANDLES, FOOD, interval="1h", day=20240101)["candles"] == []
    assert floor.get(CANDLES, FOOD, interval="2m").status_code == 422
