"""JSON-RPC to one chain endpoint: typed answers, deadlines, and errors sorted into retryable and permanent.

A thin layer over web3.py's JSON-RPC provider, with connections of its own (``ledger.chain.connections``). It sends
raw, locally signed transactions only, so no middleware is used.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

import msgspec
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from attestation.nesting import hold_nesting
from ledger.chain.connections import Connections
from ledger.chain.errors import RequestRefused, WrongChain
from ledger.chain.wire import (
    Block,
    BlockRef,
    BlockTag,
    Log,
    Receipt,
    address_text,
    is_revert,
    parsed,
    result,
    tag_text,
    to_block,
    to_bytes,
    to_int,
    to_logs,
    to_receipt,
    unavailable,
)

__all__ = [
    "DEFAULT_TIMEOUT",
    "Block",
    "BlockRef",
    "BlockTag",
    "Endpoint",
    "Log",
    "Receipt",
    "Rpc",
    "address_text",
]

BATCH = 100
"""Requests that go together; below the limits that nodes set."""
_HEADER = "eth_getBlockByNumber"
DEFAULT_TIMEOUT = 10.0
"""Seconds for one request."""


_NO_ANSWER = (OSError, http.client.HTTPException, ValueError, RecursionError)

hold_nesting()


class _Provider(JSONBaseProvider):
    """The library's provider over kept connections, with the encoder and decoder of JSON that bulk routes have."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    def encode_rpc_request(self, method: RPCEndpoint, params: Any) -> bytes:
        """As the library's."""
        return _encoded(next(self.request_counter), method, params)

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """As the library's. Raises ``ValueError`` for what is no JSON."""
        return cast("RPCResponse", msgspec.json.decode(raw_response))

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One request. Raises ``ValueError`` where what came is the answer to another one."""
        number = next(self.request_counter)
        answer: Any = self.decode_rpc_response(self._connections.post(_encoded(number, method, params)))
        # An error may be of a request of which the node read no number.
        if isinstance(answer, dict) and answer.get("id") != number and not ("error" in answer and not answer.get("id")):
            # What a node says twice would be the answer to the next request, and so on: connections begin anew.
            self._connections.close()
            raise ValueError(f"the answer to request {answer.get('id')!r}, not to {number}")
        return cast("RPCResponse", answer)

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """Several together, answered in their order; a node that takes none together answers once."""
        answer: Any = self.decode_rpc_response(self._connections.post(self.encode_batch_rpc_request(requests)))
        if not isinstance(answer, list):
            return cast("RPCResponse", answer)
        return cast("list[RPCResponse]", sorted(answer, key=itemgetter("id")))


def _encoded(number: int, method: RPCEndpoint, params: Any) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "method": method, "params": params or [], "id": number})


class Rpc:
    """One endpoint.

    Parameters
    ----------
    url
        ``http://`` or ``https://`` address of a JSON-RPC endpoint.
    timeout
        Seconds after which one request counts as unanswered.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.url = url
        self._timeout = timeout
        # Without a proxy from the environment: that has no business between a ledger and its node.
        self._connections = Connections(url, timeout)
        self._provider = _Provider(self._connections)

    def close(self) -> None:
        """Close the kept connections."""
        self._connections.close()

    def locator(self) -> Endpoint:
        """How another process asks the same node."""
        return Endpoint(self.url, self._timeout)

    def request(self, method: str, *params: Any) -> Any:
        """The ``result`` of one request.

        Raises
        ------
        ChainUnavailable
            No answer, or one that only asks to try again later.
        RequestRefused
            The node's error, with revert data where it sent any.
        """
        try:
            response = self._provider.make_request(RPCEndpoint(method), params)
        except _NO_ANSWER as error:
            raise unavailable(method, error) from error
        if not isinstance(response, dict):
            raise unavailable(method, response)
        return result(method, cast("dict[str, Any]", response))

    def chain_id(self) -> int:
        """EIP-155 chain id."""
        return to_int(self.request("eth_chainId"))

    def require_chain(self, expected: int) -> None:
        """Raise :class:`WrongChain` unless the endpoint serves chain id ``expected``."""
        found = self.chain_id()
        if found != expected:
            raise WrongChain(
                "the endpoint serves another chain",
                rule="chain.id",
                value=found,
                expected=expected,
                message_zh="该端点服务的是另一条链",
            )

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """The header at ``tag``, ``None`` if there is none (or the node does not know the tag)."""
        try:
            raw = self.request("eth_getBlockByNumber", tag_text(tag), False)
        except RequestRefused:
            if isinstance(tag, int):
                # Ganache answers with an error for a number above its head.
                head = self.head()
                if tag > head.number:
                    return None
            elif tag in {"finalized", "safe"}:
                return None
            raise
        return None if raw is None else parsed(to_block, raw)

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """The headers of these numbers, ``None`` for one that there is not; many of them in one request."""
        found: list[Block | None] = []
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            asked = [(RPCEndpoint(_HEADER), (tag_text(number), False)) for number in some]
            try:
                answers = self._provider.make_batch_request(asked)
            except (*_NO_ANSWER, LookupError, TypeError, AttributeError) as error:
                raise unavailable(_HEADER, error) from error
            if not isinstance(answers, list) or len(answers) != len(some):
                # Not every node takes requests together.
                found += [self.block(number) for number in some]
                continue
            for number, answer in zip(some, answers, strict=True):
                raw = parsed(lambda one: one.get("result"), answer)
                header = self.block(number) if raw is None else parsed(to_block, raw)
                if header is not None and header.number != number:
                    raise unavailable(_HEADER, f"block {header.number} for {number}")
                found.append(header)
        return found

    def head(self) -> Block:
        """The newest header."""
        raw = self.request("eth_getBlockByNumber", "latest", False)
        if raw is None:
            raise unavailable("eth_getBlockByNumber", "no latest block")
        return parsed(to_block, raw)

    def code(self, address: bytes) -> bytes:
        """Runtime code at ``address`` (empty: no contract)."""
        return to_bytes(self.request("eth_getCode", address_text(address), "latest"))

    def balance(self, address: bytes) -> int:
        """Balance in wei."""
        return to_int(self.request("eth_getBalance", address_text(address), "latest"))

    def nonce(self, address: bytes, tag: BlockTag = "latest") -> int:
        """How many transactions of ``address`` are on chain (with ``pending``: also those that wait)."""
        return to_int(self.request("eth_getTransactionCount", address_text(address), tag_text(tag)))

    def gas_price(self) -> int:
        """What the node proposes to pay, wei per gas."""
        return to_int(self.request("eth_gasPrice"))

    def call(self, to: bytes, data: bytes, *, sender: bytes | None = None, block: BlockTag = "latest") -> bytes:
        """Run a call without a transaction; raises :class:`RequestRefused` with the revert data if it reverts."""
        transaction = {"to": address_text(to), "data": "0x" + data.hex()}
        if sender is not None:
            transaction["from"] = address_text(sender)
        return to_bytes(self.request("eth_call", transaction, tag_text(block)))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes) -> int:
        """Gas that a transaction would use now; raises :class:`RequestRefused` if it would revert."""
        transaction = {"from": address_text(sender), "data": "0x" + data.hex()}
        if to is not None:
            transaction["to"] = address_text(to)
        return to_int(self.request("eth_estimateGas", transaction))

    def send_raw(self, raw: bytes) -> None:
        """Hand over one signed transaction. That the node has it already is success."""
        try:
            self.request("eth_sendRawTransaction", "0x" + raw.hex())
        except RequestRefused as error:
            # Ganache mines at once and reports a revert of the mined transaction as an error of this request.
            if not error.is_known_transaction and not is_revert(error.reason, error.data):
                raise

    def knows_transaction(self, tx_hash: bytes) -> bool:
        """Whether the node has the transaction, mined or waiting."""
        return self.request("eth_getTransactionByHash", "0x" + tx_hash.hex()) is not None

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Outcome of a mined transaction, ``None`` while it is not on chain."""
        raw = self.request("eth_getTransactionReceipt", "0x" + tx_hash.hex())
        return None if raw is None else parsed(to_receipt, raw)

    def wait_for_receipt(self, tx_hash: bytes, *, deadline: float, interval: float = 0.05) -> Receipt:
        """Poll for a receipt for at most ``deadline`` seconds, else raise :class:`ChainUnavailable`."""
        until = time.monotonic() + deadline
        while True:
            found = self.receipt(tx_hash)
            if found is not None:
                return found
            if time.monotonic() >= until:
                raise unavailable("eth_getTransactionReceipt", f"0x{tx_hash.hex()} not mined after {deadline} s")
            time.sleep(interval)

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """Events of ``addresses`` in blocks ``first..last`` (both included), in chain order."""
        query = {
            "address": [address_text(address) for address in addresses],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        found = parsed(to_logs, self.request("eth_getLogs", query))
        return sorted(found, key=lambda log: (log.block_number, log.index))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A node, to be asked by whoever opens it. ``timeout``: seconds."""

    url: str
    timeout: float

    @contextmanager
    def open(self) -> Iterator[Rpc]:
        """An :class:`Rpc` of its own."""
        rpc = Rpc(self.url, timeout=self.timeout)
        try:
            yield rpc
        finally:
            rpc.close()
