"""``tanlu market buy``, ``sell``, ``accept``, ``cancel``, ``cancel-all``: a holder's orders (DOMAIN 12 to 17)."""

from __future__ import annotations

from typing import Any

import click

from tanlu.cli import options
from tanlu.cli.acting import ActDesk, tonnes
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.trading import Trading, cut_off, epoch_of, fee_of, place, placed, trades
from tanlu.client.market_answers import Offer
from tanlu.errors import InputRefused
from tanlu.market import accept as accepting
from tanlu.market import cancel as cancelling
from tanlu.market import cancel_all as cancelling_all
from tanlu.market import place as placing

KINDS = ("listed", "block", "bilateral")
BPS = click.IntRange(0, 10_000)
fee_limit = click.option("--fee-limit-bps", type=BPS, help="Highest fee; else the market's. 最高手续费（基点）")
price = click.option("--price", "text", metavar="CNY", required=True, help="Per tonne, such as 62.50. 每吨价格（元）")

_ORDER = (
    tonnes,
    price,
    click.option("--kind", type=click.Choice(KINDS), default="listed", show_default=True, help="交易方式"),
    click.option("--with", "counterparty", metavar="IDENTIFIER", help="With whom alone. 指定对手方"),
    click.option("--minimum-fill", type=click.IntRange(0), default=0, show_default=True, help="最小成交量（吨）"),
    fee_limit,
    trades,
)


def _orders(function: Any) -> Any:
    for option in reversed(_ORDER):
        function = option(function)
    return function


@click.command()
@click.argument("asset")
@_orders
def buy(*, trading: Trading, asset: str, **order: Any) -> None:
    """Buy quota with cash of the trading balance. 买入

    ASSET is quota-YEAR. In agreement mode somebody accepts it (`tanlu market accept`); block and bilateral trades
    name their counterparty. The order ends with the day; its hash names it. What rests binds value and fee.
    """
    _place(trading, asset, "buy", **order)


@click.command()
@click.argument("asset")
@_orders
def sell(*, trading: Trading, asset: str, **order: Any) -> None:
    """Sell quota of the trading balance. 卖出

    ASSET is quota-YEAR. What was bought within the lock is not sold (DOMAIN 16, 17): `tanlu market account` says what
    is left to sell. Proceeds are usable at once.
    """
    _place(trading, asset, "sell", **order)


@click.command()
@click.argument("asset")
@click.argument("order", type=options.OPERATION)
@click.option("--tonnes", type=click.IntRange(1), help="Else all that remains of it. 吨数")
@fee_limit
@trades
def accept(*, trading: Trading, asset: str, order: str, tonnes: int | None, fee_limit_bps: int | None) -> None:
    """Take somebody's posted ORDER (its hash, of `tanlu market book`), at its price. 摘牌"""
    with trading.open() as desk:
        offer = _offer(desk, asset, order)
        wanted = accepting(
            asset,
            offer,
            tonnes or offer.remaining,
            deadline=trading.before(cut_off(desk, asset)),
            epoch=epoch_of(desk),
            fee_limit_bps=fee_of(desk, fee_limit_bps),
        )
        placed(desk, *place(desk, wanted))


@click.command()
@click.argument("order", type=options.OPERATION)
@trades
def cancel(*, trading: Trading, order: str) -> None:
    """End what is left of an ORDER of your own, by its hash. 撤单"""
    trading.act(
        lambda _: cancelling(order, trading.before()),
        (f"order {order} cancelled", f"已撤销委托 {order}"),
        (f"cancellation of order {order}, out of the book already", f"撤销委托 {order}（已离簿）"),
    )


@click.command("cancel-all")
@trades
def cancel_all(*, trading: Trading) -> None:
    """End every order of your own, at once. 全部撤单"""
    trading.act(
        lambda desk: cancelling_all(epoch_of(desk) + 1, trading.before()),
        ("all orders cancelled", "已撤销全部委托"),
        ("cancellation of all orders, out of the book already", "撤销全部委托（已离簿）"),
    )


def _place(
    trading: Trading,
    asset: str,
    side: str,
    *,
    tonnes: int,
    text: str,
    kind: str,
    counterparty: str | None,
    minimum_fill: int,
    fee_limit_bps: int | None,
) -> None:
    fen = read_fen(text)
    with trading.open() as desk:
        wanted = placing(
            asset,
            side,
            tonnes,
            fen,
            kind=kind,
            counterparty=counterparty,
            minimum_fill=minimum_fill,
            deadline=trading.before(cut_off(desk, asset)),
            epoch=epoch_of(desk),
            fee_limit_bps=fee_of(desk, fee_limit_bps),
        )
        placed(desk, *place(desk, wanted))


def _offer(desk: ActDesk, asset: str, order: str) -> Offer:
    for offer in desk.client.market.book(asset).offers:
        if offer.order == order:
            return offer
    raise InputRefused(
        rule="order.accepts",
        value=order,
        expected=f"an open order of {asset} that is open to you: tanlu market book {asset}",
        message="No such order is open to you in the book",
        message_zh="簿中没有可由您接受的该委托",
        expected_zh=f"{asset} 簿中对您开放的委托（tanlu market book {asset}）",
    )
