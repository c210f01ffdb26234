"""``tanlu cash bind``, ``deposit``, ``payout``: the bank's word (DOMAIN 21, 23)."""

from __future__ import annotations

from pathlib import Path

import click

from tanlu.admission import file_hash
from tanlu.cli import options
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.proposing import Writing, writes
from tanlu.client import Client
from tanlu.errors import RefusedByService
from tanlu.market_office import bind as binding
from tanlu.market_office import deposit as depositing
from tanlu.market_office import payout as paying
from tanlu.proposals import AskedWithdrawal, Proposal, asked_withdrawal

_NOT_FOUND = 404
amount = click.option("--amount", "text", metavar="CNY", required=True, help="Such as 43750.00. 金额（元）")
_REFERENCE = click.option(
    "--bank-reference", required=True, metavar="TEXT", help="The bank's own, which counts once. 银行流水号"
)


@click.command()
@click.argument("account")
@click.option(
    "--bank-account",
    "bank_path",
    type=options.FILE,
    required=True,
    help="File that names bank, number and holder; its hash stands for it, the file stays. 银行账户文件",
)
@click.option("--document", type=options.FILE, required=True, help="What it rests on; its hash is signed. 依据文件")
@writes
def bind(*, writing: Writing, account: str, bank_path: Path, document: Path) -> None:
    """Propose the one bank account, of the same name, that ACCOUNT's money leaves to. 绑定银行账户"""
    with writing.open() as desk:
        desk.propose(Proposal("cash", binding(account, file_hash(bank_path), file_hash(document))))


@click.command()
@click.argument("account")
@amount
@_REFERENCE
@options.reverses
@writes
def deposit(*, writing: Writing, account: str, text: str, bank_reference: str, reverses: str | None) -> None:
    """Propose what the bank received for ACCOUNT. 入金

    With --reverses it is what the buyer of a settled trade gets back: no more than it paid. docs/powers.md.
    """
    fen = read_fen(text)
    with writing.open() as desk:
        desk.propose(Proposal("cash", depositing(account, fen, bank_reference, reverses)))


@click.command()
@click.argument("withdrawal", metavar="OP", type=options.OPERATION)
@click.option("--paid/--failed", default=True, show_default=True, help="Failed: it is free again. 已付/未付")
@_REFERENCE
@writes
def payout(*, writing: Writing, withdrawal: str, paid: bool, bank_reference: str) -> None:
    """Propose what the bank did with the withdrawal OP. 出金结果

    With --as the proposal carries the withdrawal's entry: who approves reads whom the bank pays, how much, where to.
    """
    with writing.open() as desk:
        asked = None if desk.client is None else _asked(desk.client, withdrawal, desk.trust.log)
        desk.propose(Proposal("cash", paying(withdrawal, bank_reference, paid=paid), withdrawal=asked))


def _asked(client: Client, withdrawal: str, log: str) -> AskedWithdrawal | None:
    try:
        index = client.operation(withdrawal).index
    except RefusedByService as refused:
        if refused.status != _NOT_FOUND:
            raise
        # The log's own rules say so next.
        return None
    return None if index is None else asked_withdrawal(client.entry(index).entry, index, withdrawal, log)
