"""The park year, from the admission of its enterprises to a lost key (STORY steps 1 to 9)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from attestation.accounting import FactorSet
from attestation.decimals import exact_sum, format_decimal, round_half_up
from tanlu.demo import admission, asset_inputs, closing, inputs, market_inputs, openings, parameters, recovery, units
from tanlu.demo.actors import Actors
from tanlu.demo.allocation import Allocated
from tanlu.demo.checks import Figure
from tanlu.demo.compliance import OFFSETTER, Compliance
from tanlu.demo.evidence import Evidence
from tanlu.demo.factors import park_factor_set
from tanlu.demo.market import Market
from tanlu.demo.reports import Reports
from tanlu.demo.verification import Cases

_AMENDED, _LOSER = "C", "A"


class Telling(Protocol):
    """What of the demo's show the year needs."""

    @property
    def progress(self) -> Callable[[int, int], None]: ...


@dataclass(slots=True)
class ParkYear:
    """Acts the year out."""

    actors: Actors
    show: Telling
    factor_set: FactorSet = field(default_factory=park_factor_set)
    evidence: Evidence = field(init=False)
    reports: Reports = field(init=False)
    cases: Cases = field(init=False)
    compliance: Compliance = field(init=False)
    allocated: Allocated = field(init=False)
    market: Market = field(init=False)
    old_key_refused: bool = False

    def __post_init__(self) -> None:
        self.evidence = Evidence(self.actors, self.show.progress)
        self.reports = Reports(self.actors, self.factor_set, self.evidence.cited)
        self.cases = Cases(self.actors, self.reports)
        deadlines = parameters.deadlines(int(time.time()))
        self.compliance = Compliance(self.actors, deadlines)
        self.allocated = Allocated(self.actors, deadlines)
        self.market = Market(self.actors, deadlines.surrender)

    def admit(self, first_entry: bytes) -> None:
        """Step 1: the registrar's own key, the rules, who lets in and who is let in, the other parameters."""
        self.actors.client.enrol(first_entry)
        self.actors.keep(self.actors.registrar, admission.KEYS, 1)
        parameters.publish_rules(self.actors, self.compliance.deadlines)
        admission.staff(self.actors)
        admission.admit(self.actors)
        openings.add_asset_keys(self.actors)
        openings.carry_in(self.actors)
        parameters.publish_parameters(self.actors, self.factor_set)

    def measure(self, meter_file: Path, journal: Path) -> None:
        """Step 2."""
        self.evidence.install()
        self.evidence.replay_plant(meter_file, journal)
        self.evidence.read_other_meters()
        self.evidence.try_to_alter_a_reading()

    def report_and_verify(self) -> None:
        """Step 3."""
        self.reports.plan()
        self.reports.report()
        self.cases.verify()
        self.cases.register()

    def allocate(self) -> None:
        """Step 4."""
        self.compliance.set_terms()
        self.allocated.issue()
        self.allocated.allocate()

    def auction(self) -> None:
        """Step 5."""
        self.market.prepare()
        self.market.open_day(0)
        self.market.auction()

    def trade(self) -> None:
        """Step 6."""
        self.market.try_above_the_band()
        self.market.trade(0, market_inputs.FIRST_DAY)
        self.market.take_home()
        self.market.reconcile(0)

    def surrender(self) -> None:
        """Step 7."""
        self.compliance.set_price(self.market.first_close_fen, "volume-weighted close of the month before")
        self.compliance.enter_offsets()
        self.compliance.surrender_all()

    def amend(self) -> None:
        """Step 8."""
        self.cases.amend(_AMENDED, "a steam branch that nobody reported")
        self.compliance.wait_for_amendment(_AMENDED, self.cases.done.words[_AMENDED].tonnes)
        self.market.open_day(1)
        self.market.trade(1, market_inputs.SECOND_DAY)
        self.compliance.make_up(_AMENDED)

    def lose_a_key(self) -> None:
        """Step 9."""
        enterprise = inputs.enterprise(_LOSER).identifier
        before = self.actors.client.account(enterprise)
        lost = recovery.recover(self.actors, enterprise)
        after = self.actors.client.account(enterprise)
        if (before.holdings, before.years) != (after.holdings, after.years):
            raise recovery.AccountTouched.by(enterprise)
        self.old_key_refused = recovery.try_old_key(self.actors, lost, self.compliance.deadlines.surrender)

    def close_books(self) -> None:
        """What everybody has in the end, in one table that adds up. Raises Unsound."""
        rows = [
            self._closing("park", inputs.PARK),
            *(self._closing(one.letter, one.identifier) for one in inputs.ENTERPRISES),
        ]
        ledger_fen = self.actors.client.cash.total().total_fen
        closing.check(rows, cap_tonnes=asset_inputs.CAP_TONNES, ledger_fen=ledger_fen)
        for english, chinese in zip(closing.lines(rows, zh=False), closing.lines(rows, zh=True), strict=True):
            self.actors.say(english, chinese)

    def _closing(self, letter: str, identifier: str) -> closing.Closing:
        market, client, park = self.market, self.actors.client, identifier == inputs.PARK
        given = self.allocated.granted
        cash = client.cash.of(identifier)
        position = None if park else self.compliance.position(letter)
        return closing.Closing.of(
            letter,
            identifier,
            [*market.auctioned, *market.traded],
            given=asset_inputs.CAP_TONNES - sum(given.values()) if park else given[letter],
            surrendered=0 if position is None else position.quota,
            held=units.held(self.actors, identifier),
            deposited_fen=market_inputs.DEPOSITS_FEN.get(letter, 0),
            cash_fen=cash.free_fen + cash.trading_fen + cash.withdrawing_fen,
            charge_fen=0 if position is None else position.charge_fen + (position.charge_now_fen or 0),
        )

    def assets(self) -> dict[str, object]:
        """What the summary says of quota, market, offsets, compliance and the lost key."""
        offsets = self.compliance.position(OFFSETTER)
        return {
            "quota": {
                "cap_tonnes": self.actors.client.asset(units.QUOTA).issued,
                "allocated_tonnes": sum(self.allocated.granted.values()),
                "reserve_tonnes": self.allocated.reserve,
                "allocation": self.allocated.granted,
            },
            **self.market.summary(),
            "offsets": {
                "cap_tonnes": offsets.offset_cap,
                "used_tonnes": offsets.offsets_used,
                "refused_over_cap": self.compliance.refused_over_cap,
            },
            "compliance": self.compliance.outcome(),
            "recovery": {"old_key_refused": self.old_key_refused},
        }

    def indices(self) -> dict[str, int]:
        """Where standing reports (by letter), verdicts and registrations (by letter and what it is) are in the log."""
        found = {letter: reported.said.acceptance.index for letter, reported in self.reports.standing.items()}
        for what, done in (("verdict", self.cases.done.verdicts), ("registration", self.cases.done.registrations)):
            found |= {f"{letter} {what}": said.acceptance.index for letter, said in done.items()}
        return found

    def figures(self, receipts: dict[str, bytes]) -> dict[str, Figure]:
        """What was registered, with the receipts of the report and the verdict that it rests on, by letter."""
        return {
            letter: Figure(receipts[letter], receipts[f"{letter} verdict"], words)
            for letter, words in self.cases.done.words.items()
        }

    def coverage(self) -> str:
        """Per cent of the standing reports' emissions that rest on cited readings, two decimals."""
        backed, reported = [], []
        for said in (reported.said for reported in self.reports.standing.values()):
            for line in self.actors.client.report_coverage(said.acceptance.index).lines:
                emissions = Decimal(line.emissions or "0")
                reported.append(emissions)
                backed.append(emissions * (100 - Decimal(line.share.stated)))
        return format_decimal(round_half_up(exact_sum(backed) / exact_sum(reported), 2))
