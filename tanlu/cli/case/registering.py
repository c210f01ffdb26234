"""``tanlu case register``: the verifier's word for the contract over the verified figure (DOMAIN 2, 44)."""

from __future__ import annotations

import click

from attestation.bodies import Verification
from attestation.envelope import Statement
from attestation.examination import examine
from attestation.judging.cases import counted_figures
from attestation.refusals import refuse
from attestation.verification import check_signature, find_key
from tanlu import casework
from tanlu.cli.case.speaking import CaseDesk, Speaking, of_case, speaks


@click.command()
@of_case
@speaks
def register(*, speaking: Speaking, enterprise: str, year: int) -> None:
    """Register, as its verifier, the verified figure once the objection window is over. 登记排放量

    --key is an ES256K key for `statement`: the emissions registry takes the figure by its signature. Report and verdict
    are fetched, their signatures checked, and the leaves that are signed computed from their bytes.
    """
    with speaking.open(enterprise, year) as desk:
        told = desk.context.told
        verdict, domain = desk.file.verdict, desk.trust.emissions_domain
        if verdict is None:
            raise refuse("verdict.unknown", "none", at=f"{enterprise} {year}")
        if domain is None:
            raise refuse("registration.no_registry", enterprise)
        record = told.verdicts[bytes.fromhex(verdict.statement_id)]
        judged = _examined(desk, record.index)
        report = _examined(desk, told.reports[record.report].index)
        if not isinstance(judged.body, Verification):
            raise TypeError(f"entry {record.index} was a verdict before")
        if judged.body.verified is None:
            raise refuse("registration.verdict", f"{judged.body.conclusion} {verdict.statement_id}")
        body = casework.register(
            domain,
            desk.held.private,
            judged.body,
            casework.Leaves(report=report.leaf_hash, verdict=judged.leaf_hash),
            verdict.statement_id,
            enterprise=enterprise,
            year=year,
            revision=len(counted_figures(enterprise, year, desk.context)) + 1,
        )
        accepted = desk.say("registration", body)
        desk.result(
            accepted,
            {"tonnes": body.tonnes, "revision": body.revision, "verification": verdict.statement_id},
            f"{body.tonnes} t of {enterprise} {year} registered, revision {body.revision}",
            f"已登记 {enterprise} {year} 年度 {body.tonnes} 吨，第 {body.revision} 版",
        )


def _examined(desk: CaseDesk, index: int) -> Statement:
    """The entry, by the key that the log has of its signer."""
    statement = examine(desk.client.entry(index).entry.encode("ascii"), desk.trust.log)
    # Who signs for a contract does not take the service's word for whose report it is.
    check_signature(statement, find_key(statement, desk.context).key)
    return statement
