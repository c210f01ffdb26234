"""``tanlu cash show``, ``tanlu cash total``: an account's money, and the sum of all (DOMAIN 21)."""

from __future__ import annotations

import click
import msgspec

from tanlu.cli.admitting import Looking, looks
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.positions import block_line, yuan
from tanlu.client.cash_answers import CashShown, CashTotal


@click.command()
@click.option("--total", "whole", is_flag=True, help="As `tanlu cash total`. 总额")
@asks
def show(*, asking: Asking, whole: bool) -> None:
    """Show the money of IDENTIFIER, else of the key that signs in. 查看资金"""
    with asking.open() as (client, about):
        if whole:
            _tell(client.cash.total())
            return
        found = client.cash.of(about)
    console().result(msgspec.to_builtins(found), _shown(found, zh=False), _shown(found, zh=True))


@click.command()
@looks
def total(*, looking: Looking) -> None:
    """Show all cash of the ledger, which is what the bank must hold. 账本资金合计

    For whoever oversees: what `tanlu cash reconcile` compares with, and what the last comparison found.
    """
    with looking.client() as client:
        _tell(client.cash.total())


def _tell(found: CashTotal) -> None:
    console().result(msgspec.to_builtins(found), _whole(found, zh=False), _whole(found, zh=True))


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
    text = f"账本资金合计 {yuan(found.total_fen)} 元" if zh else f"all cash of the ledger: CNY {yuan(found.total_fen)}"
    lines = [block_line(found.as_of, zh=zh), text]
    last = found.compared
    if last is not None:
        bank, ledger = yuan(last.bank_fen), yuan(last.ledger_fen)
        lines.append(
            f"最近对账（{last.day}）：银行 {bank} 元，账本 {ledger} 元"
            if zh
            else f"last compared for {last.day}: bank CNY {bank}, ledger CNY {ledger}"
        )
    if found.halted:
        lines.append("资金已停止划转：银行余额与账本不符" if zh else "cash stands still: bank and ledger differ")
    return "\n".join(lines)
