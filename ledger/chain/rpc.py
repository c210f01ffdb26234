"""JSON-RPC to one chain endpoint: typed answers, deadlines, and errors sorted into retryable and permanent.

A thin layer over web3.py's HTTP provider. It sends raw, locally signed transactions only, so no middleware is used.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import requests
from eth_utils.address import to_checksum_address
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from ledger.chain.errors import ChainUnavailable, RequestRefused, WrongChain

DEFAULT_TIMEOUT = 10.0
"""Seconds for one request."""

_RETRYABLE_CODES = frozenset({-32005, -32002})
_REVERTED = ("revert", "vm exception")
_SELECTOR = 4

BlockTag = int | str
"""A block number, or ``latest``, ``pending``, ``safe``, ``finalized``, ``earliest``."""


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block named by number and hash (32 bytes): a number alone names different blocks after a reorg."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A block header. ``base_fee`` in wei, 0 before London; ``timestamp`` in unix seconds."""

    number: int
    hash: bytes
    parent: bytes
    timestamp: int
    base_fee: int

    @property
    def ref(self) -> BlockRef:
        """Number and hash."""
        return BlockRef(self.number, self.hash)


@dataclass(frozen=True, slots=True)
class Log:
    """One event as the chain gives it; ``address`` is 20 bytes."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a mined transaction. ``gas_used`` in gas; ``contract`` is set for a creation."""

    tx_hash: bytes
    succeeded: bool
    block_number: int
    block_hash: bytes
    gas_used: int
    contract: bytes | None
    logs: tuple[Log, ...]


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
        self._provider = HTTPProvider(
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
            raise _unavailable(method, error) from error
        return _result(method, cast("dict[str, Any]", response))

    def chain_id(self) -> int:
        """EIP-155 chain id."""
        return _int(self.request("eth_chainId"))

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
            raw = self.request("eth_getBlockByNumber", _tag(tag), False)
        except RequestRefused:
            if isinstance(tag, int):
                # Ganache answers with an error for a number above its head.
                head = self.head()
                if tag > head.number:
                    return None
            elif tag in {"finalized", "safe"}:
                return None
            raise
        return None if raw is None else _block(raw)

    def head(self) -> Block:
        """The newest header."""
        raw = self.request("eth_getBlockByNumber", "latest", False)
        if raw is None:
            raise _unavailable("eth_getBlockByNumber", "no latest block")
        return _block(raw)

    def code(self, address: bytes) -> bytes:
        """Runtime code at ``address`` (empty: no contract)."""
        return _bytes(self.request("eth_getCode", address_text(address), "latest"))

    def balance(self, address: bytes) -> int:
        """Balance in wei."""
        return _int(self.request("eth_getBalance", address_text(address), "latest"))

    def nonce(self, address: bytes, tag: BlockTag = "latest") -> int:
        """How many transactions of ``address`` are on chain (with ``pending``: also those that wait)."""
        return _int(self.request("eth_getTransactionCount", address_text(address), _tag(tag)))

    def gas_price(self) -> int:
        """What the node proposes to pay, wei per gas."""
        return _int(self.request("eth_gasPrice"))

    def call(self, to: bytes, data: bytes, *, sender: bytes | None = None, block: BlockTag = "latest") -> bytes:
        """Run a call without a transaction; raises :class:`RequestRefused` with the revert data if it reverts."""
        transaction = {"to": address_text(to), "data": "0x" + data.hex()}
        if sender is not None:
            transaction["from"] = address_text(sender)
        return _bytes(self.request("eth_call", transaction, _tag(block)))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes) -> int:
        """Gas that a transaction would use now; raises :class:`RequestRefused` if it would revert."""
        transaction = {"from": address_text(sender), "data": "0x" + data.hex()}
        if to is not None:
            transaction["to"] = address_text(to)
        return _int(self.request("eth_estimateGas", transaction))

    def send_raw(self, raw: bytes) -> None:
        """Hand over one signed transaction. That the node has it already is success."""
        try:
            self.request("eth_sendRawTransaction", "0x" + raw.hex())
        except RequestRefused as error:
            # Ganache mines at once and reports a revert of the mined transaction as an error of this request.
            if not error.is_known_transaction and not _is_revert(error.reason, error.data):
                raise

    def knows_transaction(self, tx_hash: bytes) -> bool:
        """Whether the node has the transaction, mined or waiting."""
        return self.request("eth_getTransactionByHash", "0x" + tx_hash.hex()) is not None

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Outcome of a mined transaction, ``None`` while it is not on chain."""
        raw = self.request("eth_getTransactionReceipt", "0x" + tx_hash.hex())
        return None if raw is None else _receipt(raw)

    def wait_for_receipt(self, tx_hash: bytes, *, deadline: float, interval: float = 0.05) -> Receipt:
        """Poll for a receipt for at most ``deadline`` seconds, else raise :class:`ChainUnavailable`."""
        until = time.monotonic() + deadline
        while True:
            found = self.receipt(tx_hash)
            if found is not None:
                return found
            if time.monotonic() >= until:
                raise _unavailable("eth_getTransactionReceipt", f"0x{tx_hash.hex()} not mined after {deadline} s")
            time.sleep(interval)

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """Events of ``addresses`` in blocks ``first..last`` (both included), in chain order."""
        query = {
            "address": [address_text(address) for address in addresses],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        found = [_log(raw) for raw in self.request("eth_getLogs", query)]
        return sorted(found, key=lambda log: (log.block_number, log.index))


def address_text(address: bytes) -> str:
    """EIP-55 text of a 20-byte address."""
    return str(to_checksum_address(address))


def _unavailable(method: str, found: object) -> ChainUnavailable:
    return ChainUnavailable(
        "the chain endpoint gave no usable answer",
        rule="chain.unavailable",
        value=f"{method}: {found}",
        expected="a JSON-RPC result",
        message_zh="链端点没有给出可用的应答",
    )


def _result(method: str, response: dict[str, Any]) -> Any:
    error = response.get("error")
    if error is None:
        if "result" not in response:
            raise _unavailable(method, "an answer with neither result nor error")
        return response["result"]
    if isinstance(error, str):
        error = {"code": -32000, "message": error}
    code = int(error.get("code", -32000))
    message = str(error.get("message", ""))
    if code in _RETRYABLE_CODES:
        raise _unavailable(method, f"{message} (code {code})")
    raise RequestRefused(method, code, message, _revert_data(error.get("data")))


def _revert_data(data: Any) -> bytes:
    # Anvil: hex text. Ganache: {"result": hex} or hex. Others put "Reverted 0x…" there.
    if isinstance(data, dict):
        data = data.get("result") or data.get("data")
    if isinstance(data, str):
        text = data.removeprefix("Reverted ")
        if text.startswith("0x"):
            try:
                return bytes.fromhex(text[2:])
            except ValueError:
                return b""
    return b""


def _is_revert(message: str, data: bytes) -> bool:
    return len(data) >= _SELECTOR or any(part in message.lower() for part in _REVERTED)


def _tag(tag: BlockTag) -> str:
    return hex(tag) if isinstance(tag, int) else tag


def _int(value: Any) -> int:
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise _unavailable("quantity", repr(value)) from error


def _bytes(value: Any) -> bytes:
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, ValueError) as error:
        raise _unavailable("data", repr(value)) from error


def _block(raw: dict[str, Any]) -> Block:
    return Block(
        number=_int(raw["number"]),
        hash=_bytes(raw["hash"]),
        parent=_bytes(raw["parentHash"]),
        timestamp=_int(raw["timestamp"]),
        base_fee=_int(raw.get("baseFeePerGas") or "0x0"),
    )


def _log(raw: dict[str, Any]) -> Log:
    return Log(
        address=_bytes(raw["address"]),
        topics=tuple(_bytes(topic) for topic in raw["topics"]),
        data=_bytes(raw["data"]),
        block_number=_int(raw["blockNumber"]),
        block_hash=_bytes(raw["blockHash"]),
        tx_hash=_bytes(raw["transactionHash"]),
        index=_int(raw["logIndex"]),
    )


def _receipt(raw: dict[str, Any]) -> Receipt:
    created = raw.get("contractAddress")
    return Receipt(
        tx_hash=_bytes(raw["transactionHash"]),
        succeeded=_int(raw["status"]) == 1,
        block_number=_int(raw["blockNumber"]),
        block_hash=_bytes(raw["blockHash"]),
        gas_used=_int(raw["gasUsed"]),
        contract=_bytes(created) if created else None,
        logs=tuple(_log(log) for log in raw.get("logs", [])),
    )
