"""``tanlu quota issue``, ``transfer``, ``cancel``, ``carry-in``, ``suspend``, ``resume``: orders of two persons (DOMAIN
22 to 24)."""

from __future__ import annotations

from typing import Any

import click

from attestation.bodies import CancelUnits, CarryIn, IssueUnits, SuspendAccount, TransferUnits
from attestation.bodies.holdings import CAUSES
from tanlu.cli import options
from tanlu.cli.acting import YEAR, tonnes
from tanlu.cli.proposing import Proposing, proposes
from tanlu.trustfile import load_trust

_asset = click.option("--asset", required=True, help="quota-YEAR or ccer. 资产")


@click.command()
@click.argument("vintage", type=YEAR)
@tonnes
@click.option("--account", help="The park's account; else of whoever keeps the register. 园区账户")
@proposes
def issue(*, proposing: Proposing, vintage: int, tonnes: int, account: str | None) -> None:
    """Propose new quota of VINTAGE for the park's reserve. 发放配额

    All that is issued of a vintage is its cap.
    """
    park = account or load_trust(proposing.trust_path).registrar_identifier
    proposing.propose("holding", IssueUnits(account=park, vintage=vintage, tonnes=tonnes, **proposing.grounds))


@click.command()
@click.argument("sender")
@click.argument("receiver")
@_asset
@tonnes
@click.option("--cause", type=click.Choice(CAUSES), required=True, help="Why units move without a trade. 事由")
@click.option("--freeze", metavar="OP", type=options.OPERATION, help="Take them out of this freeze. 自该冻结中划出")
@options.reverses
@proposes
def transfer(*, proposing: Proposing, **members: Any) -> None:
    """Propose that units of SENDER move to RECEIVER without a trade. 非交易划转

    CCER move by succession alone. A reserve grant is from the park to an enterprise. With --reverses a correction takes
    a settled trade's units from its buyer back to its seller. docs/powers.md.
    """
    proposing.propose("holding", TransferUnits(**members, **proposing.grounds))


@click.command()
@click.argument("account")
@_asset
@tonnes
@proposes
def cancel(*, proposing: Proposing, account: str, asset: str, tonnes: int) -> None:
    """Propose that units of ACCOUNT are cancelled by order, for good. 强制注销

    A holder cancels its own with `tanlu quota retire`.
    """
    proposing.propose("holding", CancelUnits(account=account, asset=asset, tonnes=tonnes, **proposing.grounds))


@click.command("carry-in")
@click.argument("account")
@_asset
@tonnes
@proposes
def carry_in(*, proposing: Proposing, account: str, asset: str, tonnes: int) -> None:
    """Propose a balance of quota from before the ledger: once per ACCOUNT and asset. 期初余额结转

    The ledger keeps it marked "carried in, not proved here".
    """
    proposing.propose("holding", CarryIn(account=account, asset=asset, tonnes=tonnes, **proposing.grounds))


@click.command()
@click.argument("account")
@proposes
def suspend(*, proposing: Proposing, account: str) -> None:
    """Propose that nothing leaves ACCOUNT from now on. 暂停账户"""
    proposing.propose("holding", SuspendAccount(account=account, suspended=True, **proposing.grounds))


@click.command()
@click.argument("account")
@proposes
def resume(*, proposing: Proposing, account: str) -> None:
    """Propose that a suspended ACCOUNT is free again. 恢复账户"""
    proposing.propose("holding", SuspendAccount(account=account, suspended=False, **proposing.grounds))
