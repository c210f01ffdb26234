"""Step 4: the cap is issued, and allocated by grandfathering, scaled to the last tonne (DOMAIN 26, 30)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

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
        available, entitled = run.rules.available, show(run.entitled)
        if run.scaled:
            self.actors.say(
                f"grandfathering gives {entitled} t together, {available:,} t are free: each is scaled by {available} "
                f"/ {entitled}, floored, and the tonnes left go to the largest remainders",
                f"历史法合计 {entitled} 吨，可分配 {available:,} 吨：各按 {available} / {entitled} 缩减后取整，"
                "余量按小数部分由大到小各补 1 吨",
            )
        for enterprise in inputs.ENTERPRISES:
            share = run.share(enterprise.identifier)
            held = units.arrived(self.actors, enterprise.identifier, share.tonnes)
            self.granted[enterprise.letter] = held
            self.actors.say(*_told(enterprise.letter, run, share.exact, held))
        self.reserve = units.held(self.actors, inputs.PARK)


def _told(letter: str, run: AllocationRun, exact: Fraction, held: int) -> tuple[str, str]:
    """How a share follows, so that a reader can compute it again: mean, factor, scale, floor and remainder."""
    years = asset_inputs.BASE_TONNES[letter]
    mean, scaled = sum(tonnes for _, tonnes in years), exact
    english = f"{letter}: {mean:,} t / {len(years)} years x {asset_inputs.FACTOR} = {_places(exact)} t"
    chinese = f"{letter}：{mean:,} 吨 ÷ {len(years)} 年 × {asset_inputs.FACTOR} = {_places(exact)} 吨"
    if run.scaled:
        scaled = exact * run.rules.available / run.entitled
        english += f", scaled {_places(scaled)} t"
        chinese += f"，缩减后 {_places(scaled)} 吨"
    if held > scaled:
        english, chinese = f"{english}, one more by its remainder", f"{chinese}，按余数补 1 吨"
    return f"{english}: {held:,} t allocated", f"{chinese}：分配 {held:,} 吨"


def _places(value: Fraction) -> str:
    """Four decimals, half-up: enough to see which remainder is larger."""
    scaled = (2 * value.numerator * 10_000 + value.denominator) // (2 * value.denominator)
    return f"{scaled // 10_000:,}.{scaled % 10_000:04}"


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
