"""The part of the log in memory that answers `attestation.facts.quotas`.

Allocations are computed by `quota`, as everywhere; of scores `figures` says what the ledger's facts would give, by
enterprise and year, and `changed` what they give now, where that is something else; `openings_set` are openings.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from attestation.bodies import (
    Allocation,
    IssueUnits,
    Opening,
    ProposeScore,
    PublishScore,
    ScoreAction,
    WithdrawScore,
)
from attestation.decimals import parse_decimal
from attestation.facts.quotas import (
    AllocationFigure,
    AllocationRecord,
    ArithmeticFault,
    BaseYearRecord,
    ScoreFigure,
    ScoreRecord,
)
from attestation.instants import parse_instant
from ledger.answers.quotas import allocation_figure


@dataclass
class MemoryQuotaFacts:
    """Recomputes every answer from the entries, and from what a test set."""

    figures: dict[tuple[str, int], ScoreFigure] = field(default_factory=dict, kw_only=True)
    changed: dict[tuple[str, int], ScoreFigure] = field(default_factory=dict, kw_only=True)
    openings_set: dict[str, dict[int, BaseYearRecord]] = field(default_factory=dict, kw_only=True)

    def recompute_allocation(self, round_: str, document, /) -> AllocationFigure | ArithmeticFault:
        return allocation_figure(round_, document)

    def allocation(self, year: int, round_: str, /) -> AllocationRecord | None:
        found = [(e, b) for e, b in self._steps(Allocation) if (b.year, b.round) == (year, round_)]
        if not found:
            return None
        logged, body = found[-1]
        shares = {row.identifier: row.granted for row in body.table}
        return AllocationRecord(logged.index, bytes.fromhex(body.op_id), year, round_, shares)

    def issued(self, vintage: int, /) -> int:
        return sum(body.tonnes for _, body in self._steps(IssueUnits) if body.vintage == vintage)

    def opening_years(self, enterprise: str, /) -> dict[int, BaseYearRecord]:
        for _, body in self._of(Opening):
            if body.enterprise == enterprise:
                return {base.year: BaseYearRecord(base.tonnes, _output(base.output)) for base in body.base_years}
        return self.openings_set.get(enterprise, {})

    def recompute_score(self, enterprise: str, year: int, as_of, /) -> ScoreFigure | None:
        if as_of is not None and not 1 <= as_of.size <= self.next_index:
            return None
        found = self.figures.get((enterprise, year))
        return found if as_of is not None else self.changed.get((enterprise, year), found)

    def score(self, statement_id: bytes, /) -> ScoreRecord | None:
        return next((record for record in self._records() if record.statement_id == statement_id), None)

    def standing_score(self, enterprise: str, year: int, /) -> ScoreRecord | None:
        of_case = [one for one in reversed(self._records()) if (one.enterprise, one.year) == (enterprise, year)]
        for state in ("proposed", "published"):
            for record in of_case:
                if record.state == state:
                    return record
        return None

    def _records(self) -> list[ScoreRecord]:
        states: dict[bytes, str] = {}
        records: dict[bytes, ScoreRecord] = {}
        for logged, body in self._of(ScoreAction):
            if isinstance(body, ProposeScore):
                case = (body.enterprise, body.year)
                _end(states, records, case, "proposed")
                id_ = logged.statement.statement_id
                records[id_] = ScoreRecord(id_, logged.index, *case, parse_instant(body.comments_until), "proposed")
                states[id_] = "proposed"
            elif isinstance(body, PublishScore):
                id_ = bytes.fromhex(body.score)
                _end(states, records, (records[id_].enterprise, records[id_].year), "published")
                states[id_] = "published"
            elif isinstance(body, WithdrawScore):
                states[bytes.fromhex(body.score)] = "withdrawn"
        return [
            ScoreRecord(one.statement_id, one.index, one.enterprise, one.year, one.comments_until, states[id_])
            for id_, one in records.items()
        ]


def _end(states: dict[bytes, str], records: dict[bytes, ScoreRecord], case: tuple[str, int], state: str) -> None:
    for id_, record in records.items():
        if (record.enterprise, record.year) == case and states[id_] == state:
            states[id_] = "replaced"


def _output(output) -> tuple | None:
    return None if output is None else (parse_decimal(output.quantity), output.unit)
