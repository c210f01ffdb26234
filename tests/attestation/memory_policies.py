"""The part of the log in memory that answers `attestation.facts.policies`."""

from __future__ import annotations

from types import SimpleNamespace

from attestation.facts.policies import Decision, FactorSetTerms
from attestation.instants import day_of
from attestation.policies import (
    OF_A_YEAR,
    CoverageList,
    Rules,
    default_calendar,
    in_force,
    read_base,
    read_calendar,
    read_coverage_list,
    read_rules,
    serving_day,
)
from attestation.statements import Policy, Report


class MemoryPolicyFacts:
    """Recomputes every answer from the entries."""

    def _in_force(self, policy: str, year: int):
        found = [
            SimpleNamespace(effective_from=body.effective_from, entry_index=logged.index, document=body.document)
            for logged, body in self._of(Policy)
            if body.policy == policy and policy in OF_A_YEAR and body.document["year"] == year
        ]
        first = self._decision(year, 0)
        day = serving_day(policy, day_of(self.now), None if first is None else day_of(first.at))
        best = in_force(found, day)
        return None if best is None else best.document

    def obligation_base(self, year: int, /) -> str:
        document = self._in_force("obligation-base", year)
        return "direct" if document is None else read_base(document)[1]

    def rules(self, year: int, /) -> Rules:
        document = self._in_force("rules", year)
        return Rules(year) if document is None else read_rules(document)

    def calendar(self, year: int, /):
        document = self._in_force("calendar", year)
        return default_calendar(year) if document is None else read_calendar(document)

    def coverage_list(self, year: int, /) -> CoverageList | None:
        document = self._in_force("coverage-list", year)
        return None if document is None else read_coverage_list(document)

    def factor_set_terms(self, factor_set_id: str, version: str, /) -> FactorSetTerms | None:
        sets = {b.version: b for _, b in self._of(Policy) if (b.policy, b.id) == ("factor-set", factor_set_id)}
        if version not in sets:
            return None
        corrected_by = next((b.version for b in sets.values() if b.corrects and b.corrects.version == version), None)
        body = sets[version]
        since = body.effective_from
        while body.corrects is not None:
            body = sets[body.corrects.version]
            since = min(since, body.effective_from)
        return FactorSetTerms(since, corrected_by)

    def factor_set_serving(self, factor_set_id: str, day, /) -> str | None:
        versions = [
            (self.factor_set_terms(factor_set_id, body.version), logged.index, body.version)
            for logged, body in self._of(Policy)
            if (body.policy, body.id) == ("factor-set", factor_set_id)
        ]
        begun = [
            (terms.effective_from, index, version)
            for terms, index, version in versions
            if terms.corrected_by is None and terms.effective_from <= day.isoformat()
        ]
        return max(begun)[2] if begun else None

    def _reports(self) -> dict[str, Report]:
        return {logged.statement.statement_id.hex(): body for logged, body in self._of(Report)}

    def decided(self, year: int, /) -> Decision | None:
        return self._decision(year, -1)

    def _decision(self, year: int, place: int) -> Decision | None:
        reports = self._reports()
        found = self._decisions(
            lambda type_, body: (reports[body.report].year if type_ == "verification" else body.year) == year
        )
        return found[place] if found else None

    def decided_with(self, factor_set_id: str, /) -> Decision | None:
        reports = self._reports()
        found = self._decisions(
            lambda type_, body: type_ == "verification" and reports[body.report].factor_set.id == factor_set_id
        )
        return found[-1] if found else None

    def _decisions(self, wanted) -> list[Decision]:
        return [
            Decision(logged.index, logged.statement.type, logged.accepted_at)
            for logged in self.entries
            if logged.statement.type in {"verification", "determination", "registration"}
            and wanted(logged.statement.type, logged.statement.body)
        ]
