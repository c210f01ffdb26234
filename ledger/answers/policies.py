"""Answers ``attestation.facts.policies`` from the tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from attestation.facts.policies import Decision, FactorSetTerms
from attestation.instants import day_of
from attestation.policies import (
    CALENDAR,
    COVERAGE_LIST,
    FACTOR_SET,
    OBLIGATION_BASE,
    RULES,
    Calendar,
    CoverageList,
    Rules,
    default_calendar,
    in_force,
    read_calendar,
    read_coverage_list,
    read_rules,
    serving_day,
)
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, Policy
from ledger.db.policies import PolicyRepository

DEFAULT_BASE = "direct"


class PolicyAnswers:
    """Part of ``ledger.context.LedgerContext``. "In force" is as of the day of the acceptance."""

    identities: IdentityRepository
    published: PolicyRepository
    _now: int

    def obligation_base(self, year: int, /) -> str:
        """See ``Context``."""
        document = self._document(OBLIGATION_BASE, year)
        return DEFAULT_BASE if document is None else str(document["base"])

    def rules(self, year: int, /) -> Rules:
        """See ``Context``."""
        document = self._document(RULES, year)
        return Rules(year) if document is None else read_rules(document)

    def calendar(self, year: int, /) -> Calendar:
        """See ``Context``."""
        document = self._document(CALENDAR, year)
        return default_calendar(year) if document is None else read_calendar(document)

    def coverage_list(self, year: int, /) -> CoverageList | None:
        """See ``Context``."""
        document = self._document(COVERAGE_LIST, year)
        return None if document is None else read_coverage_list(document)

    def factor_set_terms(self, factor_set_id: str, version: str, /) -> FactorSetTerms | None:
        """See ``Context``."""
        row = self.identities.policy(FACTOR_SET, factor_set_id, version)
        if row is None:
            return None
        correction = self.published.correction_of(factor_set_id, version)
        since, place = row.effective_from, self.published.corrected_by(factor_set_id, version)
        while place is not None:
            corrected = self.identities.policy(FACTOR_SET, factor_set_id, place.version)
            if corrected is not None:
                since = min(since, corrected.effective_from)
            place = self.published.corrected_by(factor_set_id, place.version)
        return FactorSetTerms(since, None if correction is None else correction.by_version)

    def factor_set_serving(self, factor_set_id: str, day: date, /) -> str | None:
        """See ``Context``."""
        serving: tuple[str, int, str] | None = None
        for version, index in self.published.versions(FACTOR_SET, factor_set_id):
            terms = self.factor_set_terms(factor_set_id, version)
            if terms is None or terms.corrected_by is not None or terms.effective_from > day.isoformat():
                continue
            place = (terms.effective_from, index, version)
            serving = place if serving is None else max(serving, place)
        return None if serving is None else serving[2]

    def decided(self, year: int, /) -> Decision | None:
        """See ``Context``."""
        return _decision(self.published.last_decision(year))

    def decided_with(self, factor_set_id: str, /) -> Decision | None:
        """See ``Context``."""
        return _decision(self.published.last_decision_with(factor_set_id))

    def policy_in_force(self, policy: str, year: int) -> Policy | None:
        """The version of a kind that is in force for a compliance year, or None where its defaults hold."""
        versions = self.published.of_year(policy, year)
        if not versions:
            return None
        first = self.published.first_decision(year)
        decided_from = None if first is None else day_of(first.accepted_at)
        return in_force(versions, serving_day(policy, day_of(self._now), decided_from))

    def _document(self, policy: str, year: int) -> dict[str, Any] | None:
        found = self.policy_in_force(policy, year)
        return None if found is None else found.document


def _decision(entry: Entry | None) -> Decision | None:
    return None if entry is None else Decision(entry.index, entry.type, entry.accepted_at)
