"""Hard kills of every process under load: a round prints its seed, and ends with 0 only if every law holds.

    python -m tests.faults.kill_round [--kills 40] [--losses 3] [--seed N] [--json build/faults/kill_round.json]
    python -m tests.faults.kill_round --trading --victims chain service relayer --kills 34

Five processes over one home directory, run by the documented commands: node, witness, and the service's three roles.
A sixth one, the client, submits without pause and keeps its own log; with `--trading` a seventh one trades. Process and
moment of each kill are drawn from the seed; what the machine makes of them is not, so that a seed repeats the plan and
not the run. docs/faults.md has more.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults import client_log
from tests.faults.audit import Facts, judge, late
from tests.faults.clients import ClientProcess, start_load, start_trading
from tests.faults.gathering import gather, verify_receipts, wait_quiet
from tests.faults.installation import APART, Installation, Role, tanlu
from tests.faults.killing import Killer, Options
from tests.faults.market_audit import MarketFacts
from tests.faults.restoring import copy_of, held_by_witness, restore
from tests.faults.supervision import Ending, Operator

ROOT = Path(__file__).parents[2]
_RECEIPTS = 12
_FSCK_DEADLINE = 300.0
# A node whose engine was killed says so and ends with `unavailable`.
_UNAVAILABLE = 3


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
        with ExitStack() as clients:
            running = _start_clients(installation, folder, options, clients)
            say("under load")
            under_load = time.monotonic()
            killer = Killer(operator, options)
            early = copy_of(installation.database, folder / "early.sqlite3")
            killer.run(say)
            for one in running:
                one.ask_to_stop()
            violations += [fault for one in running for fault in one.stopped()]
            loaded_for = time.monotonic() - under_load
        client, *more = (client_log.read(one.log) for one in running)
        trading = more[0] if more else None
        say(f"the clients stopped: {sum(len(one.statements) for one in (client, *more))} statements acknowledged")
        quiet = wait_quiet(installation, max(1.0, killer.last_at + options.quiet_within - time.monotonic()))
        since_kill = time.monotonic() - killer.last_at
        if quiet is None:
            violations.append(f"not everything is final {options.quiet_within:g} s after the last kill")
        say("quiet; the audit begins" if quiet is not None else "NOT quiet; the audit begins")
        facts = gather(installation, client, trading)
        violations += judge(facts)
        violations += verify_receipts(installation, facts, _RECEIPTS, options.seed, folder)
        refusal = restore(installation, early, folder)
        restored = refusal.faults(held_by_witness(installation)[1])
        violations += restored
    violations += _fsck(installation)
    violations += [_told(ending) for ending in operator.endings if not _expected(ending)]
    return {
        "seed": options.seed,
        "kills": dict(killer.counts)
        | {
            "in_startup": killer.in_startup.total(),
            "relayer_while_sending": killer.relaying,
            "blocks_lost": killer.unsaved,
            "fewest_of_a_process": min(killer.counts[role] for role in options.victims),
            "in_all": sum(killer.counts[role] for role in options.victims),
        },
        "kills_with_fill" if options.trading else "kills_with_figure": dict(sorted(killer.aimed.items())),
        "chain_state_lost": dict(killer.lost) | {"in_all": killer.lost.total()},
        "restored_database": {"refused": not restored, "its_size": early.size, "rule": refusal.error.get("rule")},
        "seconds": {
            "whole": round(time.monotonic() - begun, 1),
            "under_load": round(loaded_for, 1),
            "until_quiet": None if quiet is None else round(quiet, 1),
            "quiet_after_last_kill": None if quiet is None else round(since_kill, 1),
        },
        **_figures(facts, operator),
        **({} if facts.market is None else {"market": _market(facts.market)}),
        "violations": violations,
    }


def _fsck(installation: Installation) -> list[str]:
    """What `tanlu fsck` says of the store, processes stopped."""
    command = tanlu("fsck", "--home", str(installation.home))
    done = subprocess.run(command, capture_output=True, text=True, timeout=_FSCK_DEADLINE, check=False)
    return [] if done.returncode == 0 else [f"tanlu fsck ends with {done.returncode}: {done.stdout[:1500]}"]


def _start_clients(
    installation: Installation, folder: Path, options: Options, clients: ExitStack
) -> list[ClientProcess]:
    """The client that measures, and where it is asked for the one that trades; each ready."""
    load = start_load(installation, folder, seed=options.seed, meters=options.meters, pause=options.pause)
    running = [clients.enter_context(load)]
    if options.trading:
        seconds = {"pause": options.trading_pause, "day": options.day_seconds}
        trading = start_trading(installation, folder, seed=options.seed, **seconds)
        running.append(clients.enter_context(trading))
    for one in running:
        one.wait_ready()
    return running


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
            "figures_logged": len(facts.figures),
            "figures_registered": len(facts.chain.figures),
            "outbox": dict(facts.outbox),
            "rolled_back": relayer.count("the chain forgot block"),
            "sent_anew": relayer.count(" is sent anew: "),
            "fee_growth": round(facts.fees[1] / facts.fees[0], 1),
        },
        "promises": {"integrated_late": count, "longest_delay_s": worst},
        "ready_starts": {role: len(times) for role, times in ready.items()},
        "median_start_s": {role: round(times[len(times) // 2], 2) for role, times in ready.items()},
    }


def _market(facts: MarketFacts) -> dict[str, Any]:
    ends = Counter(placed.end or "open" for placed in facts.orders.values())
    return {
        "orders": len(facts.orders),
        "orders_ended": dict(sorted(ends.items())),
        "fills": len(facts.fills),
        "settled_on_chain": len(facts.chain.settled),
        "undone": dict(Counter((one.reason or "").partition("(")[0] for one in facts.undone)),
        "days_closed": len(facts.closes),
        "sessions_replayed": facts.replayed,
        "refused": dict(sorted(Counter(facts.client.declined.values()).items())),
        "cash_fen": facts.chain.total_cash,
        "units_t": sum(supply.issued for supply in facts.chain.supplies.values()),
    }


def show(figures: dict[str, Any]) -> str:
    """The figures as a table."""
    lines = []
    for group, members in figures.items():
        if group == "violations":
            continue
        if not isinstance(members, dict):
            lines.append(f"{group:20}{members}")
            continue
        for name, value in members.items():
            lines.append(f"{group:20}{name:24}{json.dumps(value) if isinstance(value, dict) else value}")
    lines.append(f"{'violations':20}{len(figures['violations'])}")
    return "\n".join([*lines, *(f"  {violation}" for violation in figures["violations"])])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one round, print and write its figures; 1 if a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=Options.kills, help="per process: chain, witness, and three roles")
    parser.add_argument(
        "--losses", type=int, default=Options.losses, help="of the chain's kills, how many lose its saved state too"
    )
    parser.add_argument("--seed", type=int, help="default: a new one")
    parser.add_argument("--meters", type=int, default=Options.meters)
    parser.add_argument("--pause", type=float, default=Options.pause, help="mean pause of a meter, in seconds")
    parser.add_argument(
        "--longest-pause", type=float, default=Options.longest_pause, help="between two kills, in seconds"
    )
    parser.add_argument("--longest-down", type=float, default=Options.longest_down, help="of a process, in seconds")
    parser.add_argument(
        "--victims", nargs="+", type=Role, choices=APART, default=list(APART), help="whom to kill; default: all"
    )
    parser.add_argument("--trading", action="store_true", help="a market trades meanwhile; kills aim at its fills")
    parser.add_argument(
        "--trading-pause", type=float, default=Options.trading_pause, help="mean pause of an enterprise that trades"
    )
    parser.add_argument("--day-seconds", type=float, default=Options.day_seconds, help="of a trading day, about")
    parser.add_argument("--quiet-within", type=float, default=Options.quiet_within, help="seconds until all is final")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "faults" / "kill_round.json")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    options = Options(
        kills=given.kills,
        losses=given.losses,
        seed=seed,
        meters=given.meters,
        quiet_within=given.quiet_within,
        longest_pause=given.longest_pause,
        longest_down=given.longest_down,
        pause=given.pause,
        victims=tuple(given.victims),
        trading=given.trading,
        trading_pause=given.trading_pause,
        day_seconds=given.day_seconds,
    )
    print(f"seed {seed}: {given.kills} kills of each of {len(given.victims)} processes, {given.losses} with state")
    sys.stdout.flush()
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
