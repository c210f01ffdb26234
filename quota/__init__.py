"""Who may emit and trade: allocation, obligations, offsets, carry-over, charges, credit scores (docs/quota.md).

Pure: no I/O, no clock, no sibling package. Amounts are integers, what is exact and not whole a quotient of integers.
The quota is the park's own instrument. Every refusal is a `QuotaError`.

`quota.allocation`, `quota.scoring` and `quota.market` have their own public names.
"""

from __future__ import annotations

from quota.canonical import canonical_bytes, root_of
from quota.carry_over import NATIONAL, PARK, CarryOver, CarryOverRules, carry_over, carry_over_limit, check_window
from quota.charge import Charge, month_price, next_allocation_deduction, shortfall_charge
from quota.errors import (
    AllocationRefused,
    AmountRefused,
    CarryOverRefused,
    ChargeRefused,
    IdentifierRefused,
    LifeEventRefused,
    MarketRefused,
    ObligationRefused,
    OffsetRefused,
    QuotaError,
    ScoreRefused,
)
from quota.life_events import OpeningBalance, check_opening, check_split, unearned
from quota.obligations import DEFAULT_CAP_BPS, Base, Due, Obligation, offset_cap
from quota.offset_register import HeldOffset, OffsetRegister
from quota.offsets import DEFAULT_OFFSETS, CcerEntry, OffsetRules, SerialRange, check_disjoint, check_eligible
from quota.positions import Position
from quota.refusals import RULES, Rule
from quota.trace import Step, show
from quota.units import MAX_FEN, MAX_UNITS, WHOLE_BPS, Fen, Tonnes, floor_tonnes, half_up
from quota.vintages import DEFAULT_VINTAGES, VintageRules, check_vintage

__all__ = [
    "DEFAULT_CAP_BPS",
    "DEFAULT_OFFSETS",
    "DEFAULT_VINTAGES",
    "MAX_FEN",
    "MAX_UNITS",
    "NATIONAL",
    "PARK",
    "RULES",
    "WHOLE_BPS",
    "AllocationRefused",
    "AmountRefused",
    "Base",
    "CarryOver",
    "CarryOverRefused",
    "CarryOverRules",
    "CcerEntry",
    "Charge",
    "ChargeRefused",
    "Due",
    "Fen",
    "HeldOffset",
    "IdentifierRefused",
    "LifeEventRefused",
    "MarketRefused",
    "Obligation",
    "ObligationRefused",
    "OffsetRefused",
    "OffsetRegister",
    "OffsetRules",
    "OpeningBalance",
    "Position",
    "QuotaError",
    "Rule",
    "ScoreRefused",
    "SerialRange",
    "Step",
    "Tonnes",
    "VintageRules",
    "canonical_bytes",
    "carry_over",
    "carry_over_limit",
    "check_disjoint",
    "check_eligible",
    "check_opening",
    "check_split",
    "check_vintage",
    "check_window",
    "floor_tonnes",
    "half_up",
    "month_price",
    "next_allocation_deduction",
    "offset_cap",
    "root_of",
    "shortfall_charge",
    "show",
    "unearned",
]
