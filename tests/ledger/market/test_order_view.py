"""An order that its deadline ended says so, though no entry has acted on the book since."""

from __future__ import annotations

from ledger.db.market_models import MarketOrderRow
from ledger.market.shown import order_view


def row(status: str, reason: str | None) -> MarketOrderRow:
    return MarketOrderRow(
        order_hash=bytes(32), entry_index=7, account="88.608.5288/WORKS", asset=67_562, day=None, side=1, kind=1,
        tonnes=9, remaining=3, price_fen=6_000, minimum_fill=0, counterparty=None, accepts=None, auction=None,
        deadline=10, epoch=0, status=status, reason=reason, ended_index=None,
    )  # fmt: skip


def test_an_order_past_its_deadline_is_ended_by_it() -> None:
    shown = order_view(row("open", None), "ended")
    assert (shown.status, shown.reason, shown.remaining) == ("ended", "deadline", 3)


def test_other_ends_keep_their_reason() -> None:
    assert order_view(row("open", None), "open").reason is None
    assert order_view(row("ended", "day"), "ended").reason == "day"
    assert order_view(row("open", None), "refused").reason is None
