"""How fast signed fills reach the chain (P8): the relayer from a full outbox until all of them are final, against the
same calls as raw transactions.

``python -m bench.relayer [--fills 3000] [--rounds 3]`` starts an Anvil, deploys as in production, and has the relayer
itself set up a market: twenty buyers with cash, twenty sellers with units, an open day. Then, in turns, on the same
chain each time (taken back by a snapshot) and the same fills:

* raw: one signed ``settle`` transaction a fill, signed beforehand, handed over in JSON-RPC batches of a hundred to an
  Anvil that does not mine, then mined. Seconds of handing over and of mining are shown apart.
* the relayer: as many intents in the outbox of a SQLite file (WAL, ``synchronous=FULL``); ``Relayer.step`` until every
  row is final, with the rule for chains whose blocks are final when they appear. Nothing is prepared: it reads, orders,
  encodes, signs, stores, sends, reads the events back and marks each row. What it remembers of intents and orders is
  forgotten before each round, since no fill comes twice elsewhere.

The relayer's rate over the raw one is what P8 asks; the median of the rounds counts. Beside it stand the seconds of the
processor that each fill took, in this process and in the node: where others use the machine, only these two compare.
The node saves no state meanwhile. JSON: ``build/bench/relayer.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from attestation.typed_data import Domain
from bench.relayed_market import BUYERS, DAY, DEADLINE, PAIRS, PRICE_FEN, QUOTA, SELLERS, RelayedMarket
from ganache import Node, development_keys
from ledger.chain import outbox
from ledger.chain.asset_intents import stored_intent
from ledger.chain.contracts import EXCHANGE
from ledger.chain.exchange import Exchange
from ledger.chain.market_intents import SettleIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.db.base import Database
from ledger.fill_places import order_hash
from ledger.heap import settle_heap

GOAL = 0.70
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "relayer.json"
_GAS_OF_FILL = 600_000
_RAW_BATCH = 100


@dataclass(frozen=True)
class Fill:
    """One fill: its operation, what is asked for, and the same call signed as a transaction of its own."""

    op_id: bytes
    intent: SettleIntent
    raw: bytes


class RelayerBench(RelayedMarket):
    """A deployment with an open market, and fills to be settled on it again and again."""

    def fills(self, count: int) -> list[Fill]:
        """So many fills of fresh orders, each of a buyer and a seller chosen by turns, and their raw transactions."""
        exchange = Exchange(self._rpc, self._deploy().addresses[EXCHANGE])
        nonce, fee = self._rpc.nonce(account_address(self._sender)), 2 * current_fee(self._rpc)
        made = []
        for number in range(count):
            intent = self._fill(BUYERS[number % PAIRS], SELLERS[(number // 3) % PAIRS])
            op_id = intent.operation_id(self._parameters.deployment_id)
            signed = sign(
                self._sender,
                chain_id=self._parameters.chain_id,
                nonce=nonce + number,
                fee=fee,
                gas=_GAS_OF_FILL,
                to=exchange.address,
                data=exchange.tell(op_id, intent),
            )
            made.append(Fill(op_id, intent, signed.raw))
        return made

    def raw(self, fills: Sequence[Fill]) -> dict[str, float]:
        """Seconds of handing over and of mining, seconds of the processor."""
        self._take_back()
        bodies = [
            json.dumps(
                [
                    {"jsonrpc": "2.0", "id": at, "method": "eth_sendRawTransaction", "params": ["0x" + one.raw.hex()]}
                    for at, one in enumerate(fills[first : first + _RAW_BATCH])
                ]
            )
            for first in range(0, len(fills), _RAW_BATCH)
        ]
        self._rpc.request("evm_setAutomine", False)
        try:
            begun, used = time.perf_counter(), _processor()
            with requests.Session() as line:
                line.trust_env = False
                for body in bodies:
                    answers = line.post(
                        self._rpc.url, data=body, headers={"Content-Type": "application/json"}, timeout=DEADLINE
                    ).json()
                    if any("result" not in one for one in answers):
                        raise ValueError(f"the node refused: {answers[0]}")
            handed = time.perf_counter()
            while self._settled() < len(fills):
                self._rpc.request("evm_mine")
            done = time.perf_counter()
        finally:
            self._rpc.request("evm_setAutomine", True)
        return {"handing": handed - begun, "seconds": done - begun, "cpu": sum(_processor()) - sum(used)}

    def relayed(self, fills: Sequence[Fill]) -> dict[str, float]:
        """Seconds until all are final in the outbox, those of this process's processor, rounds, transactions."""
        self._take_back()
        database = self._restored(fills)
        sender = account_address(self._sender)
        before = self._rpc.nonce(sender)
        try:
            relayer = self._relayer(database)
            relayer.step()
            with database.write() as session:
                for one in fills:
                    outbox.enqueue_asset(session, self._parameters.deployment_id, one.intent, now=int(time.time()))
            stored_intent.cache_clear()
            order_hash.cache_clear()
            rounds, begun, used = 0, time.perf_counter(), _processor()
            while not self._all_final(database, len(fills)):
                relayer.step()
                rounds += 1
                if time.perf_counter() - begun > DEADLINE:
                    raise TimeoutError(f"not final after {DEADLINE} s")
            spent, now = time.perf_counter() - begun, _processor()
        finally:
            database.close()
        if self._settled() != len(fills):
            raise ValueError(f"{self._settled()} t were settled, not {len(fills)}")
        transactions = self._rpc.nonce(sender) - before
        own, node = now[0] - used[0], now[1] - used[1]
        return {"seconds": spent, "own": own, "node": node, "rounds": rounds, "transactions": transactions}

    def _take_back(self) -> None:
        if self._rpc.request("evm_revert", self._snapshot) is not True:
            raise ValueError("the node did not go back to its snapshot")
        self._snapshot = self._rpc.request("evm_snapshot")

    def _settled(self) -> int:
        return Exchange(self._rpc, self._domain(EXCHANGE).verifying_contract).day_of(QUOTA, DAY).volume

    def _restored(self, fills: Sequence[Fill]) -> Database:
        file = self._folder / f"{secrets.token_hex(4)}.sqlite3"
        shutil.copy(self._store, file)
        domain = self._domain(EXCHANGE)
        # The matched fills, without the entries that they come from: what the relayer looks into is there.
        line = sqlite3.connect(file)
        columns = ", ".join("?" * 19)
        line.executemany(
            f"INSERT INTO market_fills VALUES ({columns})",
            [self._matched(number, one, domain) for number, one in enumerate(fills)],
        )
        line.commit()
        line.close()
        return Database(f"sqlite:///{file}")

    @staticmethod
    def _matched(number: int, fill: Fill, domain: Domain) -> tuple[object, ...]:
        orders = fill.intent.buy.digest(domain), fill.intent.sell.digest(domain)
        amounts = (1, PRICE_FEN, PRICE_FEN, 0, 0, 0, 0)
        return (QUOTA, DAY, number, number, *orders, "buyer", "seller", *amounts, 1, True, fill.op_id, 1)


def run(count: int, rounds: int) -> dict[str, Any]:
    """Measure; the answer is what goes into the JSON file."""
    measured: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, Node(Path(folder) / "chain", save_interval=3_600) as engine:
        rpc = Rpc(engine.rpc_url, timeout=DEADLINE)
        bench = RelayerBench(rpc, development_keys(engine.rpc_url, engine.chain_id), Path(folder))
        fills = bench.fills(count)
        settle_heap()  # as the service does before it begins
        for _ in range(rounds):
            raw, relayed = bench.raw(fills), bench.relayed(fills)
            cpu = relayed["own"] + relayed["node"]
            measured.append(
                {
                    "raw_per_s": count / raw["seconds"],
                    "raw_handed_per_s": count / raw["handing"],
                    "relayer_per_s": count / relayed["seconds"],
                    "ratio": raw["seconds"] / relayed["seconds"],
                    "raw_cpu_ms": 1000 * raw["cpu"] / count,
                    "relayer_own_cpu_ms": 1000 * relayed["own"] / count,
                    "relayer_node_cpu_ms": 1000 * relayed["node"] / count,
                    "cpu_ratio": raw["cpu"] / cpu,
                    "rounds": relayed["rounds"],
                    "transactions": relayed["transactions"],
                }
            )
            print({key: round(value, 3) for key, value in measured[-1].items()}, flush=True)
        rpc.close()
    median = {key: round(statistics.median(one[key] for one in measured), 3) for key in measured[0]}
    return {"goal": GOAL, "fills": count, "rounds": rounds, "median": median, "passed": median["ratio"] >= GOAL}


def main() -> int:
    """Run, print, write the JSON; 1 where the goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fills", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    result = run(given.fills, given.rounds)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    median = result["median"]
    print(
        f"relayer, {given.fills} fills: {median['relayer_per_s']:.0f}/s until final, raw {median['raw_per_s']:.0f}/s"
        f" (handed over {median['raw_handed_per_s']:.0f}/s); {median['ratio']} of raw (goal {GOAL}); processor's time"
        f" {median['cpu_ratio']}"
    )
    return 0 if result["passed"] else 1


def _processor() -> tuple[float, float]:
    """Seconds of the processor of this process and of those that it started, which is the node (Linux)."""
    ticks, started = 0, _children(os.getpid())
    while started:
        pid = started.pop()
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        started += _children(pid)
    return time.process_time(), ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text("ascii").split()]


if __name__ == "__main__":
    raise SystemExit(main())
