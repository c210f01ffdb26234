"""Step 4: the cap is issued, and allocated by grandfathering, scaled to the last tonne (DOMAIN 26, 30)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from attestation.bodies.allocations import Allocation, AllocationShare
from attestation.bodies.holdings import IssueUnits
from attestation.instants import format_instant
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    AllocationRun,
    BaseYear,
    GrandfatheringInputs,
    Method,
    allocate,
    inputs_to_document,
)
from quota.allocation import input_root as root_of
from quota.trace import show
from tanlu import assets
from tanlu.demo import asset_inputs, inputs, units
from tanlu.demo.actors import Actors
from tanlu.demo.parameters import Deadlines


@dataclass(slots=True)
class Allocated:
    """The year's quota: how it was computed, and what each enterprise was given, by letter."""

    actors: Actors
    deadlines: Deadlines
    granted: dict[str, int] = field(default_factory=dict)
    reserve: int = 0

    def issue(self) -> None:
        """The whole cap, to the park's account, by two persons (DOMAIN 23)."""
        body = IssueUnits(
            op_id=assets.new_operation(),
            account=inputs.PARK,
            vintage=inputs.YEAR,
            tonnes=asset_inputs.CAP_TONNES,
            document_hash=units.document("decision on the cap of the year"),
            reason="the cap of the year",
            approvals=(),
        )
        units.decide(self.actors, "holding", body)
        self.actors.say(
            f"{asset_inputs.CAP_TONNES:,} t of quota issued to the park's account, by two persons of two bodies",
            f"经两机构两人批准，向园区账户发放配额 {asset_inputs.CAP_TONNES:,} 吨",
        )

    def allocate(self) -> None:
        """From the base years that were carried in, out of the reserve; the log and the contract check every tonne."""
        run = _run()
        body = self._body(run)
        first, *others = body.table
        more = replace(body, table=(replace(first, granted=first.granted + 1), *others), tonnes=body.tonnes + 1)
        self.actors.expect_refusal(
            "an allocation with one tonne more for its first enterprise",
            "给首家企业多分配一吨的分配方案",
            self.actors.sign(
                self.actors.registrar, "allocation", units.HOLDINGS, units.approved(self.actors, "allocation", more)
            ),
        )
        units.decide(self.actors, "allocation", body)
        self._read_back(run)

    def _body(self, run: AllocationRun) -> Allocation:
        return Allocation(
            op_id=assets.new_operation(),
            year=inputs.YEAR,
            round="final",
            reserve=inputs.PARK,
            document=inputs_to_document(run.rules, run.inputs),
            input_root=root_of(run.rules, run.inputs),
            table=tuple(
                AllocationShare(identifier=identifier, granted=tonnes, owes=0, settles=0)
                for identifier, tonnes in run.table()
            ),
            tonnes=run.free,
            return_due=format_instant(self.deadlines.surrender),
            approvals=(),
        )

    def _read_back(self, run: AllocationRun) -> None:
        """What the accounts hold on chain: approval and parts are operations of their own."""
        for enterprise in inputs.ENTERPRISES:
            share, shown = run.share(enterprise.identifier), show(run.share(enterprise.identifier).exact)
            held = units.arrived(self.actors, enterprise.identifier, share.tonnes)
            self.granted[enterprise.letter] = held
            self.actors.say(
                f"{enterprise.letter}: {shown} t by grandfathering x {asset_inputs.FACTOR}, {held:,} t allocated",
                f"{enterprise.letter}：历史法 × {asset_inputs.FACTOR} 得 {shown} 吨，分配 {held:,} 吨",
            )
        self.reserve = units.held(self.actors, inputs.PARK)


def _run() -> AllocationRun:
    rules = AllocationRules(inputs.YEAR, asset_inputs.CAP_TONNES, asset_inputs.RESERVE_TONNES)
    return allocate(
        rules,
        [
            AllocationInput(
                inputs.enterprise(letter).identifier,
                Method.GRANDFATHERING,
                GrandfatheringInputs(
                    tuple(BaseYear(year, Decimal(tonnes)) for year, tonnes in years), asset_inputs.FACTOR
                ),
            )
            for letter, years in asset_inputs.BASE_TONNES.items()
        ],
    )
