"""The killer: draws victims and moments from the seed, and counts what it hit."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from tests.faults.chain_facts import unsaved_blocks
from tests.faults.chain_state import LOSSES
from tests.faults.figure_moments import Aim, Moment, on_their_way, wait_for
from tests.faults.installation import APART, Role
from tests.faults.supervision import Operator

_CATCH_SECONDS = 60.0
# A relayer that was killed leaves its lease to expire (ledger.chain.lease); until then no other one may send.
_LEASE_SECONDS = 35.0
_RELAYER_SHARE = 0.4
_AIMED_SHARE = 0.5
_AIM_SECONDS = 12.0
_EVERY_MOMENT = (Moment.ACCEPTED, Moment.SENT, Moment.SEEN, None)
# What the kills of a process wait for, one after the other; None: for nothing.
_MOMENTS: dict[Aim, dict[Role, tuple[Moment | None, ...]]] = {
    Aim.FIGURE: {Role.RELAYER: (Moment.SENT, Moment.ACCEPTED, None), Role.SERVICE: (Moment.ACCEPTED, None)},
    Aim.FILL: dict.fromkeys((Role.SERVICE, Role.RELAYER, Role.CHAIN), _EVERY_MOMENT),
}


@dataclass
class Options:
    """One round. `kills` of each of the `victims`; `losses`: how many of the chain's lose its saved state as well;
    `longest_pause` between two kills and `longest_down` of a process in seconds. `trading`: a market trades meanwhile,
    and kills are aimed at its fills; `day_seconds`: about how long a trading day takes."""

    kills: int = 40
    losses: int = 3
    seed: int = 0
    meters: int = 6
    quiet_within: float = 120.0
    longest_pause: float = 2.0
    longest_down: float = 2.0
    pause: float = 0.8
    quiet: bool = False
    victims: tuple[Role, ...] = APART
    trading: bool = False
    trading_pause: float = 1.0
    day_seconds: float = 25.0


class Killer:
    """Draws victims and moments, and counts what it hit."""

    def __init__(self, operator: Operator, options: Options) -> None:
        self.operator = operator
        self.counts: Counter[str] = Counter()
        self.in_startup: Counter[str] = Counter()
        self.relaying = 0
        self.unsaved = 0
        self.lost: Counter[str] = Counter()
        self.aimed: Counter[str] = Counter()
        self.last_at = time.monotonic()
        self._options = options
        self._aim = Aim.FILL if options.trading else Aim.FIGURE
        self._chance = random.Random(options.seed)
        # Which of the chain's kills lose its state, and how: one after the other, so that each way is met.
        losing = sorted(self._chance.sample(range(options.kills), min(options.losses, options.kills)))
        self._losing = dict(zip(losing, cycle(LOSSES), strict=False))

    def run(self, say: Callable[[str], None]) -> None:
        """Kill every process as often as was asked."""
        left = [role for role in self._options.victims for _ in range(self._options.kills)]
        while left:
            time.sleep(self._chance.uniform(0.0, self._options.longest_pause))
            role = self._ripe(left)
            left.remove(role)
            # Now and then the next kill of the same process follows at once, while it starts.
            again = role in left and self._chance.random() < 0.3
            self._kill(role, 0.0 if again else self._down(), starting=False)
            if again:
                left.remove(role)
                self._kill(role, self._down(), starting=True)
            say(f"{self.counts.total()} kills, {len(left)} to come")

    def _down(self) -> float:
        return self._chance.uniform(0.0, self._options.longest_down)

    def _ripe(self, left: Sequence[Role]) -> Role:
        """A process of those to be killed; the relayer while it is the one that may send, since else it only waits."""
        limit = time.monotonic() + _LEASE_SECONDS
        while True:
            role = self._chance.choice(left)
            if Role.RELAYER in left and self._relays() and self._chance.random() < _RELAYER_SHARE:
                return Role.RELAYER
            if role is not Role.RELAYER or self._relays() or time.monotonic() > limit:
                return role
            time.sleep(0.05)

    def _wait_unsaved(self) -> bool:
        """Wait for a block that no saved state contains: a kill now makes the chain forget it. False if none came."""
        limit = time.monotonic() + _LEASE_SECONDS
        # Some blocks are lost before anybody read them, some after.
        hold = self._chance.uniform(0.0, 0.8)
        since: float | None = None
        while time.monotonic() < limit:
            if not (self.operator.is_ready(Role.CHAIN) and unsaved_blocks(self.operator.installation)):
                since = None
            elif since is None:
                since = time.monotonic()
            elif time.monotonic() - since >= hold:
                return True
            time.sleep(0.01)
        return False

    def _relays(self) -> bool:
        pid = self.operator.pid(Role.RELAYER)
        with sqlite3.connect(f"file:{self.operator.installation.database}?mode=ro", uri=True) as connection:
            found = connection.execute("SELECT holder FROM leases WHERE name = 'relayer'").fetchone()
        connection.close()
        return pid is not None and found is not None and f"-{pid}-" in found[0]

    def _kill(self, role: Role, down: float, *, starting: bool) -> None:
        loss = self._losing.get(self.counts[Role.CHAIN]) if role is Role.CHAIN else None
        # The engine alone, or the supervisor with it: in turn, so that both are hit as often.
        engine = role is Role.CHAIN and self.counts[Role.CHAIN] % 2 == 0 and loss is None
        limit = time.monotonic() + _CATCH_SECONDS
        delay = self._chance.uniform(0.0, 2.5 if starting else 1.0)
        # Half of the chain's kills are aimed at the moment after a block, since chance alone seldom hits it.
        moments = _MOMENTS[self._aim].get(role, (None,))
        moment = None if starting else moments[self.counts[role] % len(moments)]
        unsaved = role is Role.CHAIN and not starting and moment is None
        if unsaved and self._chance.random() < _AIMED_SHARE and self._wait_unsaved():
            delay = 0.0
        # So are those of other processes, at the moments of a figure or a fill on its way to the chain.
        database = self.operator.installation.database
        if moment is not None and wait_for(database, self._aim, moment, _AIM_SECONDS):
            delay = 0.0
        while time.monotonic() < limit:
            if self.operator.is_running(role) if starting else self.operator.is_ready(role):
                time.sleep(delay)
                ready = self.operator.is_ready(role)
                relays = role is Role.RELAYER and self._relays()
                lost = unsaved_blocks(self.operator.installation) if role is Role.CHAIN else 0
                under_way = on_their_way(database, self._aim)
                hit = self.operator.kill_engine(down=down) if engine else self._kill_process(role, down, loss)
                if hit:
                    self.last_at = time.monotonic()
                    self.counts[role] += 1
                    self.lost.update([] if loss is None else [loss])
                    self.in_startup[role] += not ready
                    self.relaying += relays
                    self.unsaved += lost
                    self.aimed.update(f"{role}_{moment}" for moment, count in under_way.items() if count)
                    return
            time.sleep(0.02)
        raise TimeoutError(f"{role} could not be killed within {_CATCH_SECONDS:g} s:\n{self.operator.words(role)}")

    def _kill_process(self, role: Role, down: float, loss: str | None) -> bool:
        if loss is None:
            return self.operator.kill(role, down=down)
        node = self.operator.installation.home / "node"
        return self.operator.kill(role, down=down, before_restart=partial(LOSSES[loss], node))
