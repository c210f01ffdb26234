"""``tanlu compliance assess``, ``credit``, ``close``: what the registrar settles after a year (DOMAIN 2, 6, 7, 11)."""

from __future__ import annotations

import click

from attestation.bodies import AssessYear, CloseYear, CreditExcess
from attestation.bodies.compliance import ACCOUNTS_LIMIT
from ledger.chain.operations import Kind, operation_id
from tanlu.cli.acting import YEAR, ActDesk, Acting, acts
from tanlu.cli.console import console

_FIRST_PART = bytes(4)
"""An entry closes as many accounts as one call takes."""


@click.command()
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@acts
def assess(*, acting: Acting, enterprise: str, year: int) -> None:
    """Fix, after the deadline, what ENTERPRISE missed of YEAR, and the charge for it. 核定缺口

    Something missing needs the year's price first. Once per registered figure.
    """
    with acting.open() as desk:
        _settle(desk, AssessYear(enterprise=enterprise, year=year), Kind.ASSESS, "assessed", "已核定")


@click.command()
@click.argument("enterprise")
@click.argument("year", type=YEAR)
@acts
def credit(*, acting: Acting, enterprise: str, year: int) -> None:
    """Credit what ENTERPRISE surrendered beyond YEAR's amended figure to the next year. 超额结转为抵减

    Surrendered units never return: the credit counts for the next obligation, and is not traded.
    """
    with acting.open() as desk:
        _settle(desk, CreditExcess(enterprise=enterprise, year=year), Kind.CREDIT, "credited", "已结转为抵减")


@click.command()
@click.argument("year", type=YEAR)
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@acts
def close(*, acting: Acting, year: int, accounts: tuple[str, ...]) -> None:
    """Close YEAR for these ACCOUNTs, else for all that hold its quota freely or have an open obligation. 关闭年度

    What they hold freely of the vintage is cancelled; what is frozen stays. Who holds nothing is closed too, and is
    shown so. One entry closes at most 64 accounts.
    """
    with acting.open() as desk:
        named = sorted({*accounts} if accounts else _open(desk, year), key=str.encode)
        if not named:
            nothing = {"year": year, "accounts": [], "entries": []}
            console().result(
                nothing,
                f"{year} is closed for everybody with an obligation, and nobody holds quota-{year} freely",
                f"{year} 年度对所有履约主体均已关闭，且没有账户持有可注销的 quota-{year}",
            )
            return
        lots = [tuple(named[at : at + ACCOUNTS_LIMIT]) for at in range(0, len(named), ACCOUNTS_LIMIT)]
        entries = [desk.say("compliance", CloseYear(year=year, accounts=lot)) for lot in lots]
        leaves = [bytes.fromhex(accepted.leaf_hash) + _FIRST_PART for accepted in entries]
        desk.result(
            entries[-1],
            [operation_id(desk.trust.deployment_id, Kind.CLOSE_YEAR, leaf) for leaf in leaves],
            {"year": year, "accounts": list(named), "entries": [accepted.index for accepted in entries]},
            f"{year} closed for {len(named)} accounts",
            f"已为 {len(named)} 个账户关闭 {year} 年度",
        )


def _open(desk: ActDesk, year: int) -> set[str]:
    """Who holds quota of the year freely, and whose year was not closed yet: whoever used all of it up is done with the
    year only when that is said."""
    asset = f"quota-{year}"
    held = {
        account.identifier
        for account in desk.client.accounts()
        if any(one.asset == asset and one.registry + one.trading > 0 for one in account.holdings)
    }
    return held | {one.enterprise for one in desk.client.compliance_year(year).positions if not one.closed}


def _settle(desk: ActDesk, body: AssessYear | CreditExcess, kind: Kind, english: str, chinese: str) -> None:
    accepted = desk.say("compliance", body)
    desk.result(
        accepted,
        [operation_id(desk.trust.deployment_id, kind, bytes.fromhex(accepted.leaf_hash))],
        {"enterprise": body.enterprise, "year": body.year},
        f"{body.enterprise} {body.year} {english}",
        f"{body.enterprise} {body.year} 年度{chinese}",
    )
