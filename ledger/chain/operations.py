"""Operation ids: what makes a chain write the same one however often it is asked for (docs/design.md §5)."""

from __future__ import annotations

import hashlib
from enum import StrEnum

HASH_BYTES = 32
COMPACT_BYTES = 64
LIMIT = 2**63
"""Sizes and indices stay in a signed 64-bit column, as in the log itself."""
NO_SIGNATURE = bytes(COMPACT_BYTES)
"""Two zero words, where a contract expects no EVM signature."""


class Kind(StrEnum):
    """What an intent does."""

    ANCHOR = "anchor"
    ENROL = "enrol"
    ADD = "add"
    ROTATE = "rotate"
    REVOKE = "revoke"
    COMPROMISE = "compromise"
    PROPOSE_RECOVERY = "propose"
    CANCEL_RECOVERY = "cancel"
    COMPLETE_RECOVERY = "complete"
    ASSIGN = "assign"
    END_ASSIGNMENT = "end-assignment"
    TIE = "tie"
    REGISTER = "register"
    DETERMINE = "determine"
    ISSUE = "issue"
    APPROVE_RUN = "approve-run"
    ALLOCATE = "allocate"
    TRANSFER = "transfer"
    CANCEL_ORDER = "cancel-order"
    FREEZE = "freeze"
    FREEZE_AT_ONCE = "freeze-at-once"
    CONFIRM_FREEZE = "confirm-freeze"
    LAPSE_FREEZE = "lapse-freeze"
    RELEASE = "release"
    SUSPEND = "suspend"
    CARRY_IN = "carry-in"
    CCER = "ccer"
    COLLECT = "collect"
    CANCEL_UNITS = "cancel-units"
    RETURN = "return"
    TERMS = "terms"
    PRICE = "price"
    SURRENDER = "surrender"
    CARRY_OVER = "carry-over"
    ASSESS = "assess"
    CREDIT = "credit"
    CLOSE_YEAR = "close-year"
    PROPOSE_SCORE = "propose-score"
    PUBLISH_SCORE = "publish-score"
    WITHDRAW_SCORE = "withdraw-score"
    MARKET_TERMS = "market-terms"
    MARKET_REFERENCE = "market-reference"
    BIND = "bind"
    DEPOSIT = "deposit"
    PAYOUT = "payout"
    MOVE = "move"
    WITHDRAW = "withdraw"
    CANCEL_PLACE = "cancel-place"
    CANCEL_ALL = "cancel-all"
    SETTLE = "settle"
    OPEN_DAY = "open-day"
    HALT_DAY = "halt-day"
    CLOSE_DAY = "close-day"
    RECONCILE = "reconcile"
    SWEEP = "sweep"
    BAR = "bar"


EMISSION_KINDS = (Kind.ASSIGN, Kind.END_ASSIGNMENT, Kind.TIE, Kind.REGISTER, Kind.DETERMINE)
"""What the emissions registry is told; these take effect in the order of the log."""
FIGURE_KINDS = (Kind.REGISTER, Kind.DETERMINE)
"""Of these, the ones that bring a version of a case's figure."""
ASSET_KINDS = tuple(Kind)[tuple(Kind).index(Kind.ISSUE) :]
"""What the ledger of units, the book of obligations, the book of scores and the exchange are told; for each account
these take effect in the order of the log."""
MARKET_KINDS = tuple(Kind)[tuple(Kind).index(Kind.MARKET_TERMS) :]
"""Of these, what the exchange is told."""
CHOSEN_KINDS = tuple(kind for kind in ASSET_KINDS if kind is not Kind.SETTLE)
"""Of these, the ones of which an operation id is used up by its contract. A settlement's is computed from a holder's
entry, so a holder knows it beforehand and could sign a message of that id: the two are kept apart."""
REGISTRY_KINDS = tuple(kind for kind in Kind if kind not in {Kind.ANCHOR, *EMISSION_KINDS, *ASSET_KINDS})
"""What the identifier registry is told; these take effect in the order of the log."""


def operation_id(deployment_id: bytes, kind: Kind, natural_key: bytes) -> bytes:
    """The 32-byte operation id (docs/design.md §5)."""
    if len(deployment_id) != HASH_BYTES:
        raise ValueError(f"a deployment id has 32 bytes, got {len(deployment_id)}")
    return hashlib.sha256(deployment_id + kind.value.encode() + b"\x00" + natural_key).digest()
