"""What bounds a round of the relayer, and what one did."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.projection import SyncReport


@dataclass(frozen=True, slots=True)
class RelayerSettings:
    """``max_in_flight`` transactions at a time; one not mined after ``stuck_after`` seconds gets a higher fee; a round
    looks at most ``most_looks`` times at what waits, so that it ends."""

    max_in_flight: int = 64
    stuck_after: float = 30.0
    most_looks: int = 8


@dataclass(frozen=True, slots=True)
class StepReport:
    """One round. ``idle``: another process is the relayer. ``sent`` counts intents with a new transaction, ``refused``
    terminal ones, ``in_flight`` transactions; ``starved``: the sending account cannot pay; ``more``: what waits was not
    looked at to its end, so that the next round need not wait.
    """

    idle: bool
    deployed: bool = False
    sync: SyncReport | None = None
    sent: int = 0
    released: int = 0
    refused: int = 0
    in_flight: int = 0
    starved: bool = False
    more: bool = False
