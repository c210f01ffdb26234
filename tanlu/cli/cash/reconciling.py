"""``tanlu cash reconcile``: the bank's balance beside the ledger's cash, each day (DOMAIN 21)."""

from __future__ import annotations

import click

from ledger.chain.operations import Kind, operation_id
from tanlu.cli.acting import ActDesk, Acting, acts
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.console import ExitCode, console
from tanlu.cli.market.days import DAY
from tanlu.cli.positions import yuan
from tanlu.market_office import reconcile as reconciling


@click.command()
@click.argument("day", type=DAY)
@click.option("--bank-balance", "text", metavar="CNY", required=True, help="At the end of DAY. 银行日终余额（元）")
@acts
def reconcile(*, acting: Acting, day: int, text: str) -> None:
    """Compare, as the registrar, the bank's balance at the end of DAY (YYYYMMDD) with the ledger's cash. 日终对账

    Where they differ, no cash moves and nothing is settled until a comparison that fits: both sums are said, and the
    exit code is 5. `tanlu cash total` says the ledger's sum beforehand. With --wait it is what the exchange compared;
    without, what the service has read of the chain by now.
    """
    body = reconciling(day, read_fen(text))
    with acting.open() as desk:
        accepted = desk.say("cash", body)
        operation = operation_id(desk.trust.deployment_id, Kind.RECONCILE, bytes.fromhex(accepted.leaf_hash))
        ledger = _ledger_fen(desk, operation, day, body.bank_fen)
        differs = ledger != body.bank_fen
        if differs:
            console().note(
                "cash stands still: no money moves, no order is placed, nothing is settled until a comparison fits",
                "资金停止划转：不得划转与申报，不予交收，直至对账相符",
            )
        members = {
            "action": body.action,
            "day": day,
            "bank_fen": body.bank_fen,
            "ledger_fen": ledger,
            "agrees": not differs,
        }
        desk.result(accepted, [operation], members, *(_said(day, body.bank_fen, ledger, zh=zh) for zh in (False, True)))
        if differs:
            click.get_current_context().exit(ExitCode.DIFFERS)


def _ledger_fen(desk: ActDesk, operation: bytes, day: int, bank_fen: int) -> int:
    """The sum that the exchange compared, where one waits for it and it is there; else what there is by now."""
    if desk.acting.wait:
        desk.client.operation(operation.hex(), wait=desk.acting.wait, until=desk.acting.until)
    total = desk.client.cash.total()
    told = total.compared
    compared = told is not None and (told.day, told.bank_fen) == (day, bank_fen)
    return told.ledger_fen if told is not None and compared else total.total_fen


def _said(day: int, bank: int, ledger: int, *, zh: bool) -> str:
    apart = yuan(abs(bank - ledger))
    if zh:
        both = f"{day} 日终银行余额 {yuan(bank)} 元，账本资金合计 {yuan(ledger)} 元"
        return f"{both}，相符" if bank == ledger else f"{both}，相差 {apart} 元"
    both = f"the bank held CNY {yuan(bank)} at the end of {day}, the ledger's cash is CNY {yuan(ledger)}"
    return f"{both}: they agree" if bank == ledger else f"{both}: they differ by CNY {apart}"
