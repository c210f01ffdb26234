"""`tanlu market watch`: one line an event, in both languages; what it follows is said once."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tanlu.cli import main
from tanlu.cli.market.watching import _said
from tanlu.client.feed_answers import (
    BookChanged,
    CandleChanged,
    DayChanged,
    EventBody,
    MarketEvent,
)
from tanlu.client.market_answers import Candle, Level

CANDLE = Candle(
    day=20251103, open_fen=6_250, high_fen=6_250, low_fen=6_200, last_fen=6_200, volume=1_175, value_fen=7_320_000,
    trades=2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "english", "chinese"),
    [
        (
            "book",
            BookChanged(
                asset="quota-2025", levels=(Level(side="sell", price_fen=6_250, tonnes=200, orders=1),), offers=()
            ),
            "book  sell 62.50: 200 t (1)",
            "委托簿  卖 62.50: 200 t (1)",
        ),
        (
            "candle",
            CandleChanged(asset="quota-2025", candle=CANDLE),
            "candle  20251103  62.50/62.50/62.00/62.00  1175 t",
            "行情  20251103  62.50/62.50/62.00/62.00  1175 t",
        ),
        (
            "day",
            DayChanged(what="reference", asset="quota-2025", index=7, reference_fen=6_000, day=None),
            "day  reference  60.00",
            "交易日  参考价  60.00",
        ),
    ],
)
def test_an_event_is_one_line(name: str, body: EventBody, english: str, chinese: str) -> None:
    event = MarketEvent(id="1.1.1.0", name=name, body=body)
    assert (_said(event, zh=False), _said(event, zh=True)) == (english, chinese)


@pytest.mark.parametrize("what", [[], ["quota-2025", "--own"]])
def test_an_asset_or_ones_own_things_are_followed_and_not_both(what: list[str]) -> None:
    """Refused before anything is asked."""
    given = [
        "--json",
        "market",
        "watch",
        *what,
        "--server",
        "http://127.0.0.1:9",
        "--trust",
        __file__,
        "--as",
        __file__,
    ]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 1, result.output
    error = json.loads(result.output)["error"]
    assert (error["rule"], bool(error["message_zh"])) == ("market.watch", True)
