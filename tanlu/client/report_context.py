"""The log as a report meets it, told by the service: the case, the park's factor sets and the year's policies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from attestation.accounting import FactorSet, ObligationBase
from attestation.facts.cases import ReportRecord
from attestation.facts.policies import FactorSetTerms
from attestation.instants import day_of
from attestation.policies import FACTOR_SET, OBLIGATION_BASE
from ledger.trust import Trust
from tanlu.client.case_context import CaseContext
from tanlu.client.cases import CaseFile
from tanlu.client.keys import NOT_FOUND
from tanlu.errors import RefusedByService

if TYPE_CHECKING:
    from tanlu.client.client import Client
    from tanlu.client.policies import PublishedPolicy


class ReportContext(CaseContext):
    """What verification asks about a report beside the readings that it cites; those, the monitoring plan and the
    serials of certificates raise Untold: the log alone judges them."""

    def __init__(self, client: Client, trust: Trust, enterprise: str, year: int) -> None:
        super().__init__(client, trust, enterprise, year, _case(client, enterprise, year))
        self._trust = trust

    def standing_report(self, enterprise: str, year: int, /) -> ReportRecord | None:
        """The report of the case that no other supersedes, or None; of the years beside it too."""
        if year == self.told.year:
            return super().standing_report(enterprise, year)
        file = _case(self._client, enterprise, year)
        return CaseContext(self._client, self._trust, enterprise, year, file).standing_report(enterprise, year)

    def obligation_base(self, year: int, /) -> str:
        """The base in force for that compliance year, or the default."""
        document = self._client.policy_in_force(OBLIGATION_BASE, year, day_of(self.now))
        return ObligationBase.DIRECT.value if document is None else str(document["base"])

    def factor_set(self, factor_set_id: str, version: str, /) -> FactorSet | None:
        """The published set of that name, or None."""
        found = self._published(factor_set_id, version)
        return None if found is None else FactorSet.from_document(found.document)

    def factor_set_terms(self, factor_set_id: str, version: str, /) -> FactorSetTerms | None:
        """When that version serves, or None for one that is not published."""
        found = self._published(factor_set_id, version)
        return None if found is None else FactorSetTerms(found.serves_from, found.corrected_by)

    def factor_set_serving(self, factor_set_id: str, day: date, /) -> str | None:
        """The version that serves periods whose last day is this one, or None."""
        forced = self._client.policies(policy=FACTOR_SET, on=day.isoformat(), in_force=True)
        return next((one.version for one in forced if one.id == factor_set_id), None)

    def _published(self, factor_set_id: str, version: str) -> PublishedPolicy | None:
        every = self._client.policies(policy=FACTOR_SET)
        return next((one for one in every if (one.id, one.version) == (factor_set_id, version)), None)


def _case(client: Client, enterprise: str, year: int) -> CaseFile | None:
    try:
        return client.case(enterprise, year)
    except RefusedByService as refused:
        if refused.status == NOT_FOUND:
            return None
        raise
