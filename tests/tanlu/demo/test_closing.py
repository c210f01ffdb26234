"""The demo's closing table adds up to the tonne and the fen, or the demo stops (DOMAIN 1, 15, 18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tanlu.client.market_answers import Trade
from tanlu.demo.checks import Unsound
from tanlu.demo.closing import Closing, check, lines, total


def trade(buyer: str, seller: str, tonnes: int, price_fen: int) -> Trade:
    return Trade(
        asset="quota-2025", day=2026_01_05, number=0, cause=1, kind="listed", tonnes=tonnes, price_fen=price_fen,
        value_fen=tonnes * price_fen, counted=True, state="settled", reason=None, made_at=1, op_id=None, buyer=buyer,
        seller=seller, buy=None, sell=None, buyer_fee_fen=0, seller_fee_fen=0,
    )  # fmt: skip


TRADES = (trade("a", "p", 5, 6_050), trade("a", "b", 7, 6_250))
ROWS = (
    Closing.of("park", "p", TRADES, given=10, surrendered=0, held=5, deposited_fen=0, cash_fen=30_250, charge_fen=0),
    Closing.of(
        "A", "a", TRADES, given=20, surrendered=30, held=2, deposited_fen=100_000, cash_fen=26_000, charge_fen=0
    ),
    Closing.of("B", "b", TRADES, given=30, surrendered=20, held=3, deposited_fen=0, cash_fen=43_750, charge_fen=9),
)


def test_rows_add_up_to_the_cap_and_to_the_cash_of_the_ledger() -> None:
    check(ROWS, cap_tonnes=60, ledger_fen=100_000)
    whole = total(ROWS)
    assert (whole.held, whole.surrendered, whole.bought, whole.sold, whole.charge_fen) == (10, 50, 12, 12, 9)


@pytest.mark.parametrize("member", ["given", "bought", "surrendered", "held", "deposited_fen", "spent_fen", "cash_fen"])
def test_a_tonne_or_a_fen_too_many_stops_the_demo(member: str) -> None:
    wrong = replace(ROWS[1], **{member: getattr(ROWS[1], member) + 1})
    with pytest.raises(Unsound) as caught:
        check((ROWS[0], wrong, ROWS[2]), cap_tonnes=60, ledger_fen=100_000)
    assert caught.value.rule == "demo.closing"


@pytest.mark.parametrize(("cap", "fen"), [(61, 100_000), (60, 99_999)])
def test_rows_that_add_up_to_something_else_stop_it_too(cap: int, fen: int) -> None:
    with pytest.raises(Unsound):
        check(ROWS, cap_tonnes=cap, ledger_fen=fen)


def test_the_table_is_for_people() -> None:
    english, chinese = (lines(ROWS, zh=zh) for zh in (False, True))
    assert len({len(line) for line in english}) == 1
    assert english[2].split() == ["A", "20", "12", "0", "30", "2", "1,000.00", "740.00", "0.00", "260.00", "0.00"]
    assert english[-1].split()[-1] == "0.09"
    assert chinese[-1].split()[0] == "合计"
