"""The market as it happens, and figures of it (DOMAIN 12 to 15)."""

from __future__ import annotations

import json

import click
import msgspec

from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import CommandRefused, console
from tanlu.cli.positions import yuan
from tanlu.cli.tables import table
from tanlu.client.feed_answers import (
    BookChanged,
    CandleChanged,
    DayChanged,
    DayStatistics,
    FillChanged,
    MarketEvent,
    Statistics,
)
from tanlu.client.market_answers import OrderShown

_DAYS = ("day", "trades", "tonnes", "value", "average", "first", "highest", "lowest", "last", "close", "accounts")
_DAYS_ZH = ("交易日", "成交笔数", "吨", "金额", "均价", "开盘", "最高", "最低", "最新", "收盘价", "交易户数")
_KINDS = ("kind", "trades", "tonnes", "value", "average")
_KINDS_ZH = ("方式", "成交笔数", "吨", "金额", "均价")
_NAMES_ZH = {"listed": "挂牌", "block": "大宗", "bilateral": "双边", "auction": "竞价"}
_STEPS_ZH = {"open": "开市", "halt": "暂停", "resume": "恢复", "close": "收市", "reference": "参考价"}
_STATES_ZH = {
    "matched": "已撮合",
    "settled": "已结算",
    "final": "已终局",
    "undone": "已撤销",
    "open": "未结",
    "filled": "已成交",
    "cancelled": "已撤单",
    "ended": "已终止",
    "refused": "合约拒绝",
}
_SIDES_ZH = {"buy": "买", "sell": "卖"}


@click.command()
@click.argument("asset", required=False)
@click.option("--own", is_flag=True, help="Your own orders and fills instead of an asset. 本方委托与成交")
@click.option("--since", metavar="ID", help="After this event, or after the book of this id. 从该编号之后开始")
@click.option("--count", type=click.IntRange(1), help="End after so many events. 收到若干事件后结束")
@looks
def watch(*, looking: Looking, asset: str | None, own: bool, since: str | None, count: int | None) -> None:
    """Follow ASSET's book, trades, candles and days as they change, or your --own things. 实时行情

    One line an event, with --json one JSON object a line; ends with Ctrl-C. A lost connection is taken up again after
    the last event. Each line ends with the event's id, from which --since goes on.
    """
    if own is (asset is not None):
        raise CommandRefused(
            "market.watch",
            asset or "nothing",
            "ASSET, or --own",
            "Name an asset, or ask for your own things with --own; not both.",
            "请指定资产，或用 --own 查看本方委托与成交，二者择一。",
        )
    with looking.client() as client:
        for number, event in enumerate(client.market.events(asset, since=since), start=1):
            click.echo(_line(event))
            if number == count:
                return


@click.command()
@click.argument("asset")
@click.option("--from", "first", type=int, metavar="YYYYMMDD", help="The first day. 起始日")
@click.option("--to", "last", type=int, metavar="YYYYMMDD", help="The last day. 终止日")
@looks
def statistics(*, looking: Looking, asset: str, first: int | None, last: int | None) -> None:
    """Show figures of ASSET's trading days: trades, tonnes, value, prices, each kind apart. 成交统计

    Prices are of the trades that are part of the close; average is value by tonnes of all trades, half-up to the fen.
    """
    with looking.client() as client:
        found = client.market.statistics(asset, first, last)
    console().result(msgspec.to_builtins(found), _statistics(found, zh=False), _statistics(found, zh=True))


def _line(event: MarketEvent) -> str:
    if console().json:
        told = {"id": event.id, "event": event.name, "data": msgspec.to_builtins(event.body)}
        return json.dumps(told, ensure_ascii=False)
    return f"{console().pick(_said(event, zh=False), _said(event, zh=True))}  [{event.id}]"


def _said(event: MarketEvent, *, zh: bool) -> str:
    body = event.body
    match body:
        case BookChanged():
            levels = [
                f"{_word(one.side, _SIDES_ZH, zh)} {yuan(one.price_fen)}: {one.tonnes} t ({one.orders})"
                for one in body.levels
            ]
            offers = [f"{one.order[:12]}… {one.remaining} t @ {yuan(one.price_fen)}" for one in body.offers]
            return f"{'委托簿' if zh else 'book'}  {'; '.join(levels + offers)}"
        case FillChanged():
            name = ("本方成交" if zh else "fill") if event.name == "fill" else ("成交" if zh else "trade")
            trade, state = body.trade, _word(body.state, _STATES_ZH, zh)
            what = f"{trade.day} #{trade.number}  {trade.tonnes} t @ {yuan(trade.price_fen)}  {state}"
            return f"{name}  {what}{f' ({trade.reason})' if trade.reason else ''}"
        case CandleChanged():
            one = body.candle
            prices = "/".join(yuan(price) for price in (one.open_fen, one.high_fen, one.low_fen, one.last_fen))
            return f"{'行情' if zh else 'candle'}  {one.day}  {prices}  {one.volume} t"
        case DayChanged():
            what, day = _word(body.what, _STEPS_ZH, zh), "" if body.day is None else f"  {body.day.day}"
            price = body.reference_fen if body.day is None or body.day.close_fen is None else body.day.close_fen
            return f"{'交易日' if zh else 'day'}{day}  {what}  {yuan(price)}"
        case OrderShown():
            status = _word(body.status, _STATES_ZH, zh)
            side = _word(body.side, _SIDES_ZH, zh)
            left = f"{body.remaining}/{body.tonnes} t @ {yuan(body.price_fen)}"
            return f"{'委托' if zh else 'order'}  {body.order[:12]}…  {side} {left}  {status}"


def _word(word: str, chinese: dict[str, str], zh: bool) -> str:
    return chinese[word] if zh else word


def _statistics(found: Statistics, *, zh: bool) -> str:
    if not found.days:
        return "没有交易日" if zh else "no trading days"
    days = table(_DAYS_ZH if zh else _DAYS, [_day(one) for one in found.days])
    together = found.together
    kinds = [
        (_word(name, _NAMES_ZH, zh), total.trades, total.tonnes, yuan(total.value_fen), yuan(total.vwap_fen))
        for name, total in (
            ("listed", together.listed),
            ("block", together.block),
            ("bilateral", together.bilateral),
            ("auction", together.auction),
        )
    ]
    who = f"交易户数 {together.participants}" if zh else f"{together.participants} accounts took part"
    return "\n".join((days, table(_KINDS_ZH if zh else _KINDS, kinds), who))


def _day(one: DayStatistics) -> tuple[object, ...]:
    figures, total = one.figures, one.figures.total
    prices = (figures.open_fen, figures.high_fen, figures.low_fen, figures.last_fen, one.close_fen)
    said = (one.day, total.trades, total.tonnes, yuan(total.value_fen), yuan(total.vwap_fen))
    return (*said, *map(yuan, prices), figures.participants)
