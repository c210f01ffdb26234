"""What a round of the relayer does about one intent: a call to be sent, a wait, or nothing that could help."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.rpc import BlockRef


@dataclass(frozen=True, slots=True)
class Call:
    """A call to be signed. ``gas`` is a bound, what is not used is not paid; ``grows_to``: the head's size after it.
    ``trade``: the fill that it settles, as the contract's ``Trade``: several of those may go as one call
    (``ledger.chain.manifest``)."""

    to: bytes
    data: bytes
    gas: int
    grows_to: int | None = None
    trade: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to send now; ``reason`` is empty where the effect is there and only has to be read back. ``not_ready``: a
    recovery whose delay is not over, and whatever else the contract takes only from a time on or once there are units
    for it. ``effect``: the block of the effect, where that was read before the intent was there."""

    reason: str
    not_ready: bool = False
    effect: BlockRef | None = None


@dataclass(frozen=True, slots=True)
class Impossible:
    """No call can make the intent true on the chain as it stands."""

    reason: str


Answer = Call | Wait | Impossible
