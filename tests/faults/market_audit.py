"""What must hold of the market after any number of hard kills, judged over facts that were gathered before.

`judge_market` is pure; every law is shown to fail in `test_market_audit.py`. Each is read from two sides where there
are two: what the log's own bytes give once more, what the service says, what the chain says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tests.faults.client_log import Client
from tests.faults.market_again import Close, Matched, Placed, half_up
from tests.faults.market_chain import Balance, MarketOnChain, Settled
from tests.faults.market_entries import account_of, asset_number

_SHOWN = 5
_WHOLE_BPS = 10_000


@dataclass(frozen=True)
class ShownOrder:
    """What the service says became of an order."""

    status: str
    reason: str | None
    remaining: int


@dataclass(frozen=True)
class ShownFill:
    """A fill by the service; `operation` names its settlement, hex."""

    fill: Matched
    state: str
    reason: str | None
    operation: str


@dataclass
class MarketFacts:
    """Everything that is judged of the market. `client`: the trading client's log. `logged`: statement ids of the log.
    `orders`, `fills`, `closes`, `wrong`: what the naive second implementation makes of the entries; `held`: what each
    account must have by them, undone fills left out. `shown_…` and `accounts`: what the service says. `replays`: what
    a replay of sessions found."""

    client: Client
    logged: frozenset[str]
    orders: Mapping[str, Placed]
    fills: Sequence[Matched]
    closes: Mapping[tuple[str, int], tuple[Close, Close]]
    wrong: Sequence[str]
    held: Mapping[str, Balance]
    shown_orders: Mapping[str, ShownOrder]
    shown_fills: Sequence[ShownFill]
    accounts: Mapping[str, Balance]
    chain: MarketOnChain
    asked_at: float = 0.0
    """Unix seconds: when the service was asked."""
    replays: Sequence[str] = ()
    replayed: int = 0
    found: list[str] = field(default_factory=list)

    @property
    def undone(self) -> list[ShownFill]:
        """Fills that the exchange finally refused."""
        return [one for one in self.shown_fills if one.state == "undone"]


def judge_market(facts: MarketFacts) -> list[str]:
    """The violations, at most a few of each kind spelled out; empty if every law holds."""
    laws: list[Callable[[MarketFacts], Iterator[str]]] = [
        _acknowledged_orders_are_logged_once,
        _what_was_refused_is_not_in_the_log,
        _every_order_is_open_or_ended_with_a_reason,
        _the_fills_are_those_of_the_entries,
        _closes_say_what_the_entries_give,
        _each_fill_is_settled_once_or_undone,
        _nobody_is_settled_worse_than_signed,
        _days_on_chain_add_up,
        _issued_is_held_surrendered_and_cancelled,
        _custody_is_what_is_in_trading,
        _cash_is_what_came_and_did_not_go,
        _balances_are_those_of_entries_events_contract_and_service,
        _replays_find_nothing,
    ]
    violations = list(facts.found)
    for law in laws:
        broken = list(law(facts))
        violations += broken[:_SHOWN]
        if len(broken) > _SHOWN:
            violations.append(f"… and {len(broken) - _SHOWN} more of these ({law.__name__.strip('_')})")
    return violations


def _acknowledged_orders_are_logged_once(facts: MarketFacts) -> Iterator[str]:
    yield from facts.wrong
    for order, statement in facts.client.orders.items():
        placed = facts.orders.get(order)
        if placed is None:
            yield f"acknowledged order {order} is not in the log"
        elif placed.statement_id != statement:
            yield f"acknowledged order {order} was brought by statement {placed.statement_id}, not by {statement}"


def _what_was_refused_is_not_in_the_log(facts: MarketFacts) -> Iterator[str]:
    acknowledged = facts.client.statements
    for statement, rule in facts.client.declined.items():
        # The same bytes said again may be taken: what they waited for has come.
        if statement in facts.logged and statement not in acknowledged:
            yield f"statement {statement} was refused ({rule}) and is in the log"


def _every_order_is_open_or_ended_with_a_reason(facts: MarketFacts) -> Iterator[str]:
    for order in facts.shown_orders.keys() - facts.orders.keys():
        yield f"the service shows order {order}, which no entry brings"
    for order, placed in facts.orders.items():
        shown = facts.shown_orders.get(order)
        if shown is None:
            yield f"order {order} of entry {placed.index} is nowhere"
            continue
        status = "open" if not placed.end else placed.end if placed.end in {"filled", "cancelled"} else "ended"
        if status == "open" and any(_is_over(order, one) for one in facts.undone):
            # In the log's book it stands, for the exchange it is over: the reason is told with the fill.
            status = "refused"
        expected = ShownOrder(status, placed.end or None, placed.left)
        if status == "open" and _deadline(placed) <= facts.asked_at:
            # No entry came after its deadline that would have ended it: it is over all the same, and says why.
            expected = ShownOrder("ended", "deadline", placed.left) if shown.status == "ended" else expected
        if shown != expected:
            yield f"order {order} of entry {placed.index} is {shown}, by the entries {expected}"


def _deadline(placed: Placed) -> float:
    """Unix seconds."""
    return datetime.fromisoformat(str(placed.body["deadline"])).timestamp()


def _is_over(order: str, undone: ShownFill) -> bool:
    """Whether the exchange takes no more of an order, by why it refused a fill: where it names one, of that one's."""
    reason = undone.reason or ""
    named = "orderHash=" in reason or "account=" in reason
    return order in (undone.fill.buy, undone.fill.sell) and (order in reason or not named)


def _the_fills_are_those_of_the_entries(facts: MarketFacts) -> Iterator[str]:
    shown = Counter(one.fill for one in facts.shown_fills)
    matched = Counter(facts.fills)
    for fill in (shown - matched).elements():
        yield f"the service shows a fill that the entries do not give: {fill}"
    for fill in (matched - shown).elements():
        yield f"the service has no fill that the entries give: {fill}"


def _closes_say_what_the_entries_give(facts: MarketFacts) -> Iterator[str]:
    for (asset, day), (said, computed) in facts.closes.items():
        if said != computed:
            yield f"the close of {asset}, {day} says {said}, its entries give {computed}"


def _was_all_that_was_left(facts: MarketFacts, undone: ShownFill) -> bool:
    """Whether a fill below its order's minimum was matched as that order's rest, and is no rest any more because one
    before it was undone: the exchange holds to the minimum that its maker signed."""
    reason, fill = undone.reason or "", undone.fill
    for name in (fill.buy, fill.sell):
        if reason.startswith(f"FillTooSmall(orderHash=0x{name}, tonnes={fill.tonnes},") and name in facts.orders:
            before = [one for one in facts.fills if name in (one.buy, one.sell) and one.place < fill.place]
            left = int(facts.orders[name].body["tonnes"]) - sum(one.tonnes for one in before)
            gone = {one.fill.place for one in facts.undone}
            return left == fill.tonnes and any(one.place in gone for one in before)
    return False


def _each_fill_is_settled_once_or_undone(facts: MarketFacts) -> Iterator[str]:
    events: dict[str, list[Settled]] = defaultdict(list)
    for event in facts.chain.settled:
        events[event.operation].append(event)
    for shown in facts.shown_fills:
        found = events.pop(shown.operation, [])
        fill = shown.fill
        if shown.state == "undone":
            if not shown.reason:
                yield f"fill {fill.place} is undone without a reason"
            brief = any(facts.orders[name].brief for name in (fill.buy, fill.sell) if name in facts.orders)
            if not brief and not _was_all_that_was_left(facts, shown):
                yield f"fill {fill.place} of orders that are good for long is undone: {shown.reason}"
            if found:
                yield f"fill {fill.place} is undone and settled"
        elif shown.state != "settled":
            yield f"fill {fill.place} ends {shown.state}"
        elif len(found) != 1:
            yield f"fill {fill.place} is settled {len(found)} times on chain"
        elif not _is_of(found[0], fill):
            yield f"fill {fill.place} is settled otherwise than matched: {found[0]}"
    for operation, found in events.items():
        yield f"the chain settled {operation}, which is no fill, {len(found)} times"


def _is_of(event: Settled, fill: Matched) -> bool:
    asset, day, _ = fill.place
    return event == Settled(
        operation=event.operation,
        buy=fill.buy,
        sell=fill.sell,
        buyer=account_of(fill.buyer),
        seller=account_of(fill.seller),
        asset=asset_number(asset),
        day=day,
        tonnes=fill.tonnes,
        price_fen=fill.price_fen,
        buyer_fee_fen=fill.fee_fen,
        seller_fee_fen=fill.fee_fen,
        counted=fill.counted,
    )


def _nobody_is_settled_worse_than_signed(facts: MarketFacts) -> Iterator[str]:
    settled: Counter[str] = Counter()
    for event in facts.chain.settled:
        settled.update({event.buy: event.tonnes, event.sell: event.tonnes})
        for name, sign, fee in ((event.buy, 1, event.buyer_fee_fen), (event.sell, -1, event.seller_fee_fen)):
            placed = facts.orders.get(name)
            if placed is None:
                yield f"the chain settled order {name}, which is not in the log"
                continue
            limit = placed.body["price_fen"]
            if sign * event.price_fen > sign * limit:
                yield f"order {name} at {limit} fen was settled at {event.price_fen} fen"
            # Half-up to the fen: at most half a fen above the share.
            most = Fraction(event.tonnes * event.price_fen * placed.body["fee_limit_bps"], _WHOLE_BPS) + Fraction(1, 2)
            if fee > most:
                yield f"order {name} paid a fee of {fee} fen, its limit is {placed.body['fee_limit_bps']} bps"
    for name, placed in facts.orders.items():
        if settled[name] > placed.body["tonnes"]:
            yield f"order {name} of {placed.body['tonnes']} t was settled for {settled[name]} t"
        if facts.chain.filled.get(name, 0) != settled[name]:
            yield f"the contract has {facts.chain.filled.get(name, 0)} t of order {name}, its events {settled[name]} t"


def _days_on_chain_add_up(facts: MarketFacts) -> Iterator[str]:
    logged = {(asset_number(asset), day) for asset, day in facts.closes}
    counts = Counter((day.asset, day.day) for day in facts.chain.days)
    for place in logged | counts.keys():
        if counts[place] != (place in logged):
            yield f"day {place} is closed {counts[place]} times on chain, in the log {int(place in logged)} times"
    for day in facts.chain.days:
        trades = [one for one in facts.chain.settled if (one.asset, one.day) == (day.asset, day.day) and one.counted]
        volume, value = sum(one.tonnes for one in trades), sum(one.tonnes * one.price_fen for one in trades)
        if (day.volume, day.value_fen) != (volume, value):
            yield f"day {day.day} of asset {day.asset} closed on {day.volume} t, its trades are {volume} t"
        if volume and day.close_fen != half_up(Fraction(value, volume)):
            yield f"day {day.day} of asset {day.asset} closed at {day.close_fen} fen, not at its trades' price"


def _issued_is_held_surrendered_and_cancelled(facts: MarketFacts) -> Iterator[str]:
    for asset, supply in facts.chain.supplies.items():
        held = supply.custody + sum(balance.units[asset, "registry"] for balance in facts.chain.asked.values())
        if supply.issued != held + supply.surrendered + supply.cancelled:
            yield f"of asset {asset} {supply.issued} t are issued, {held} t held: {supply}"
        if supply.issued != facts.chain.carried[asset]:
            yield f"of asset {asset} {supply.issued} t are issued, {facts.chain.carried[asset]} t came in"


def _custody_is_what_is_in_trading(facts: MarketFacts) -> Iterator[str]:
    for asset, supply in facts.chain.supplies.items():
        trading = sum(balance.units[asset, "trading"] for balance in facts.chain.asked.values())
        if supply.custody != trading:
            yield f"of asset {asset} the exchange keeps {supply.custody} t, {trading} t are in trading"


def _cash_is_what_came_and_did_not_go(facts: MarketFacts) -> Iterator[str]:
    chain = facts.chain
    held = sum(one.free + one.trading + one.withdrawing for one in chain.asked.values())
    if not chain.total_cash == chain.deposited - chain.paid == held:
        yield f"{chain.deposited} fen came, {chain.paid} went, accounts have {held}, in all {chain.total_cash}"


def _balances_are_those_of_entries_events_contract_and_service(facts: MarketFacts) -> Iterator[str]:
    for identifier, expected in facts.held.items():
        account = account_of(identifier)
        for what, found in (
            ("the chain's events", facts.chain.told.get(account, Balance())),
            ("the contract", facts.chain.asked.get(account, Balance())),
            ("the service", facts.accounts.get(identifier, Balance())),
        ):
            if found != expected:
                yield f"{identifier} has {found} by {what}, {expected} by the entries"


def _replays_find_nothing(facts: MarketFacts) -> Iterator[str]:
    yield from facts.replays
    if not facts.replayed:
        yield "no session was replayed"
