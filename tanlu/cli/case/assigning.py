"""``tanlu case assign``, ``tanlu case end``: who verifies a case, by the registrar's word (DOMAIN 8, 44)."""

from __future__ import annotations

import click

from attestation.bodies import Appoint, EndAssignment
from attestation.refusals import refuse
from tanlu.cli.case.speaking import Speaking, of_case, speaks

days = (
    click.option("--from", "start", required=True, metavar="YYYY-MM-DD", help="Its first day. 起始日"),
    click.option("--to", "end", required=True, metavar="YYYY-MM-DD", help="The first day after it. 截止日（不含）"),
)


@click.command()
@of_case
@click.option("--verifier", required=True, help="Who verifies. 核查机构")
@days[0]
@days[1]
@speaks
def assign(*, speaking: Speaking, enterprise: str, year: int, verifier: str, start: str, end: str) -> None:
    """Appoint, as the registrar, the verifier of a case. 指派核查机构

    Days are those of China Standard Time. One assignment stands at a time; `tanlu case draw` chooses by lot instead.
    """
    with speaking.open(enterprise, year) as desk:
        body = Appoint(enterprise=enterprise, year=year, verifier=verifier, start=start, end=end)
        accepted = desk.say("assignment", body)
        desk.result(
            accepted,
            {"verifier": verifier, "from": start, "to": end},
            f"{verifier} verifies {enterprise} {year}",
            f"已指派 {verifier} 核查 {enterprise} {year} 年度",
        )


@click.command("end")
@of_case
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")
@speaks
def end(*, speaking: Speaking, enterprise: str, year: int, reason: str) -> None:
    """End, as the registrar, the assignment of a case before its last day. 终止指派"""
    with speaking.open(enterprise, year) as desk:
        current = desk.file.assignment
        if current is None:
            raise refuse("assignment.absent", "none", at=f"{enterprise} {year}")
        accepted = desk.say("assignment", EndAssignment(assignment=current.statement_id, reason=reason))
        desk.result(
            accepted,
            {"verifier": current.verifier, "assignment": current.statement_id},
            f"{current.verifier} verifies {enterprise} {year} no more",
            f"已终止 {current.verifier} 对 {enterprise} {year} 年度的核查",
        )
