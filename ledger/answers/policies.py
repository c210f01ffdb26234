"""Answers ``attestation.facts.policies`` from the tables."""

from __future__ import annotations

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
)
from ledger.db.identities import IdentityRepository

DEFAULT_BASE = "direct"


class PolicyAnswers:
    """Part of ``ledger.context.LedgerContext``. "In force" is as of the day of the acceptance."""

    identities: IdentityRepository
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
        return FactorSetTerms(row.effective_from, None)

    def decided(self, year: int, /) -> Decision | None:
        """See ``Context``."""
        return None

    def decided_with(self, factor_set_id: str, /) -> Decision | None:
        """See ``Context``."""
        return None

    def _document(self, policy: str, year: int) -> dict[str, Any] | None:
        found = in_force(self.identities.policies_of_year(policy, year), day_of(self._now))
        return None if found is None else found.document
