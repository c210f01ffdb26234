"""What a verifier examines: the report of a case as the log has it, with the factors and rules that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attestation.accounting import CemsRules, FactorSet
from attestation.accounting.report import check_report
from attestation.bodies import Report
from attestation.facts.cases import ReportRecord
from attestation.policies import FACTOR_SET
from attestation.refusals import refuse
from tanlu.client import Client
from tanlu.client.case_context import CaseContext
from tanlu.reporting import factor_set_of


@dataclass(frozen=True, slots=True)
class Examination:
    """The standing report of a case and the first one, and what its figures are recomputed with."""

    report: ReportRecord
    first: ReportRecord
    factor_set: FactorSet
    cems: CemsRules


def examine_report(
    client: Client, context: CaseContext, *, named: str | None = None, factor_file: Path | None = None
) -> Examination:
    """The standing report, recomputed.

    ``named`` is the statement id that the caller believes to stand; ``factor_file`` the document of the factor set that
    the report names, else the log's own is taken, else the bundled one. Raises SequenceRefused (``case.report``,
    ``case.outdated``) and whatever refuses a report with these figures (``line.emissions``, ``total.…``).
    """
    told = context.told
    standing = told.standing_report
    if standing is None:
        raise refuse("case.report", named or "none", f"a report of {told.enterprise} {told.year}")
    if named is not None and named != standing.statement_id.hex():
        raise refuse("case.outdated", named, standing.statement_id.hex())
    rules = context.rules(told.year)
    cems = CemsRules(rules.cems_completeness, rules.cems_substitution)
    factor_set = _factor_set(client, standing.body, factor_file)
    check_report(standing.body, factor_set, standing.body.totals.obligation_base, cems)
    return Examination(standing, next(iter(told.reports.values())), factor_set, cems)


def _factor_set(client: Client, report: Report, path: Path | None) -> FactorSet:
    named = report.factor_set
    if path is None:
        for policy in client.policies(policy=FACTOR_SET):
            if (policy.id, policy.version) == (named.id, named.version):
                return FactorSet.from_document(policy.document)
    return factor_set_of(f"{named.id}@{named.version}", path)
