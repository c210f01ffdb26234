"""Whatever is tried in whatever order, no more is bound than there is (DOMAIN 16, 20)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.facts.market import CashRecord, TradingRecord

ASSET = 0x10000 + 2023
UNITS, FEN = 100, 700_000
acts = st.tuples(
    st.sampled_from(["sell", "buy", "lot", "accept", "cancel", "out", "cash out", "cancel all"]), st.integers(1, 80)
)


def test_units_and_cash_behind_orders_never_exceed_what_is_there(world, cases, unitwork, marketwork) -> None:
    """After every act, accepted or refused; what an order binds cannot leave, and what ends binds nothing."""

    @settings(max_examples=12, deadline=None)
    @given(st.lists(acts, max_size=14))
    def tried(attempts: list[tuple[str, int]]) -> None:
        units = unitwork.Unitwork(world, cases)
        market = marketwork.Marketwork(units, unitwork)
        market.opened(fee_bps=25)
        me = market.steel
        market.log.traded[me, ASSET] = TradingRecord(trading=UNITS, locked=15)
        market.log.funds[me] = CashRecord(trading=FEN)
        offers = [market.say(market.sell(40, 6_000, fee_limit_bps=25), market.tiles) for _ in range(3)]
        mine: list[bytes] = []
        for act, amount in attempts:
            refusal = world.refusal_of(_try, market, act, amount, offers, mine)
            held, cash = market.log.trading(me, ASSET), market.log.cash(me)
            assert held.in_orders + held.leaving + held.unsettled <= UNITS, (act, refusal)
            assert held.in_orders <= max(0, UNITS - 15), (act, refusal)
            assert cash.in_orders + cash.leaving + cash.locked_bids <= FEN, (act, refusal)
            assert refusal is None or refusal.rule in {"order.units", "order.cash", "order.accepts", "order.ended"}
        market.say(market.cancel_all(market.log.epoch(me) + 1))
        assert (market.log.trading(me, ASSET).in_orders, market.log.cash(me).in_orders) == (0, 0)

    tried()


def _try(market, act: str, amount: int, offers: list[bytes], mine: list[bytes]) -> None:
    placed = {"fee_limit_bps": 25, "epoch": market.log.epoch(market.steel)}
    match act:
        case "sell":
            mine.append(market.say(market.sell(amount, 6_000, **placed)))
        case "buy":
            mine.append(market.say(market.buy(amount, 6_000, **placed)))
        case "lot":
            mine.append(market.say(market.lot(amount, **placed)))
        case "accept":
            market.say(market.accepting(offers[amount % len(offers)], amount, **placed))
        case "cancel" if mine:
            market.say(market.cancel(mine[amount % len(mine)]))
        case "out":
            market.say(market.move(amount, inward=False))
        case "cash out":
            market.say(market.move(amount * 6_000, "cash", inward=False))
        case "cancel all":
            market.say(market.cancel_all(market.log.epoch(market.steel) + 1))
