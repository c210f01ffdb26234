"""What the park published, as it is shown: every version, which is in force on a day, what corrects what, and which
reports were judged by a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from attestation.instants import day_of
from attestation.policies import in_force, serving_day
from ledger.answers.policies import PolicyAnswers
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Policy
from ledger.db.policies import PolicyRepository


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """A version of a policy. ``leaf_hash``: that of its entry, by which decisions cite it (32 bytes). ``in_force``: on
    the day that was asked about; of a factor set the one version that reports are judged by. ``serves_from``: its first
    day; of a version that corrects another one that one's, if that is earlier."""

    policy: str
    id: str
    version: str
    year: int | None
    effective_from: str
    serves_from: str
    index: int
    leaf_hash: bytes
    accepted_at: int
    in_force: bool
    corrects: str | None
    corrected_by: str | None
    reason: str | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TouchedReport:
    """A report that was judged by a version of a policy. ``statement_id``: 32 bytes; ``superseded_by``: the position of
    the report that takes its place, or None."""

    index: int
    statement_id: bytes
    issuer: str
    year: int
    period_start: int
    period_end: int
    accepted_at: int
    superseded_by: int | None


class _Answers(PolicyAnswers):
    """What acceptance asks of the published versions, so that a listing says what reports are judged by."""

    def __init__(self, session: Session) -> None:
        self.identities, self.published = IdentityRepository(session), PolicyRepository(session)


class PolicyReader:
    """Read access to the policies of one log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def published(self, day: date, *, policy: str | None = None, year: int | None = None) -> list[PublishedPolicy]:
        """Every version in log order, of that kind and that year where they are given, and whether it is in force on
        ``day``."""
        with self._database.read() as session:
            repository, entries = PolicyRepository(session), EntryRepository(session)
            rows = repository.all(policy, year)
            corrections = repository.corrections()
            corrected = {(each.policy_id, each.version): each for each in corrections}
            correcting = {(each.policy_id, each.by_version): each for each in corrections}
            answers = _Answers(session)
            forced = _in_force(repository, rows, day) | _serving(answers, rows, day)
            found = []
            for row in rows:
                entry = entries.require(row.entry_index)
                name = (row.policy_id, row.version)
                ended = corrected.get(name) if row.year is None else None
                begun = correcting.get(name) if row.year is None else None
                found.append(
                    PublishedPolicy(
                        policy=row.policy,
                        id=row.policy_id,
                        version=row.version,
                        year=row.year,
                        effective_from=row.effective_from,
                        serves_from=_serves_from(answers, row),
                        index=row.entry_index,
                        leaf_hash=entry.leaf_hash,
                        accepted_at=entry.accepted_at,
                        in_force=row.entry_index in forced,
                        corrects=None if begun is None else begun.version,
                        corrected_by=None if ended is None else ended.by_version,
                        reason=None if begun is None else begun.reason,
                        document=row.document,
                    )
                )
            return found

    def reports(
        self, policy: str, policy_id: str, version: str, *, after: int, limit: int
    ) -> list[TouchedReport] | None:
        """The next reports above log position ``after`` that were judged by this version, at most ``limit``; None where
        no such version is published."""
        with self._database.read() as session:
            if IdentityRepository(session).policy(policy, policy_id, version) is None:
                return None
            found = PolicyRepository(session).used_by(policy, policy_id, version, after=after, limit=limit)
            entries = EntryRepository(session)
            return [
                TouchedReport(
                    report.entry_index,
                    report.statement_id,
                    entries.require_stream(report.stream_id).issuer,
                    report.year,
                    report.period_start,
                    report.period_end,
                    entry.accepted_at,
                    report.superseded_by,
                )
                for report, entry in found
            ]


def _in_force(repository: PolicyRepository, rows: Sequence[Policy], day: date) -> set[int]:
    """Positions of what is in force of the kinds that belong to a year: one version a year."""
    by_year: dict[tuple[str, int], list[Policy]] = defaultdict(list)
    forced = set()
    for row in rows:
        if row.year is not None:
            by_year[row.policy, row.year].append(row)
    for (policy, year), versions in by_year.items():
        first = repository.first_decision(year)
        decided_from = None if first is None else day_of(first.accepted_at)
        best = in_force(versions, serving_day(policy, day, decided_from))
        if best is not None:
            forced.add(best.entry_index)
    return forced


def _serving(answers: _Answers, rows: Sequence[Policy], day: date) -> set[int]:
    """Positions of the factor sets' versions that serve."""
    sets = [row for row in rows if row.year is None]
    serving = {name: answers.factor_set_serving(name, day) for name in {row.policy_id for row in sets}}
    return {row.entry_index for row in sets if serving[row.policy_id] == row.version}


def _serves_from(answers: _Answers, row: Policy) -> str:
    terms = answers.factor_set_terms(row.policy_id, row.version) if row.year is None else None
    return row.effective_from if terms is None else terms.effective_from
