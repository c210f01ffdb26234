"""``tanlu case find``: what the verifier found in the report, on paper or on the site (DOMAIN 44)."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.bodies import Finding
from attestation.judging.cases import NONCONFORMITY
from attestation.refusals import refuse
from tanlu.case_files import read_items
from tanlu.cli import options
from tanlu.cli.case.speaking import Speaking, of_case, speaks


@click.command()
@of_case
@click.argument("items_path", metavar="ITEMS.json", type=options.FILE)
@speaks
def find(*, speaking: Speaking, enterprise: str, year: int, items_path: Path) -> None:
    """Say, as the assigned verifier, what you found in the standing report. 开具核查发现

    ITEMS.json is a list of objects: id, stage (document or site), kind (nonconformity or observation), rule (the clause
    that is not met), text, and line where a line of the report is meant.
    """
    items = read_items(items_path)
    with speaking.open(enterprise, year) as desk:
        standing = desk.file.report
        if standing is None:
            raise refuse("case.report", "none", f"a report of {enterprise} {year}")
        accepted = desk.say("finding", Finding(report=standing.statement_id, items=items))
        waiting = [item.id for item in items if item.kind == NONCONFORMITY]
        desk.result(
            accepted,
            {"report": standing.statement_id, "items": [item.id for item in items], "nonconformities": waiting},
            f"{len(items)} findings, {len(waiting)} of them non-conformities",
            f"已开具 {len(items)} 项核查发现，其中不符合项 {len(waiting)} 项",
        )
