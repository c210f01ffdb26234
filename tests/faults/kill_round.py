"""Hard kills of every process under load: a round prints its seed, and ends with 0 only if every law holds.

    python -m tests.faults.kill_round [--kills 10] [--seed N] [--meters 6] [--json build/faults/kill_round.json]

Five processes over one home directory, run by the documented commands: node, witness, and the service's three roles.
A sixth one, the client, submits without pause and keeps its own log. Process and moment of each kill are drawn from the
seed; what the machine makes of them is not, so that a seed repeats the plan and not the run. docs/faults.md has more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import client_log
from tests.faults.audit import Facts, judge, late
from tests.faults.chain_facts import unsaved_blocks
from tests.faults.gathering import gather, verify_receipts, wait_quiet
from tests.faults.installation import APART, Installation, Role
from tests.faults.supervision import Ending, Operator

ROOT = Path(__file__).parents[2]
_RECEIPTS = 12
_LOAD_DEADLINE = 240.0
_CATCH_SECONDS = 60.0
# A relayer that was killed leaves its lease to expire (ledger.chain.lease); until then no other one may send.
_LEASE_SECONDS = 35.0
_RELAYER_SHARE = 0.4
_AIMED_SHARE = 0.5
# A node whose engine was killed says so and ends with `unavailable`.
_UNAVAILABLE = 3


@dataclass
class Options:
    """One round. `kills` per process; `longest_pause` between two kills and `longest_down` of a process in seconds."""

    kills: int = 10
    seed: int = 0
    meters: int = 6
    quiet_within: float = 120.0
    longest_pause: float = 2.0
    longest_down: float = 2.0
    pause: float = 0.8
    quiet: bool = False


class Killer:
    """Draws victims and moments, and counts what it hit."""

    def __init__(self, operator: Operator, options: Options) -> None:
        self.operator = operator
        self.counts: Counter[str] = Counter()
        self.in_startup: Counter[str] = Counter()
        self.relaying = 0
        self.unsaved = 0
        self._options = options
        self._chance = random.Random(options.seed)

    def run(self, say: Callable[[str], None]) -> None:
        """Kill every process as often as was asked."""
        left = [role for role in APART for _ in range(self._options.kills)]
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
        # The engine alone, or the supervisor with it: in turn, so that both are hit as often.
        engine = role is Role.CHAIN and self.counts[Role.CHAIN] % 2 == 0
        limit = time.monotonic() + _CATCH_SECONDS
        delay = self._chance.uniform(0.0, 2.5 if starting else 1.0)
        # Half of the chain's kills are aimed at the moment after a block, since chance alone seldom hits it.
        if role is Role.CHAIN and not starting and self._chance.random() < _AIMED_SHARE and self._wait_unsaved():
            delay = 0.0
        while time.monotonic() < limit:
            if self.operator.is_running(role) if starting else self.operator.is_ready(role):
                time.sleep(delay)
                ready = self.operator.is_ready(role)
                relays = role is Role.RELAYER and self._relays()
                unsaved = unsaved_blocks(self.operator.installation) if role is Role.CHAIN else 0
                hit = self.operator.kill_engine(down=down) if engine else self.operator.kill(role, down=down)
                if hit:
                    self.counts[role] += 1
                    self.in_startup[role] += not ready
                    self.relaying += relays
                    self.unsaved += unsaved
                    return
            time.sleep(0.02)
        raise TimeoutError(f"{role} could not be killed within {_CATCH_SECONDS:g} s:\n{self.operator.words(role)}")


def run_round(options: Options, folder: Path) -> dict[str, Any]:
    """One round in `folder`; the figures, with the list `violations`."""

    def say(line: str) -> None:
        if not options.quiet:
            print(f"  {time.monotonic() - begun:6.1f} s  {line}", file=sys.stderr, flush=True)

    begun = time.monotonic()
    installation = Installation.make(folder / "home")
    operator = Operator(installation, folder / "output")
    violations: list[str] = []
    with operator:
        say("all five processes are ready")
        load = _start_load(installation, folder, options)
        try:
            _wait_loaded(load, folder)
            under_load = time.monotonic()
            killer = Killer(operator, options)
            killer.run(say)
            violations += _stop_load(load, folder)
            loaded_for = time.monotonic() - under_load
        finally:
            load.kill()
            load.wait(10.0)
        client = client_log.read(folder / "client.jsonl")
        say(f"the client stopped: {len(client.statements)} statements acknowledged")
        quiet = wait_quiet(installation, options.quiet_within)
        if quiet is None:
            violations.append(f"not everything is final {options.quiet_within:g} s after the last submission")
        say("quiet; the audit begins" if quiet is not None else "NOT quiet; the audit begins")
        facts = gather(installation, client)
        violations += judge(facts)
        violations += verify_receipts(installation, facts, _RECEIPTS, options.seed, folder)
    violations += [_told(ending) for ending in operator.endings if not _expected(ending)]
    return {
        "seed": options.seed,
        "kills": dict(killer.counts)
        | {
            "in_startup": killer.in_startup.total(),
            "relayer_while_sending": killer.relaying,
            "blocks_lost": killer.unsaved,
        },
        "seconds": {
            "whole": round(time.monotonic() - begun, 1),
            "under_load": round(loaded_for, 1),
            "until_quiet": None if quiet is None else round(quiet, 1),
        },
        **_figures(facts, operator),
        "violations": violations,
    }


def _start_load(installation: Installation, folder: Path, options: Options) -> subprocess.Popen[bytes]:
    with (folder / "client.out").open("wb") as output:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.load"),
                *("--home", str(installation.home)),
                *("--url", installation.url),
                *("--log", str(folder / "client.jsonl")),
                *("--seed", str(options.seed)),
                *("--meters", str(options.meters)),
                *("--pause", str(options.pause)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
        )


def _wait_loaded(load: subprocess.Popen[bytes], folder: Path) -> None:
    limit = time.monotonic() + _CATCH_SECONDS
    while b'"ready"' not in (folder / "client.out").read_bytes():
        if load.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"the client does not run:\n{(folder / 'client.out').read_text()}")
        time.sleep(0.05)


def _stop_load(load: subprocess.Popen[bytes], folder: Path) -> list[str]:
    load.send_signal(signal.SIGTERM)
    try:
        status = load.wait(_LOAD_DEADLINE)
    except subprocess.TimeoutExpired:
        return [f"the client did not get its acknowledgements within {_LOAD_DEADLINE:g} s"]
    output = (folder / "client.out").read_text()
    return [] if status == 0 else [f"the client ended with {status}: {output[-1500:]}"]


def _expected(ending: Ending) -> bool:
    if ending.cause == "kill":
        return ending.status == -signal.SIGKILL
    if ending.cause == "engine":
        return ending.status == _UNAVAILABLE
    return ending.cause == "stop" and ending.status == 0


def _told(ending: Ending) -> str:
    return (
        f"{ending.role} ended ({ending.cause}) with status {ending.status} after {ending.lived:.1f} s: "
        f"{ending.words.strip()[-600:]}"
    )


def _figures(facts: Facts, operator: Operator) -> dict[str, Any]:
    client = facts.client
    count, worst = late(facts)
    relayer = operator.output(Role.RELAYER)
    ready = {role.value: sorted(times) for role, times in operator.ready_after.items() if times}
    return {
        "client": {
            "signed": client.signed,
            "acknowledged": len(client.statements),
            "acknowledgements": len(client.acknowledgements),
            "repeated": sum(item.status == "repeated" for item in client.acknowledgements),
            "checkpoints_seen": len(client.checkpoints),
            "retries": client.counters,
        },
        "log": {"entries": len(facts.rows), "heads": len(facts.heads), "newest_size": facts.newest.size},
        "chain": {
            "anchors": len(facts.chain.anchors),
            "keys": len(facts.chain.enrolled),
            "outbox": dict(facts.outbox),
            "rolled_back": relayer.count("the chain forgot block"),
            "sent_anew": relayer.count(" is sent anew: "),
            "fee_growth": round(facts.fees[1] / facts.fees[0], 1),
        },
        "promises": {"integrated_late": count, "longest_delay_s": worst},
        "ready_starts": {role: len(times) for role, times in ready.items()},
        "median_start_s": {role: round(times[len(times) // 2], 2) for role, times in ready.items()},
    }


def show(figures: dict[str, Any]) -> str:
    """The figures as a table."""
    lines = []
    for group, members in figures.items():
        if group == "violations":
            continue
        if not isinstance(members, dict):
            lines.append(f"{group:16}{members}")
            continue
        for name, value in members.items():
            lines.append(f"{group:16}{name:24}{json.dumps(value) if isinstance(value, dict) else value}")
    lines.append(f"{'violations':16}{len(figures['violations'])}")
    return "\n".join([*lines, *(f"  {violation}" for violation in figures["violations"])])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one round, print and write its figures; 1 if a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=Options.kills, help="per process: chain, witness, and three roles")
    parser.add_argument("--seed", type=int, help="default: a new one")
    parser.add_argument("--meters", type=int, default=Options.meters)
    parser.add_argument("--pause", type=float, default=Options.pause, help="mean pause of a meter, in seconds")
    parser.add_argument(
        "--longest-pause", type=float, default=Options.longest_pause, help="between two kills, in seconds"
    )
    parser.add_argument("--longest-down", type=float, default=Options.longest_down, help="of a process, in seconds")
    parser.add_argument("--quiet-within", type=float, default=Options.quiet_within, help="seconds until all is final")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "faults" / "kill_round.json")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    options = Options(
        given.kills, seed, given.meters, given.quiet_within, given.longest_pause, given.longest_down, given.pause
    )
    print(f"seed {seed}: {given.kills} kills of each of {len(APART)} processes", flush=True)
    folder = Path(tempfile.mkdtemp(prefix=f"tanlu-kills-{seed}-"))
    try:
        figures = run_round(options, folder)
    except BaseException:
        print(f"what the processes wrote is kept in {folder}", file=sys.stderr)
        raise
    given.json.parent.mkdir(parents=True, exist_ok=True)
    temporary = given.json.with_suffix(".tmp")
    temporary.write_text(json.dumps(figures, indent=1) + "\n")
    os.replace(temporary, given.json)
    print(show(figures))
    if figures["violations"]:
        print(f"what the processes wrote is kept in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
