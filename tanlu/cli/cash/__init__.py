"""``tanlu cash``: money at the custody bank, and in the market (DOMAIN 21): one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.approving import approve, submit
from tanlu.cli.cash.bank import bind, deposit, payout
from tanlu.cli.cash.holding import move, withdraw
from tanlu.cli.cash.reconciling import reconcile
from tanlu.cli.cash.showing import show, total


@click.group()
def command() -> None:
    """Show, move and withdraw cash; bind accounts, enter deposits and payouts, reconcile. 资金

    What the bank received or paid is entered by two persons, each payment once by the bank's reference. A holder
    withdraws to the one bank account that is bound to it. docs/market.md.
    """


for _each in (show, total, move, withdraw, bind, deposit, payout, approve, submit, reconcile):
    command.add_command(_each)
