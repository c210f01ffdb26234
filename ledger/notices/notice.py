"""One notice, and the powers that make one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Power(StrEnum):
    """What was done, by the registrar, with two persons where nothing else is said (DOMAIN 23)."""

    FREEZE = "freeze"
    FREEZE_AT_ONCE = "freeze-at-once"
    """By the registrar alone, for 24 hours."""
    CONFIRM_FREEZE = "confirm-freeze"
    LAPSE_FREEZE = "lapse-freeze"
    """By the registrar alone: what nobody confirmed is over."""
    RELEASE = "release"
    SUSPEND = "suspend"
    RESUME = "resume"
    TRANSFER = "transfer"
    REVERSAL = "reversal"
    """A transfer that brings back what an erroneous trade moved."""
    REFUND = "refund"
    """A deposit that brings back what an erroneous trade cost."""
    CANCEL = "cancel"
    COLLECT = "collect"
    """By the registrar alone: what two persons' allocation made due and its time is over (DOMAIN 31)."""
    BIND = "bind"
    PRICE = "price"
    HALT = "halt"
    """For the trading day at most."""
    RESUME_MARKET = "resume-market"


ALONE = frozenset({Power.FREEZE_AT_ONCE, Power.LAPSE_FREEZE, Power.COLLECT})
"""What the registrar does without two persons' approval."""
OF_THE_MARKET = frozenset({Power.PRICE, Power.HALT, Power.RESUME_MARKET})
"""What concerns everybody who ever brought units or cash to the market."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the entry at ``index``, accepted at ``at`` (unix seconds), did to ``accounts`` (identifiers; none: to the
    market). ``asset`` as in ``attestation.assets``, ``tonnes`` of it; ``fen``: of a refund or a price; ``day``: the
    trading day (YYYYMMDD). ``sender``, ``receiver``: of a transfer. ``freeze``: the operation of the freeze that it
    made or changed; ``reverses``: the operation of the trade that it undoes. ``reason`` and ``document_hash`` (64 hex):
    as they were signed, those of the freeze for what confirms or ends one; None where the act rests on a rule alone.
    ``issuer`` signed the entry, ``approvers`` approved it. ``state``: that of the operation towards the contracts."""

    index: int
    at: int
    power: Power
    accounts: tuple[str, ...]
    issuer: str
    approvers: tuple[str, ...]
    op_id: bytes | None
    state: str | None
    asset: int | None = None
    tonnes: int | None = None
    fen: int | None = None
    day: int | None = None
    sender: str | None = None
    receiver: str | None = None
    freeze: bytes | None = None
    reverses: bytes | None = None
    reason: str | None = None
    document_hash: str | None = None
