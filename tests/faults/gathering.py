"""Gathers the facts of an installation that is quiet: from the database's file, over HTTP, and from the chain."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx

from attestation.typed_data import Domain
from ledger.checkpoint import Checkpoint, Note, VerifierKey, verify_cosigners, verify_signatures
from ledger.errors import LedgerError
from ledger.merkle import verify_consistency
from tests.faults.audit import Answer, Facts, Head, Row
from tests.faults.chain_facts import Chain
from tests.faults.client_log import Client
from tests.faults.figures import FIGURE_TYPES, figures_of
from tests.faults.installation import COMMAND_DEADLINE_SECONDS, Installation, tanlu
from tests.faults.market_gathering import asking, gather_market
from tests.faults.sign_in import as_registrar

_PROOFS = 40
_OVER = frozenset({"final", "refused"})
"""States of chain writes that nothing follows; whether a refusal is right is judged afterwards."""


def wait_quiet(installation: Installation, within: float) -> float | None:
    """Wait until everything accepted is final; the seconds that took, None if it is not so `within` seconds."""
    begun = time.monotonic()
    with httpx.Client(base_url=installation.url, timeout=10.0, auth=as_registrar(installation)) as http:
        while time.monotonic() - begun < within:
            try:
                lag = http.get("/v1/health").json()["lag"]
                waiting = [count for state, count in lag["outbox"].items() if state not in _OVER and count]
                last = lag["accepted"] - 1
                done = lag["not_integrated"] == 0 and not waiting
                if done and http.get(f"/v1/entries/{last}").json()["state"] == "final":
                    return time.monotonic() - begun
            except (httpx.HTTPError, KeyError, ValueError):
                pass
            time.sleep(0.25)
    return None


def gather(installation: Installation, client: Client, trading: Client | None = None) -> Facts:
    """All facts; ``trading``: the log of the client that trades, where one did. What is found wrong while gathering
    (signatures, proofs) is in `found`."""
    both = client if trading is None else client.joined(trading)
    with httpx.Client(base_url=installation.url, timeout=30.0, auth=as_registrar(installation)) as http:
        rows, heads, outbox, fees = _database(installation.database)
        found: list[str] = []
        newest = _head(installation, http.get("/v1/checkpoint").text, found)
        seen = [_head(installation, note, found) for note in both.checkpoints]
        _prove_prefixes(http, seen, newest, found)
        answers = {}
        for row in rows:
            answer = _patiently(http, f"/v1/entries/{row.index}").json()
            answers[row.index] = Answer(*(answer[name] for name in ("index", "statement_id", "leaf_hash", "state")))
        market = None if trading is None else gather_market(installation, trading, asking(http, _patiently))
    chain = Chain(installation.rpc_url, installation.trust)
    return Facts(
        client=both,
        rows=rows,
        answers=answers,
        newest=newest,
        heads=heads,
        seen=seen,
        chain=chain.read(),
        contract_root=chain.root_at(newest.epoch, newest.size).hex(),
        outbox=outbox,
        keys=sum(row.type == "key" for row in rows),
        fees=fees,
        figures=figures_of(row.entry for row in rows if row.type in FIGURE_TYPES),
        market=market,
        found=found,
    )


def verify_receipts(installation: Installation, facts: Facts, sample: int, seed: int, folder: Path) -> list[str]:
    """Fetch and verify the receipts of a random sample, each by `tanlu verify` with the chain asked; what failed."""
    chosen = random.Random(seed).sample(range(len(facts.rows)), min(sample, len(facts.rows)))
    failed, who = [], as_registrar(installation)
    for index in sorted(chosen):
        receipt = folder / f"receipt-{index}.json"
        answer = httpx.get(f"{installation.url}/v1/entries/{index}/receipt", timeout=30.0, auth=who)
        receipt.write_bytes(answer.content)
        command = tanlu("verify", str(receipt), "--trust", str(installation.trust_file), "--rpc", installation.rpc_url)
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_DEADLINE_SECONDS, check=False)
        if answer.status_code != 200 or done.returncode != 0:
            failed.append(
                f"receipt of entry {index}: {answer.status_code}, tanlu verify {done.returncode}: {done.stdout}"
            )
            continue
        report = json.loads(done.stdout)
        if (report["index"], report["statement_id"]) != (index, facts.rows[index].statement_id):
            failed.append(f"receipt of entry {index} is about {report['index']} {report['statement_id']}")
    return failed


_OUTBOX = """
    SELECT CASE WHEN state = 'refused' AND kind = 'settle' THEN 'undone' ELSE state END AS ended, count(*)
    FROM outbox GROUP BY ended
"""


def _database(path: Path) -> tuple[list[Row], list[Head], dict[str, int], tuple[int, int]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        rows = [
            Row(index, bytes(statement).hex(), bytes(leaf).hex(), bytes(entry), (stream, seq), kind)
            for index, statement, leaf, entry, stream, seq, kind in connection.execute(
                "SELECT idx, statement_id, leaf_hash, entry, stream_id, seq, type FROM entries ORDER BY idx"
            )
        ]
        heads = [
            Head(size, bytes(root).hex(), epoch, created_at)
            for size, root, epoch, created_at in connection.execute(
                "SELECT size, root, epoch, created_at FROM checkpoints WHERE cosigned ORDER BY size"
            )
        ]
        outbox = dict(connection.execute(_OUTBOX))
        fees = [int(fee) for (fee,) in connection.execute("SELECT fee FROM outbox WHERE fee IS NOT NULL")]
    connection.close()
    return rows, heads, outbox, (min(fees), max(fees))


def _head(installation: Installation, text: str, found: list[str]) -> Head:
    """The head in a note, its three kinds of signatures judged by the keys of the trust file."""
    trust: dict[str, Any] = installation.trust
    note = Note.parse(text.encode())
    head = Checkpoint.parse(note.text)
    contract = bytes.fromhex(trust["contracts"]["evidence_log"].removeprefix("0x"))
    domain = Domain(trust["chain_id"], contract, bytes.fromhex(trust["deployment_id"]))
    cosigners = [bytes.fromhex(address.removeprefix("0x")) for address in trust["cosigners"]]
    try:
        verify_signatures(note, [VerifierKey.parse(trust["log_key"])], 1)
        verify_signatures(note, [VerifierKey.parse(key) for key in trust["witnesses"]], trust["witness_quorum"])
        verify_cosigners(note, cosigners, trust["cosigner_threshold"], domain)
        if head.origin != trust["log"]:
            found.append(f"a checkpoint of another log: {head.origin}")
    except LedgerError as error:
        found.append(f"checkpoint of size {head.size}: {error}")
    return Head(head.size, head.root.hex(), head.epoch or 0)


def _patiently(http: httpx.Client, path: str, **params: str | int) -> httpx.Response:
    """An answer; whoever asks ten thousand things at once is told to wait."""
    while True:
        answer = http.get(path, params=params)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return answer
        time.sleep(int(answer.headers["Retry-After"]))


def _prove_prefixes(http: httpx.Client, seen: list[Head], newest: Head, found: list[str]) -> None:
    """Ask for consistency proofs from heads that were seen to the newest, and verify them."""
    step = max(1, len(seen) // _PROOFS)
    for head in [*seen[::step], *seen[-1:]]:
        answer = _patiently(http, "/v1/consistency", old=head.size, new=newest.size)
        try:
            proof = [bytes.fromhex(node) for node in answer.json()["proof"]]
            verify_consistency(head.size, newest.size, bytes.fromhex(head.root), bytes.fromhex(newest.root), proof)
        except (LedgerError, KeyError) as error:
            found.append(f"no consistency from size {head.size} to {newest.size}: {error}")
