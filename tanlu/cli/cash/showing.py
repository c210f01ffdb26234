"""``tanlu cash show``: an account's money, or the sum of all (DOMAIN 21)."""

from __future__ import annotations

import click
import msgspec

from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.positions import block_line, yuan
from tanlu.client.cash_answers import CashShown, CashTotal


@click.command()
@click.option("--total", is_flag=True, help="All cash of the ledger, for whoever oversees. 总额")
@asks
def show(*, asking: Asking, total: bool) -> None:
    """Show the money of IDENTIFIER, else of the key that signs in. 查看资金"""
    with asking.open() as (client, about):
        if total:
            whole = client.cash.total()
            console().result(msgspec.to_builtins(whole), _whole(whole, zh=False), _whole(whole, zh=True))
            return
        found = client.cash.of(about)
    console().result(msgspec.to_builtins(found), _shown(found, zh=False), _shown(found, zh=True))


def _shown(found: CashShown, *, zh: bool) -> str:
    free, trading, leaving = (yuan(fen) for fen in (found.free_fen, found.trading_fen, found.withdrawing_fen))
    orders, unsettled, bids = (yuan(fen) for fen in (found.in_orders_fen, found.unsettled_fen, found.locked_fen))
    bank = found.bank_account or ("未绑定" if zh else "none bound")
    lines = (
        [
            f"可用 {free} 元（尚可出金 {yuan(found.withdrawable_fen)} 元）；交易 {trading} 元；出金途中 {leaving} 元",
            f"交易资金中：挂单占用 {orders} 元；待交收 {unsettled} 元；竞价锁定 {bids} 元；"
            f"尚可使用 {yuan(found.usable_fen)} 元",
            f"银行账户：{bank}",
        ]
        if zh
        else [
            f"free CNY {free} (to withdraw CNY {yuan(found.withdrawable_fen)}); trading CNY {trading}; "
            f"on its way to the bank CNY {leaving}",
            f"of trading: in orders CNY {orders}; not settled CNY {unsettled}; in sealed bids CNY {bids}; usable CNY "
            f"{yuan(found.usable_fen)}",
            f"bank account: {bank}",
        ]
    )
    return "\n".join([f"{found.identifier} (0x{found.account})", block_line(found.as_of, zh=zh), *lines])


def _whole(found: CashTotal, *, zh: bool) -> str:
    halted = ("资金已暂停：银行余额与账本不符" if zh else "halted: bank and ledger differ") if found.halted else ""
    text = f"账本资金合计 {yuan(found.total_fen)} 元" if zh else f"all cash of the ledger: CNY {yuan(found.total_fen)}"
    return "\n".join(part for part in (block_line(found.as_of, zh=zh), text, halted) if part)
