"""``tanlu case object``, ``tanlu case decide``: against a verdict, and what becomes of that (DOMAIN 44)."""

from __future__ import annotations

import click

from attestation.bodies import DecideObjection, RaiseObjection
from attestation.refusals import refuse
from tanlu.cli.case.speaking import Speaking, of_case, speaks


@click.command("object")
@of_case
@click.option("--grounds", required=True, help="1 to 4,000 characters, in the log to read. 异议理由")
@speaks
def object_command(*, speaking: Speaking, enterprise: str, year: int, grounds: str) -> None:
    """Object, as the enterprise, to the verdict of its case before the window is over. 提出异议"""
    with speaking.open(enterprise, year) as desk:
        verdict = desk.file.verdict
        if verdict is None:
            raise refuse("verdict.unknown", "none", at=f"{enterprise} {year}")
        accepted = desk.say("objection", RaiseObjection(verification=verdict.statement_id, grounds=grounds))
        desk.result(
            accepted,
            {"verification": verdict.statement_id},
            f"objection to the verdict of entry {verdict.index}; the registrar decides",
            f"已对第 {verdict.index} 条记录的结论提出异议，待登记机构裁定",
        )


@click.command()
@of_case
@click.option("--upheld/--refused", default=None, required=True, help="Whether the enterprise is right. 成立或不成立")
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")
@speaks
def decide(*, speaking: Speaking, enterprise: str, year: int, upheld: bool, reason: str) -> None:
    """Decide, as the registrar, on the objection of a case. 裁定异议

    An upheld one voids the verdict and ends the assignment; the same verifier is not eligible in this case any more.
    """
    with speaking.open(enterprise, year) as desk:
        objections = list(desk.context.told.objections.values())
        if not objections:
            raise refuse("objection.unknown", "none", at=f"{enterprise} {year}")
        objection = objections[-1]
        body = DecideObjection(objection=objection.statement_id.hex(), upheld=upheld, reason=reason)
        accepted = desk.say("objection", body)
        said, said_zh = ("upheld: the verdict is void", "成立，结论作废") if upheld else ("refused", "不成立")
        desk.result(
            accepted,
            {"objection": body.objection, "upheld": upheld},
            f"objection of entry {objection.index} {said}",
            f"第 {objection.index} 条记录的异议{said_zh}",
        )
