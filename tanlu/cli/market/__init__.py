"""``tanlu market``: quota between the park's enterprises (DOMAIN 12 to 20): one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.approving import approve, submit
from tanlu.cli.market.auctions import auctions
from tanlu.cli.market.bidding import auction, bid, clear, lot, reveal
from tanlu.cli.market.days import close, halt, open_, resume
from tanlu.cli.market.ordering import accept, buy, cancel, cancel_all, sell
from tanlu.cli.market.replaying import replay
from tanlu.cli.market.showing import account, book, candles, fills, orders, show, trades
from tanlu.cli.market.terms import reference, terms
from tanlu.cli.market.watching import statistics, watch


@click.group()
def command() -> None:
    """Trade quota: orders, book, trades, days, auctions. 配额交易

    A holder signs an order with its ES256K key for `asset`; units and cash move into the trading balance first (`tanlu
    quota move`, `tanlu cash move`). The log matches an order when it takes it; the exchange contract settles each trade
    at once, units against cash. Terms and reference prices are acts of two persons. docs/market.md.
    """


for _each in (
    show,
    book,
    trades,
    candles,
    statistics,
    watch,
    account,
    orders,
    fills,
    auctions,
    buy,
    sell,
    accept,
    cancel,
    cancel_all,
    lot,
    bid,
    reveal,
    terms,
    reference,
    approve,
    submit,
    open_,
    halt,
    resume,
    close,
    replay,
    auction,
    clear,
):
    command.add_command(_each)
