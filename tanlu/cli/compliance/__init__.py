"""``tanlu compliance``: how a year is met, and what is settled after it: one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.approving import approve, submit
from tanlu.cli.compliance.settling import assess, close, credit
from tanlu.cli.compliance.showing import show
from tanlu.cli.compliance.terms import price, terms


@click.group()
def command() -> None:
    """Show how a year is met; set its terms and price, assess, credit, close. 履约条件、核定与关闭

    Terms and price are acts of two persons: a proposal in a file (-o), two approvals (`approve`), the registrar's
    submission (`submit`). What a shortfall or an excess is, the contract computes. docs/quota.md.
    """


for _each in (show, terms, price, approve, submit, assess, credit, close):
    command.add_command(_each)
