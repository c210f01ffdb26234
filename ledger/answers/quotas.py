"""Answers ``attestation.facts.quotas`` by ``quota`` over what the log holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from attestation.bodies import Allocation
from attestation.bodies.scores import ScoreAsOf
from attestation.decimals import parse_decimal
from attestation.facts.quotas import (
    AllocationFigure,
    AllocationRecord,
    ArithmeticFault,
    BaseYearRecord,
    CitedEmissions,
    ScoreFigure,
    ScoreRecord,
)
from attestation.judging.allocations import PRE
from ledger.bodies import body_of
from ledger.db.entries import EntryRepository
from ledger.db.quota_models import ScoreRow
from ledger.db.quotas import QuotaRepository
from quota import QuotaError
from quota.allocation import (
    AllocationInput,
    GrandfatheringInputs,
    IndustryInputs,
    IntensityInputs,
    PowerInputs,
    allocate,
    input_root,
    pre_allocate,
    pre_input_root,
    read_inputs,
    read_pre_inputs,
)
from quota.scoring import FORMULA, ScoreInputs, inputs_root, score

if TYPE_CHECKING:
    from ledger.context import LogParameters


class QuotaAnswers:
    """Part of ``ledger.context.LedgerContext``."""

    quotas: QuotaRepository
    entries: EntryRepository
    parameters: LogParameters
    session: Session

    @property
    def next_index(self) -> int:
        """The log position that the next accepted statement gets."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what was taken in."""
        raise NotImplementedError

    def recompute_allocation(self, round_: str, document: Mapping[str, Any], /) -> AllocationFigure | ArithmeticFault:
        """See ``QuotaFacts``."""
        return allocation_figure(round_, document)

    def allocation(self, year: int, round_: str, /) -> AllocationRecord | None:
        """See ``QuotaFacts``."""
        row = self.quotas.allocation(year, round_)
        if row is None:
            return None
        table = body_of(self.entries.require(row.entry_index).entry, Allocation).table
        shares = {share.identifier: share.granted for share in table}
        return AllocationRecord(row.entry_index, row.op_id, row.year, row.round, shares)

    def issued(self, vintage: int, /) -> int:
        """See ``QuotaFacts``."""
        return self.quotas.issued(vintage)

    def opening_years(self, enterprise: str, /) -> Mapping[int, BaseYearRecord]:
        """See ``QuotaFacts``."""
        row = self.quotas.opening(enterprise)
        return {} if row is None else {int(base["year"]): _base_year(base) for base in row.base_years}

    def recompute_score(self, enterprise: str, year: int, as_of: ScoreAsOf | None, /) -> ScoreFigure | None:
        """See ``QuotaFacts``."""
        # Coverage reads the log through a context of its own.
        from ledger.scores import Moment, is_reached, moment_at, score_inputs, to_statement  # noqa: PLC0415

        self.flush()
        now = moment_at(self.session, self.parameters, self.next_index)
        moment = now if as_of is None else Moment(as_of.size, as_of.block)
        if not is_reached(moment, now):
            return None
        inputs = score_inputs(self.session, self.parameters, enterprise, year, moment)
        return score_figure(inputs, to_statement(inputs))

    def score(self, statement_id: bytes, /) -> ScoreRecord | None:
        """See ``QuotaFacts``."""
        row = self.quotas.score(statement_id)
        return None if row is None else self._score_record(row)

    def standing_score(self, enterprise: str, year: int, /) -> ScoreRecord | None:
        """See ``QuotaFacts``."""
        row = self.quotas.standing_proposal(enterprise, year) or self.quotas.standing_publication(enterprise, year)
        return None if row is None else self._score_record(row)

    def _score_record(self, row: ScoreRow) -> ScoreRecord:
        state = self.quotas.states(row.enterprise, row.year)[row.entry_index]
        return ScoreRecord(row.statement_id, row.entry_index, row.enterprise, row.year, row.comments_until, state)


def allocation_figure(round_: str, document: Mapping[str, Any]) -> AllocationFigure | ArithmeticFault:
    """What a document of rules and inputs gives (DOMAIN 26 to 31), or why it gives nothing."""
    try:
        return _ahead(document) if round_ == PRE else _final(document)
    except QuotaError as refused:
        return ArithmeticFault(refused.rule, refused.value, refused.expected, refused.at, refused.expected_zh)


def score_figure(inputs: ScoreInputs, document: Mapping[str, Any]) -> ScoreFigure:
    """The score of those inputs; ``document`` as a statement has them."""
    computed = score(inputs)
    return ScoreFigure(FORMULA, document, inputs_root(inputs), computed.points_bps, computed.grade.value)


def _ahead(document: Mapping[str, Any]) -> AllocationFigure:
    rules, emissions = read_pre_inputs(document)
    ahead = pre_allocate(rules, emissions)
    cited = (CitedEmissions(name, rules.year - 1, Decimal(tonnes)) for name, tonnes in sorted(emissions.items()))
    root = pre_input_root(rules, emissions)
    return AllocationFigure(rules.year, rules.cap, ahead.free, root, ahead.table(), {}, {}, emissions=tuple(cited))


def _final(document: Mapping[str, Any]) -> AllocationFigure:
    rules, inputs = read_inputs(document)
    run = allocate(rules, inputs)
    return AllocationFigure(
        year=rules.year,
        cap=rules.cap,
        free=run.free,
        input_root=input_root(rules, inputs),
        shares=run.table(),
        settles={share.identifier: share.deducted for share in run.shares if share.deducted},
        owed={one.identifier: one.owed for one in run.inputs},
        base_years=tuple(cited for one in run.inputs for cited in _cited_base_years(one)),
        emissions=tuple(cited for one in run.inputs for cited in _cited_emissions(one, rules.year)),
    )


def _cited_base_years(one: AllocationInput) -> list[CitedEmissions]:
    inputs = one.inputs
    if isinstance(inputs, GrandfatheringInputs):
        return [CitedEmissions(one.identifier, base.year, base.emissions) for base in inputs.base_years]
    if isinstance(inputs, IntensityInputs):
        return [
            CitedEmissions(one.identifier, base.year, base.emissions, (base.output, inputs.unit))
            for base in inputs.base_years
        ]
    return []


def _cited_emissions(one: AllocationInput, year: int) -> list[CitedEmissions]:
    inputs = one.inputs
    if isinstance(inputs, IndustryInputs):
        return [CitedEmissions(one.identifier, year, inputs.emissions)]
    if isinstance(inputs, PowerInputs):
        return [CitedEmissions(one.identifier, year, sum((unit.emissions for unit in inputs.units), Decimal(0)))]
    return []


def _base_year(base: Mapping[str, Any]) -> BaseYearRecord:
    made = base.get("output")
    output = None if made is None else (parse_decimal(made["quantity"]), str(made["unit"]))
    return BaseYearRecord(int(base["tonnes"]), output)
