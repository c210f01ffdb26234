"""``tanlu cash move``, ``withdraw``: a holder's own money (DOMAIN 16, 21)."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.assets import CASH_TEXT
from tanlu.admission import file_hash
from tanlu.cli import options
from tanlu.cli.acting import ActDesk
from tanlu.cli.cash.bank import amount
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.positions import yuan
from tanlu.cli.trading import Trading, trades
from tanlu.errors import InputRefused
from tanlu.market import move as moving
from tanlu.market import withdraw as withdrawing


@click.command()
@amount
@click.option("--in/--out", "inward", required=True, help="To trade with it, or back to free. 转入/转出交易账户")
@trades
def move(*, trading: Trading, text: str, inward: bool) -> None:
    """Move cash of your own between free and trading. 资金划转"""
    fen = read_fen(text)
    where, where_zh = ("to trading", "转入交易") if inward else ("out of trading", "转出交易")
    trading.act(
        lambda _: moving(CASH_TEXT, fen, trading.before(), inward=inward),
        (f"CNY {yuan(fen)} moved {where}", f"已{where_zh} {yuan(fen)} 元"),
        (f"move of CNY {yuan(fen)} {where}", f"{where_zh} {yuan(fen)} 元"),
    )


@click.command()
@amount
@click.option("--bank-account", "bank_path", type=options.FILE, help="Compare it with what is bound. 核对银行账户文件")
@trades
def withdraw(*, trading: Trading, text: str, bank_path: Path | None) -> None:
    """Withdraw free cash of your own to the bank account that is bound. 出金

    It is locked until the bank paid (`tanlu cash payout`), or free again where it could not.
    """
    fen = read_fen(text)
    trading.act(
        lambda desk: withdrawing(fen, _bound(desk, bank_path), trading.before()),
        (f"CNY {yuan(fen)} on its way to the bank", f"{yuan(fen)} 元待银行支付"),
        (f"withdrawal of CNY {yuan(fen)}", f"出金 {yuan(fen)} 元"),
    )


def _bound(desk: ActDesk, bank_path: Path | None) -> str:
    """The bound account's hash. What the service says is bound is compared with the holder's own file, where given."""
    bound = desk.client.cash.of(desk.held.card.identifier).bank_account
    given = None if bank_path is None else file_hash(bank_path)
    if bound is None or (given is not None and given != bound):
        raise InputRefused(
            rule="cash.account",
            value="none" if given is None else given,
            expected="an account that two persons bound first" if bound is None else bound,
            message="Money leaves to the bound bank account alone",
            message_zh="资金只能出至已绑定的银行账户",
            expected_zh="先由两人绑定的银行账户" if bound is None else bound,
        )
    return bound
