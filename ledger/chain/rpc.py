"""JSON-RPC to one chain endpoint: typed answers, deadlines, and errors sorted into retryable and permanent.

A thin layer over web3.py's HTTP provider. It sends raw, locally signed transactions only, so no middleware is used.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

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

__all__ = ["DEFAULT_TIMEOUT", "Block", "BlockRef", "BlockTag", "Log", "Receipt", "Rpc", "address_text"]

BATCH = 100
"""Requests that go together; below the limits that nodes set."""
_HEADER = "eth_getBlockByNumber"
DEFAULT_TIMEOUT = 10.0
"""Seconds for one request."""


class _Provider(HTTPProvider):
    """The provider, with the decoder of JSON that bulk routes have: the library's own takes several times as long."""

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """As the library's. Raises ``ValueError`` for what is no JSON."""
        return cast("RPCResponse", msgspec.json.decode(raw_response))


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
        self._session = requests.Session()
        # A proxy from the environment has no business between a ledger and its node.
        self._session.trust_env = False
        self._provider = _Provider(
            url,
            request_kwargs={"timeout": timeout},
            session=self._session,
            exception_retry_configuration=None,
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

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
        except (requests.RequestException, ValueError, OSError) as error:
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
            except (requests.RequestException, ValueError, OSError, LookupError, TypeError, AttributeError) as error:
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
