"""``tanlu quota collect``: what is owed after reconciliation and was not returned in time (DOMAIN 31)."""

from __future__ import annotations

import click

from attestation.bodies import CollectOwed
from ledger.chain.operations import Kind, operation_id
from tanlu.cli.acting import YEAR, Acting, acts


@click.command()
@click.argument("account")
@click.argument("vintage", type=YEAR)
@acts
def collect(*, acting: Acting, account: str, vintage: int) -> None:
    """Take back, as the registrar, what ACCOUNT owes and did not return, in VINTAGE. 收回应退配额

    After its time, as far as the account holds units of the vintage freely.
    """
    with acting.open() as desk:
        accepted = desk.say("holding", CollectOwed(account=account, vintage=vintage))
        operation = operation_id(desk.trust.deployment_id, Kind.COLLECT, bytes.fromhex(accepted.leaf_hash))
        desk.result(
            accepted,
            [operation],
            {"account": account, "vintage": vintage},
            f"what {account} owes is collected in quota-{vintage}",
            f"以 quota-{vintage} 收回 {account} 的应退配额",
        )
