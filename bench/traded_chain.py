"""A chain on which was traded, and a node that answers with it over and over (for ``bench.projection``).

What is said comes from a real Anvil with the committed contracts: a deployment as in production, then blocks of
settlements and of what traders do besides. Making a hundred thousand of those events takes longer than reading them, so
a node of this module repeats the answers of a shorter chain, word for word but for what differs from event to event:
numbers and hashes of blocks, transactions, operations, orders and entries.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from attestation.identifiers import account_id
from attestation.market_messages import CancelOrder, Deposit, TradingMove
from attestation.typed_data import sign_compact_digest
from bench.settlement_gas import BATCH, BUYER, CASH, QUOTA, SELLER, SettlementBench
from ledger.chain.contracts import Deployment, load_artifact
from ledger.chain.exchange import trade_words
from ledger.chain.rpc import Rpc, address_text
from ledger.chain.signed_intents import SignedIntent
from ledger.chain.signing import account_address, current_fee, sign

EVENTS_PER_TURN = 15
"""Of a turn: ten settlements, units into trading (two events), cash into trading, a deposit, a cancelled order."""
TURNS_PER_BLOCK = 4
_PER_EVENT = {"opId", "buyHash", "sellHash", "leafHash", "buyLeaf", "sellLeaf", "orderHash", "bankReference"}
"""Members of events that are another in every event."""
_GAS_OF_BATCH = 5_000_000
_WORD = 64


class TradedChain(SettlementBench):
    """The deployment, the open day and the two traders of ``bench.settlement_gas``, and blocks of their trading."""

    @property
    def deployment(self) -> Deployment:
        """What the contracts are."""
        return self._chain.deployment

    def trade_blocks(self, blocks: int) -> int:
        """Mine so many blocks of ``TURNS_PER_BLOCK`` turns; the number of the last block before them."""
        before = self._chain.rpc.head().number
        self._chain.rpc.request("anvil_setBalance", address_text(account_address(self._chain.sender)), hex(10**24))
        self._chain.rpc.request("evm_setAutomine", False)
        fee = 10 * current_fee(self._chain.rpc)  # for all of them: asked again, the node proposes what was paid lately
        for _ in range(blocks):
            self._mine(fee, [call for _ in range(TURNS_PER_BLOCK) for call in self._turn()])
        return before

    def _turn(self) -> Iterator[bytes]:
        deadline = self._now + 86_400
        trades = [trade_words(secrets.token_bytes(32), self._trade(1)) for _ in range(BATCH)]
        yield self._exchange.data("settleBatch", trades)
        buyer, seller = account_id(BUYER), account_id(SELLER)
        cancelled = self._trade(1).sell
        domain = self._chain.deployment.exchange_domain
        if domain is None:
            raise ValueError("the deployment has no exchange")
        for who, message in (
            (SELLER, TradingMove(secrets.token_bytes(32), seller, QUOTA, 1, True, deadline)),
            (BUYER, TradingMove(secrets.token_bytes(32), buyer, CASH, 10_000, True, deadline)),
        ):
            yield self._exchange.tell(message.op_id, self._chain.signed(message, domain, who))
        paid_in = Deposit(secrets.token_bytes(32), buyer, 10_000, secrets.token_bytes(32))
        persons = ("88.608.1/WANG", "88.608.2/LI")
        yield self._exchange.tell(paid_in.op_id, self._chain.signed(paid_in, domain, *persons))
        order = cancelled.digest(domain)
        ended = CancelOrder(secrets.token_bytes(32), seller, order, deadline)
        signature = sign_compact_digest(ended.digest(domain), self._chain.keys[SELLER])
        yield self._exchange.tell(ended.op_id, SignedIntent(*self._chain.entry(), ended, (signature,), extra=cancelled))

    def _mine(self, fee: int, calls: list[bytes]) -> None:
        nonce = self._chain.rpc.nonce(account_address(self._chain.sender))
        hashes = []
        for number, data in enumerate(calls):
            signed = sign(
                self._chain.sender,
                chain_id=self._chain.deployment.chain_id,
                nonce=nonce + number,
                fee=fee,
                gas=_GAS_OF_BATCH if number % 5 == 0 else 1_000_000,
                to=self._exchange.address,
                data=data,
            )
            self._chain.rpc.send_raw(signed.raw)
            hashes.append(signed.hash)
        self._chain.rpc.request("evm_mine")
        for sent in hashes:
            found = self._chain.rpc.receipt(sent)
            if found is None or not found.succeeded:
                raise ValueError(f"transaction 0x{sent.hex()} did not take effect")


def record(rpc: Rpc, deployment: Deployment, before: int, path: Path) -> None:
    """Keep what the node answers of all blocks: ``before`` is the last one that is not repeated."""
    head = rpc.head().number
    addresses = ["0x" + address.hex() for address in deployment.readable()]
    logs = rpc.request("eth_getLogs", {"address": addresses, "fromBlock": "0x0", "toBlock": hex(head)})
    headers = [rpc.request("eth_getBlockByNumber", hex(number), False) for number in range(head + 1)]
    names = {"0x" + address.hex(): name for address, (name, _) in deployment.readable().items()}
    path.write_text(json.dumps({"headers": headers, "logs": logs, "before": before, "names": names}), "utf-8")


class RepeatedChain:
    """The answers of a recorded chain, whose blocks after ``before`` come ``times`` times."""

    def __init__(self, path: Path, times: int) -> None:
        kept = json.loads(path.read_text("utf-8"))
        headers, before, names = kept["headers"], kept["before"], kept["names"]
        changing = {address: _changing(name) for address, name in names.items()}
        by_block: dict[int, list[dict[str, Any]]] = {}
        for log in kept["logs"]:
            by_block.setdefault(int(log["blockNumber"], 16), []).append(log)
        self.headers: list[bytes] = []
        self.logs: list[bytes] = []
        self.events = 0
        parent = headers[0]["parentHash"]
        for time in range(times):
            for header in headers if time == 0 else headers[before + 1 :]:
                number, own = len(self.headers), _other(header["hash"], time)
                found = [
                    _repeated(log, number, own, time, changing[log["address"].lower()])
                    for log in by_block.get(int(header["number"], 16), [])
                ]
                again = {**header, "number": hex(number), "hash": own, "parentHash": parent}
                again["transactions"] = [_other(tx, time) for tx in header["transactions"]]
                self.headers.append(json.dumps(again, separators=(",", ":")).encode())
                self.logs.append(",".join(json.dumps(log, separators=(",", ":")) for log in found).encode())
                self.events += len(found)
                parent = own

    def answer(self, request: dict[str, Any]) -> bytes:
        """One answer, as JSON."""
        method, parameters = request["method"], request["params"]
        if method == "eth_getBlockByNumber":
            wanted = parameters[0]
            number = len(self.headers) - 1 if wanted == "latest" else int(wanted, 16)
            found = self.headers[number] if number < len(self.headers) else b"null"
        elif method == "eth_getLogs":
            first, last = int(parameters[0]["fromBlock"], 16), int(parameters[0]["toBlock"], 16)
            found = b"[" + b",".join(logs for logs in self.logs[first : last + 1] if logs) + b"]"
        else:
            raise ValueError(f"nobody asks this node for {method}")
        return b'{"jsonrpc":"2.0","id":%d,"result":%s}' % (request["id"], found)


def _changing(contract: str) -> dict[str, tuple[list[int], list[int]]]:
    """Topic of each event → which of its topics and which words of its data are another in every event."""
    found = {}
    for topic, entry in load_artifact(contract).abi.events():
        indexed = [item["name"] for item in entry["inputs"] if item["indexed"]]
        words = [name for item in entry["inputs"] if not item["indexed"] for name in _words(item)]
        found["0x" + topic.hex()] = (
            [1 + place for place, name in enumerate(indexed) if name in _PER_EVENT],
            [place for place, name in enumerate(words) if name in _PER_EVENT],
        )
    return found


def _words(item: dict[str, Any]) -> list[str]:
    return [item["name"]] * 2 if item["type"] == "address[2]" else [item["name"]]


def _repeated(log: dict[str, Any], number: int, block: str, time: int, changing: dict[str, Any]) -> dict[str, Any]:
    topics, places = changing[log["topics"][0]]
    data = log["data"][2:]
    words = [data[at : at + _WORD] for at in range(0, len(data), _WORD)]
    if time:
        for place in places:
            words[place] = _other("0x" + words[place], time)[2:]
    return {
        **log,
        "blockNumber": hex(number),
        "blockHash": block,
        "transactionHash": _other(log["transactionHash"], time),
        "topics": [_other(topic, time) if place in topics else topic for place, topic in enumerate(log["topics"])],
        "data": "0x" + "".join(words),
    }


def _other(word: str, time: int) -> str:
    """Another word of 32 bytes each time; the first time the word itself."""
    return word if time == 0 else "0x" + hashlib.sha256(b"%d " % time + bytes.fromhex(word[2:])).hexdigest()


def serve(path: Path, times: int) -> None:
    """Answer on a free loopback port until standard input ends; port, events and head go to standard output."""
    chain = RepeatedChain(path, times)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            each = asked if isinstance(asked, list) else [asked]
            body = b",".join(map(chain.answer, each))
            body = b"[%s]" % body if isinstance(asked, list) else body
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is written: standard output is the answer."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = {"port": server.server_port, "events": chain.events, "head": len(chain.headers) - 1}
    print(json.dumps(told), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
