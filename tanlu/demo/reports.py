"""Step 3, first half: every enterprise reports its year by its own method; every line cites its readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from attestation.accounting import Activity, CitedRange, FactorSet, LineKind, Material, build_report
from attestation.bodies import Report
from attestation.bodies.plans import Facility, Plan, PlanParameter
from attestation.decimals import format_decimal
from tanlu.demo import inputs
from tanlu.demo.actors import Actors, Said
from tanlu.demo.inputs import Enterprise, Source

PLANS = "plans"
REPORTS = "reports"
_PLANT = "A"

Cited = dict[tuple[str, str], list[CitedRange]]
"""The readings of a meter of an enterprise (letter, meter's name)."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report, its statement, and the first report of its case."""

    body: Report
    said: Said
    first: Said


@dataclass(slots=True)
class Reports:
    """Makes and submits the reports; ``standing`` holds each enterprise's latest, by letter."""

    actors: Actors
    factor_set: FactorSet
    cited: Cited
    standing: dict[str, Reported] = field(default_factory=dict)
    initial_tonnes: dict[str, int] = field(default_factory=dict)
    submitted: int = 0
    _plans: dict[str, str] = field(default_factory=dict)

    def plan(self) -> None:
        """Every enterprise says beforehand how it measures (DOMAIN 42)."""
        for enterprise in inputs.ENTERPRISES:
            holder = self.actors.holders[enterprise.identifier]
            said = self.actors.submit(holder, "plan", PLANS, _plan(enterprise))
            self._plans[enterprise.letter] = said.statement_id
        self.actors.say(f"{len(self._plans)} monitoring plans logged", f"已入账 {len(self._plans)} 份监测计划")

    def report(self) -> None:
        """Every enterprise's first report; C forgets a line."""
        for enterprise in inputs.ENTERPRISES:
            letter = enterprise.letter
            body = self._build(enterprise, 1)
            holder = self.actors.holders[enterprise.identifier]
            if letter == _PLANT:
                self.actors.expect_refusal(
                    "A's report with its electricity sum off by 0.01 kWh",
                    "A 的报告中电量合计差 0.01 千瓦时",
                    self.actors.sign(holder, "report", REPORTS, _sum_off(body)),
                )
            said = self.actors.submit(holder, "report", REPORTS, body)
            self._keep(letter, Reported(body, said, said))
            totals = body.totals
            self.initial_tonnes[letter] = totals.obligation_tonnes
            self.actors.say(
                f"{letter} {enterprise.name} ({enterprise.method}): {totals.obligation_tonnes:,} t "
                f"(scope 1 {totals.scope1}, scope 2 {totals.scope2})",
                f"{letter} {enterprise.name}：{totals.obligation_tonnes:,} 吨"
                f"（范围一 {totals.scope1}，范围二 {totals.scope2}）",
            )

    def resubmit(self, letter: str, reason: str, *, number: int) -> Reported:
        """The enterprise's report of that number, in the place of the one that stands."""
        enterprise, before = inputs.enterprise(letter), self.standing[letter]
        body = self._build(enterprise, number, supersedes=before.said.statement_id, reason=reason)
        said = self.actors.submit(self.actors.holders[enterprise.identifier], "report", REPORTS, body)
        return self._keep(letter, Reported(body, said, before.first))

    def _keep(self, letter: str, reported: Reported) -> Reported:
        self.standing[letter] = reported
        self.submitted += 1
        return reported

    def _build(
        self,
        enterprise: Enterprise,
        number: int,
        *,
        supersedes: str | None = None,
        reason: str | None = None,
    ) -> Report:
        built = build_report(
            year=inputs.YEAR,
            period_from=inputs.START.isoformat(),
            period_to=inputs.END.isoformat(),
            activities=[
                self._activity(enterprise, source) for source in enterprise.sources if source.reported_from <= number
            ],
            factor_set=self.factor_set,
            obligation_base=inputs.OBLIGATION_BASE,
            value_added=enterprise.value_added,
            plan=self._plans[enterprise.letter],
            supersedes=supersedes,
            reason=reason,
        )
        return msgspec.convert(built.body, Report)

    def _activity(self, enterprise: Enterprise, source: Source) -> Activity:
        return Activity(
            id=source.line,
            kind=source.kind,
            name=source.factor,
            evidence=tuple(cited for meter in source.meters for cited in self.cited[enterprise.letter, meter.name]),
            flows=tuple(Material(flow.id, flow.direction, flow.factor) for flow in source.flows),
            blocks=source.blocks,
            certificates=source.certificates,
        )


def _plan(enterprise: Enterprise) -> Plan:
    parameters = tuple(
        PlanParameter(
            id=meter.stream,
            facility="works",
            source="weighbridge tickets" if meter.weighed else "meter",
            meter=enterprise.device(meter),
            stream=meter.stream if not meter.weighed else None,
            unit=meter.unit,
            frequency="each delivery" if meter.weighed else "monthly",
            gap_rule="no estimate: a missing value is declared lost",
            department="energy management 能源管理部",
        )
        for meter in enterprise.meters()
    )
    return Plan(
        version="1",
        effective_from=f"{inputs.YEAR}-01-01",
        boundary=f"all facilities of {enterprise.name} inside the park",
        facilities=(Facility(id="works", name=f"{enterprise.name} works"),),
        parameters=parameters,
        quality="a second person checks every month's values against the registers",
    )


def _sum_off(body: Report) -> Report:
    line = next(line for line in body.lines if line.kind == LineKind.ELECTRICITY)
    cited = line.evidence[0]
    wrong = msgspec.structs.replace(cited, quantity=format_decimal(Decimal(cited.quantity) + Decimal("0.01")))
    changed = msgspec.structs.replace(line, evidence=(wrong, *line.evidence[1:]))
    return msgspec.structs.replace(body, lines=tuple(changed if item is line else item for item in body.lines))
