"""Steps 7 and 8: CCER and quota meet the obligations, to the last tonne (DOMAIN 2 to 7)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from attestation.bodies.compliance import SetPrice, SetTerms
from attestation.bodies.holdings import EnterOffsets, Monitoring
from attestation.instants import format_instant
from tanlu import assets
from tanlu.client import Position
from tanlu.demo import asset_inputs, inputs, units
from tanlu.demo.actors import Actors
from tanlu.demo.parameters import Deadlines

_CHAIN_SECONDS = 90.0
_PAUSE_SECONDS = 0.25
OFFSETTER = "A"
_SHORT = "E"


@dataclass(slots=True)
class Compliance:
    """What enterprises owe of the year, and how they meet it."""

    actors: Actors
    deadlines: Deadlines
    refused_over_cap: bool = False
    charge_shown_fen: int = 0

    def set_terms(self) -> None:
        """The year's terms and the opening price, each by two persons (DOMAIN 3, 6, 7, 23)."""
        at = self.deadlines
        terms = SetTerms(
            op_id=assets.new_operation(),
            year=inputs.YEAR,
            offset_cap_bps=500,
            surrender_deadline=format_instant(at.surrender),
            carry_over_until=format_instant(at.carry_over),
            closes_at=format_instant(at.close),
            carry_base_bps=500,
            carry_multiple_bps=0,
            charge_multiple_bps=50_000,
            amendment_seconds=at.amendment_seconds,
            earlier_vintages=False,
            document_hash=units.document("accession agreement, terms of the year"),
            reason="the park's rules of the year",
            approvals=(),
        )
        units.decide(self.actors, "compliance", terms)
        self.set_price(asset_inputs.OPENING_PRICE_FEN, "opening price, until there is a market")
        self.actors.say(
            f"terms of {inputs.YEAR} on chain: CCER up to 5 % of the obligation, charge 5 x the price, opening price "
            f"{_yuan(asset_inputs.OPENING_PRICE_FEN)} a tonne",
            f"{inputs.YEAR} 年度规则上链：CCER 抵销不超过应清缴量的 5%，短缺按价格 5 倍计收，"
            f"初始价格每吨 {_yuan(asset_inputs.OPENING_PRICE_FEN)} 元",
        )

    def set_price(self, fen_per_tonne: int, reason: str) -> None:
        """The price that a shortfall is charged by, by two persons (DOMAIN 7)."""
        price = SetPrice(
            op_id=assets.new_operation(),
            year=inputs.YEAR,
            fen_per_tonne=fen_per_tonne,
            document_hash=units.document(reason),
            reason=reason,
            approvals=(),
        )
        units.decide(self.actors, "compliance", price)

    def enter_offsets(self) -> None:
        """CCER that A bought and had cancelled in their own registry (DOMAIN 4)."""
        identifier, tonnes = inputs.enterprise(OFFSETTER).identifier, asset_inputs.CCER_TONNES
        body = EnterOffsets(
            op_id=assets.new_operation(),
            beneficiary=identifier,
            tonnes=tonnes,
            first_serial=asset_inputs.CCER_FIRST_SERIAL,
            last_serial=asset_inputs.CCER_FIRST_SERIAL + tonnes - 1,
            monitoring=Monitoring(**asset_inputs.CCER_MONITORING),
            document_hash=units.document("cancellation notice of the CCER registry"),
            reason="cancelled for the beneficiary in the national registry",
            approvals=(),
            **asset_inputs.CCER_PROJECT,
        )
        units.decide(self.actors, "holding", body)
        self.actors.say(f"{OFFSETTER} brings {tonnes:,} t of CCER", f"{OFFSETTER} 登记 {tonnes:,} 吨 CCER")

    def surrender_all(self) -> None:
        """Everybody surrenders what it owes; A first tries one tonne of CCER too many, E is short for a moment."""
        identifier = inputs.enterprise(OFFSETTER).identifier
        cap = self.position(OFFSETTER).offset_cap
        self.refused_over_cap = self._refuse(
            OFFSETTER,
            units.OFFSETS,
            cap + 1,
            f"{OFFSETTER} offers {cap + 1:,} t of CCER; the cap is {cap:,} t",
            f"{OFFSETTER} 提交 {cap + 1:,} 吨 CCER；上限为 {cap:,} 吨",
        )
        units.intend(
            self.actors, identifier, assets.surrender(inputs.YEAR, units.OFFSETS, cap, self.deadlines.surrender)
        )
        for enterprise in inputs.ENTERPRISES:
            letter = enterprise.letter
            self.surrender(letter, asset_inputs.TOO_FEW_TONNES if letter == _SHORT else self.position(letter).due)
            self._tell(letter)
        short = self.position(_SHORT)
        self.charge_shown_fen = short.charge_now_fen or 0
        self.surrender(_SHORT, short.due)
        self._tell(_SHORT)

    def wait_for_amendment(self, letter: str, tonnes: int) -> None:
        """Until the contract counts with the amended obligation: what was surrendered stays, the difference is due."""
        deadline = time.monotonic() + _CHAIN_SECONDS
        while self.position(letter).emissions != tonnes:
            if time.monotonic() > deadline:
                raise units.not_taken(f"{letter}: {self.position(letter).emissions} t", f"{tonnes} t")
            time.sleep(_PAUSE_SECONDS)
        self._tell(letter)

    def surrender(self, letter: str, tonnes: int) -> None:
        """So many tonnes of the year's quota."""
        body = assets.surrender(inputs.YEAR, units.QUOTA, tonnes, self.deadlines.surrender)
        units.intend(self.actors, inputs.enterprise(letter).identifier, body)

    def make_up(self, letter: str) -> None:
        """What an amendment made due."""
        self.surrender(letter, self.position(letter).due)
        self._tell(letter)

    def outcome(self) -> dict[str, int]:
        """What the contracts say of the year in all."""
        positions = [self.position(one.letter) for one in inputs.ENTERPRISES]
        holders = [inputs.PARK, *(one.identifier for one in inputs.ENTERPRISES)]
        return {
            "complied": sum(not position.due for position in positions),
            "short": sum(bool(position.due) for position in positions),
            "charge_fen": self.charge_shown_fen,
            "surrendered_quota_tonnes": sum(position.quota for position in positions),
            "held_quota_tonnes": sum(units.held(self.actors, holder) for holder in holders),
        }

    def position(self, letter: str) -> Position:
        """How an enterprise stands in the year."""
        return self.actors.client.obligation(inputs.YEAR, inputs.enterprise(letter).identifier).position

    def _refuse(self, letter: str, asset: str, tonnes: int, tried: str, tried_zh: str) -> bool:
        body = assets.surrender(inputs.YEAR, asset, tonnes, self.deadlines.surrender)
        units.refuse(self.actors, inputs.enterprise(letter).identifier, body, tried, tried_zh)
        return True

    def _tell(self, letter: str) -> None:
        found = self.position(letter)
        short = f"{found.due:,} t short, charge {_yuan(found.charge_now_fen or 0)}" if found.due else "complied"
        short_zh = f"短缺 {found.due:,} 吨，应计收 {_yuan(found.charge_now_fen or 0)} 元" if found.due else "已履约"
        self.actors.say(
            f"{letter} surrendered {found.quota:,} t of quota and {found.offsets_used:,} t of CCER for "
            f"{found.emissions:,} t: {short}",
            f"{letter} 应清缴 {found.emissions:,} 吨，已清缴配额 {found.quota:,} 吨、CCER {found.offsets_used:,} 吨："
            f"{short_zh}",
        )


def _yuan(fen: int) -> str:
    return f"CNY {fen // 100:,}.{fen % 100:02}"
