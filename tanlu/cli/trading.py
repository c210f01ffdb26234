"""What commands share by which a holder acts on the market: signed twice by one asset key (DOMAIN 12 to 21)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click
import msgspec

from attestation.bodies import MoveTrading, PlaceOrder, WithdrawCash
from tanlu.cli import market_words as words
from tanlu.cli import options
from tanlu.cli.acting import SIGNING, ActDesk
from tanlu.cli.awaiting import await_operations, settled
from tanlu.cli.console import ExitCode, console
from tanlu.cli.holder import Holder, OrderAct
from tanlu.cli.positions import asset_name, yuan
from tanlu.client import Acceptance
from tanlu.client.market_answers import OrderShown, Trade
from tanlu.errors import InputRefused
from tanlu.market import order_hash, sign_order

TYPE = "order"

_DEADLINE = click.option(
    "--deadline",
    metavar="INSTANT",
    help="RFC 3339; the exchange takes it before this. Else a day from now, of an order not before the day's cut-off. "
    "交易所合约受理截止",
)
_AGAIN = click.option(
    "--again",
    is_flag=True,
    help="Sign it although the same act is still on its way: a second one. 同一操作在途时仍再次签署",
)


@dataclass(frozen=True, slots=True)
class Trading(Holder):
    """Who acts on which market."""

    def act(self, make: Callable[[ActDesk], OrderAct], done: tuple[str, str], asked: tuple[str, str]) -> None:
        """Sign what ``make`` gives, send it, and say in English and Chinese what was ``done``, or only ``asked`` where
        the exchange has not said its word. Raises InputRefused for the same act while it is on its way."""
        with self.open() as desk:
            wanted = make(desk)
            body = desk.unlogged(wanted)
            if body is None:
                if not self.again and isinstance(wanted, MoveTrading | WithdrawCash):
                    # The log itself takes no second cancellation.
                    _refuse_twice(desk, wanted)
                body = sign_order(desk.trust, desk.held, wanted)
            self.send(desk, TYPE, body, done, asked)


trades = options.gathers((_DEADLINE, _AGAIN, *SIGNING), Trading, "trading")
"""Adds the options of a holder's act on the market, as the one argument ``trading``."""


def epoch_of(desk: ActDesk) -> int:
    """The epoch that the holder's next order names."""
    return desk.client.market.trader(desk.held.card.identifier).epoch


def fee_of(desk: ActDesk, given: int | None) -> int:
    """The highest fee in basis points: as was ``given``, else that of the market's terms (DOMAIN 20)."""
    if given is not None:
        return given
    terms = desk.client.market.show().terms
    return 0 if terms is None else terms.fee_bps


def cut_off(desk: ActDesk, asset: str) -> int:
    """Until when the asset's open day is settled; 0 where there is none."""
    day = desk.client.market.show().asset(asset).day
    return 0 if day is None or day.status == "closed" else day.cut_off


def place(desk: ActDesk, wanted: PlaceOrder) -> tuple[PlaceOrder, str, Acceptance]:
    """Sign the order and send it; the order, its hash, and the log's answer. One whose answer was lost is sent as it
    was signed."""
    body = desk.unlogged(wanted) or sign_order(desk.trust, desk.held, wanted)
    return body, order_hash(desk.trust, body, desk.held.card.identifier), desk.say(TYPE, body)


def placed(desk: ActDesk, body: PlaceOrder, order: str, accepted: Acceptance) -> None:
    """Say what became of an order at once: what was matched and what rests. Waits for the settlements as asked; the
    exit code is 3 where they were not reached in time. Raises OperationRefused for one that the exchange refused."""
    fills = _fills(desk, order, accepted.index)
    state, wait, until = None, desk.acting.wait, desk.acting.until
    if fills and wait:
        named = [bytes.fromhex(fill.op_id) for fill in fills if fill.op_id is not None]
        state = await_operations(desk.client, accepted.index, named, wait=wait, until=until)
        # What was matched has been settled meanwhile.
        fills = _fills(desk, order, accepted.index)
    shown = desk.client.market.order(order)
    console().result(
        {
            "order": order,
            "index": accepted.index,
            "statement_id": accepted.statement_id,
            "repeated": accepted.repeated,
            "promise": accepted.promise,
            "side": body.side,
            "asset": body.asset,
            "tonnes": body.tonnes,
            "price_fen": body.price_fen,
            "status": shown.status,
            "remaining": shown.remaining,
            "fills": msgspec.to_builtins(fills),
            "state": state,
        },
        _placed_text(body, shown, fills, accepted, zh=False),
        _placed_text(body, shown, fills, accepted, zh=True),
    )
    if not settled(state, until):
        click.get_current_context().exit(ExitCode.UNAVAILABLE)


def _fills(desk: ActDesk, order: str, since: int) -> list[Trade]:
    found = []
    for fill in desk.client.market.fills():
        # Newest first: what an earlier entry made is not of this one.
        if fill.cause < since:
            break
        if order in {fill.buy, fill.sell}:
            found.append(fill)
    return found[::-1]


def _placed_text(body: PlaceOrder, shown: OrderShown, fills: list[Trade], accepted: Acceptance, *, zh: bool) -> str:
    price = yuan(body.price_fen)
    if zh:
        side, asset = words.side(body.side, zh=True), asset_name(body.asset, zh=True)
        lines = [f"委托 {shown.order}：{side}{asset} {body.tonnes} 吨，每吨 {price} 元，第 {accepted.index} 条记录"]
    else:
        lines = [
            f"order {shown.order}: {body.side} {body.tonnes} t of {body.asset} at CNY {price}, entry {accepted.index}"
        ]
    for fill in fills:
        at, state = yuan(fill.price_fen), words.fill_state(fill.state, zh=zh)
        lines.append(
            f"成交 {fill.tonnes} 吨，每吨 {at} 元：{state}（操作 {fill.op_id}）"
            if zh
            else f"filled {fill.tonnes} t at CNY {at}: {state} (operation {fill.op_id})"
        )
    status = words.order_status(shown.status, shown.reason, zh=zh)
    lines.append(f"剩余 {shown.remaining} 吨，{status}" if zh else f"{shown.remaining} t remain, {status}")
    return "\n".join(lines)


def _refuse_twice(desk: ActDesk, wanted: OrderAct) -> None:
    found = desk.on_its_way(wanted)
    if found is None:
        return
    raise InputRefused(
        rule="order.on_its_way",
        value=f"operation {found.op_id}, entry {found.index}, {found.state}",
        expected="its result first; --again signs a second one",
        message=f"The same {wanted.action} is on its way already. See tanlu operation show {found.op_id} --wait 60; "
        "--again signs a second one",
        message_zh=f"相同的操作尚在途中（第 {found.index} 条记录）",
        expected_zh="先查询其结果；确需再次办理时加 --again",
    )
