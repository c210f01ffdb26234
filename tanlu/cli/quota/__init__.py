"""``tanlu quota``: what two persons, the registrar and holders do to units: one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.approving import approve, submit
from tanlu.cli.quota.freezing import confirm_freeze, freeze, freeze_at_once, lapse, release
from tanlu.cli.quota.moving import move
from tanlu.cli.quota.offsets import ccer
from tanlu.cli.quota.orders import cancel, carry_in, issue, resume, suspend, transfer
from tanlu.cli.quota.owing import collect
from tanlu.cli.quota.retiring import retire


@click.group()
def command() -> None:
    """Issue, transfer, freeze, cancel units by two persons; retire or move one's own. 配额的发放、划转、冻结与注销

    An act of two persons is a proposal in a file first (-o); each person signs it (`approve`), the registrar submits it
    with both approvals (`submit`). With --as the proposal is judged by balances and dates too, before anybody signs.
    docs/quota.md.
    """


for _each in (
    issue,
    transfer,
    cancel,
    carry_in,
    ccer,
    freeze,
    freeze_at_once,
    confirm_freeze,
    lapse,
    release,
    suspend,
    resume,
    approve,
    submit,
    collect,
    retire,
    move,
):
    command.add_command(_each)
