"""What the market says: terms and days, book, trades, prices, accounts, orders, fills (DOMAIN 12 to 17)."""

from __future__ import annotations

import click
import msgspec

from attestation.instants import china_time
from tanlu.cli import market_words as words
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.positions import asset_name, yuan
from tanlu.cli.tables import table
from tanlu.client.market_answers import Book, MarketShown, OrderShown, Trade, Trader, TradingDay

_DAYS = ("asset", "day", "status", "reference", "listed", "block", "until", "fills", "close", "next reference")
_DAYS_ZH = (
    *("资产", "交易日", "状态", "当日参考价", "挂牌价格区间", "大宗价格区间", "交收截止"),
    *("成交笔数", "收盘价", "下一交易日参考价"),
)
_OFFERS = ("order", "side", "kind", "price", "tonnes", "at least", "by", "for", "until")
_OFFERS_ZH = ("委托", "方向", "方式", "价格", "吨", "最小成交", "挂单方", "指定对手方", "截止")
_LEVELS = ("side", "price", "tonnes", "orders")
_LEVELS_ZH = ("方向", "价格", "吨", "委托数")
_TRADES = ("day", "no.", "kind", "tonnes", "price", "value", "in close", "state", "buyer", "seller")
_TRADES_ZH = ("交易日", "序号", "方式", "吨", "价格", "金额", "计入收盘", "状态", "买方", "卖方")
_ORDERS = ("order", "entry", "asset", "side", "kind", "price", "tonnes", "left", "status")
_ORDERS_ZH = ("委托", "记录", "资产", "方向", "方式", "价格", "吨", "剩余", "状态")
_CANDLES = ("day", "first", "highest", "lowest", "last", "tonnes", "value", "trades")
_CANDLES_ZH = ("交易日", "开盘", "最高", "最低", "最新", "吨", "金额", "成交笔数")
_TRADER = ("asset", "market", "locked", "in orders", "not settled", "leaving", "arriving", "sellable")
_DAY_SECONDS = 86_400
_TRADER_ZH = ("资产", "交易", "锁定", "挂单", "待交收", "转出途中", "转入途中", "可卖")


@click.command()
@looks
def show(*, looking: Looking) -> None:
    """Show the market's terms, reference prices and trading days. 查看市场"""
    with looking.client() as client:
        found = client.market.show()
    console().result(msgspec.to_builtins(found), _market(found, zh=False), _market(found, zh=True))


@click.command()
@click.argument("asset")
@looks
def book(*, looking: Looking, asset: str) -> None:
    """Show the open orders of ASSET (quota-YEAR). 查看委托簿

    Offers are accepted by their hash (`tanlu market accept`); those that name another counterparty are not shown.
    """
    with looking.client() as client:
        found = client.market.book(asset)
    console().result(msgspec.to_builtins(found), _book(found, zh=False), _book(found, zh=True))


@click.command()
@click.argument("asset")
@click.option("--day", type=int, metavar="YYYYMMDD", help="By default the latest one. 交易日")
@looks
def trades(*, looking: Looking, asset: str, day: int | None) -> None:
    """Show the trades of ASSET's day. 查看成交

    Who traded is shown to the parties and to whoever oversees the market.
    """
    with looking.client() as client:
        found = list(client.market.trades(asset, day))
    console().result(
        {"trades": msgspec.to_builtins(found)},
        _trades(found, zh=False) or "no trades",
        _trades(found, zh=True) or "没有成交",
    )


@click.command()
@click.argument("asset")
@looks
def candles(*, looking: Looking, asset: str) -> None:
    """Show each day's prices and volume of ASSET. 查看行情"""
    with looking.client() as client:
        found = client.market.candles(asset)
    rows = [
        (
            *(one.day, yuan(one.open_fen), yuan(one.high_fen), yuan(one.low_fen), yuan(one.last_fen)),
            *(one.volume, yuan(one.value_fen), one.trades),
        )
        for one in found
    ]
    console().result(
        {"candles": msgspec.to_builtins(found)},
        table(_CANDLES, rows) if rows else "no trades",
        table(_CANDLES_ZH, rows) if rows else "没有成交",
    )


@click.command()
@click.option("--of", "account", metavar="IDENTIFIER", help="Of this account, for whoever oversees. 账户")
@click.option("--open", "open_only", is_flag=True, help="Only those that are open. 仅未结")
@looks
def orders(*, looking: Looking, account: str | None, open_only: bool) -> None:
    """List your orders, newest first, and what became of them. 查看委托"""
    with looking.client() as client:
        found = list(client.market.orders(account=account, open_only=open_only))
    console().result(
        {"orders": msgspec.to_builtins(found)},
        _orders(found, zh=False) or "no orders",
        _orders(found, zh=True) or "没有委托",
    )


@click.command()
@click.option("--of", "account", metavar="IDENTIFIER", help="Of this account, for whoever oversees. 账户")
@looks
def fills(*, looking: Looking, account: str | None) -> None:
    """List your trades, newest first, with the other party. 查看本方成交"""
    with looking.client() as client:
        found = list(client.market.fills(account=account))
    console().result(
        {"fills": msgspec.to_builtins(found)},
        _trades(found, zh=False) or "no trades",
        _trades(found, zh=True) or "没有成交",
    )


@click.command()
@asks
def account(*, asking: Asking) -> None:
    """Show what IDENTIFIER, else the key that signs in, can sell. 查看可卖余额

    Sellable is the trading balance less what is locked, in orders and not settled; what is locked may leave it.
    """
    with asking.open() as (client, about):
        found = client.market.trader(about)
    console().result(msgspec.to_builtins(found), _trader(found, zh=False), _trader(found, zh=True))


def _market(found: MarketShown, *, zh: bool) -> str:
    terms = found.terms
    if terms is None:
        return "尚无市场规则" if zh else "there are no terms of the market yet"
    mode = {"agreement": "协议", "licensed": "持牌"}[terms.mode] if zh else terms.mode
    limit = terms.maximum_holders or ("不限" if zh else "no limit")
    delay = _duration(terms.release_delay_s, zh=zh)
    lines = (
        [
            f"模式：{mode}；锁定 {terms.lock_days} 个交易日；大宗 {terms.block_threshold} 吨起；"
            f"手续费 {_percent(terms.fee_bps)}（{terms.fee_account}）",
            f"收盘价至少 {terms.minimum_volume} 吨、{terms.minimum_groups} 个集团；"
            f"持有人 {found.holders}（上限 {limit}）；自行取出须等 {delay}；第 {terms.index} 条记录",
        ]
        if zh
        else [
            f"mode {mode}; locked for {terms.lock_days} trading days; block from {terms.block_threshold} t; "
            f"fee {_percent(terms.fee_bps)} of each side, to {terms.fee_account}",
            f"close from {terms.minimum_volume} t and {terms.minimum_groups} groups; "
            f"{found.holders} holders ({f'at most {limit}' if terms.maximum_holders else limit}); "
            f"out without the market after {delay}; "
            f"entry {terms.index}",
        ]
    )
    if found.cash_halted:
        lines.append("资金已暂停：银行余额与账本不符" if zh else "cash is halted: bank and ledger differ")
    rows = [
        (
            asset_name(one.asset, zh=zh),
            *(("-",) * 8 if one.day is None else _day(one.day, zh=zh)),
            # Of an open day nobody knows its close.
            yuan(one.reference_fen) if one.day is None or one.day.status == "closed" else "-",
        )
        for one in found.assets
    ]
    return "\n".join([*lines, *([table(_DAYS_ZH if zh else _DAYS, rows)] if rows else [])])


def _duration(seconds: int, *, zh: bool) -> str:
    days, rest = divmod(seconds, _DAY_SECONDS)
    if rest:
        return f"{seconds} 秒" if zh else f"{seconds} s"
    return f"{days} 天" if zh else f"{days} days"


def _percent(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02} %"


def _day(one: TradingDay, *, zh: bool) -> tuple[object, ...]:
    return (
        *(one.day, words.day_status(one.status, zh=zh), yuan(one.reference_fen)),
        f"{yuan(one.low_fen)}-{yuan(one.high_fen)}",
        f"{yuan(one.block_low_fen)}-{yuan(one.block_high_fen)}",
        *(china_time(one.cut_off), one.fills, yuan(one.close_fen)),
    )


def _book(found: Book, *, zh: bool) -> str:
    parts = []
    if found.levels:
        levels = [(words.side(one.side, zh=zh), yuan(one.price_fen), one.tonnes, one.orders) for one in found.levels]
        parts.append(table(_LEVELS_ZH if zh else _LEVELS, levels))
    if found.offers:
        anybody = "任何人" if zh else "anybody"
        offers = [
            (
                *(
                    one.order,
                    words.side(one.side, zh=zh),
                    words.kind(one.kind, zh=zh),
                    yuan(one.price_fen),
                    one.remaining,
                ),
                *(one.minimum_fill, one.account, one.counterparty or anybody, china_time(one.deadline)),
            )
            for one in found.offers
        ]
        parts.append(table(_OFFERS_ZH if zh else _OFFERS, offers))
    return "\n".join(parts) or ("委托簿为空" if zh else "the book is empty")


def _trades(found: list[Trade], *, zh: bool) -> str:
    yes = "是" if zh else "yes"
    rows = [
        (
            *(one.day, one.number, words.kind(one.kind, zh=zh), one.tonnes, yuan(one.price_fen), yuan(one.value_fen)),
            *(yes if one.counted else "-", words.fill_state(one.state, zh=zh), one.buyer or "-", one.seller or "-"),
        )
        for one in found
    ]
    return table(_TRADES_ZH if zh else _TRADES, rows) if rows else ""


def _orders(found: list[OrderShown], *, zh: bool) -> str:
    rows = [
        (
            *(
                one.order,
                one.index,
                asset_name(one.asset, zh=zh),
                words.side(one.side, zh=zh),
                words.kind(one.kind, zh=zh),
            ),
            *(yuan(one.price_fen), one.tonnes, one.remaining),
            words.order_status(one.status, one.reason, zh=zh),
        )
        for one in found
    ]
    return table(_ORDERS_ZH if zh else _ORDERS, rows) if rows else ""


def _trader(found: Trader, *, zh: bool) -> str:
    rows = [
        (
            *(asset_name(one.asset, zh=zh), one.trading, one.locked, one.in_orders, one.unsettled, one.leaving),
            *(one.arriving, one.sellable),
        )
        for one in found.holdings
    ]
    nothing = "交易账户为空" if zh else "nothing to trade"
    whole = table(_TRADER_ZH if zh else _TRADER, rows) if rows else nothing
    return f"{found.identifier}\n{whole}"
