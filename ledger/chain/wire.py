"""What a node answers, as values: headers, events, receipts; and what counts as no usable answer.

A node is not trusted to keep to the format: whatever does not fit is an answer that cannot be used, never another
error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from eth_utils.address import to_checksum_address

from ledger.chain.errors import ChainUnavailable, RequestRefused

LIMIT_EXCEEDED = -32005
"""What a node answers that limits how often, or how much, it is asked (EIP-1474)."""
_RETRYABLE_CODES = frozenset({LIMIT_EXCEEDED, -32002})
_REVERTED = ("revert", "vm exception")
_SELECTOR = 4
_HASH_BYTES = 32
_Value = TypeVar("_Value")

BlockTag = int | str
"""A block number, or ``latest``, ``pending``, ``safe``, ``finalized``, ``earliest``."""


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block named by number and hash (32 bytes): a number alone names different blocks after a reorg."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A block header. ``base_fee`` in wei, 0 before London; ``timestamp`` in unix seconds; ``gas_limit``: what all
    its transactions together may ask for."""

    number: int
    hash: bytes
    parent: bytes
    timestamp: int
    base_fee: int
    gas_limit: int

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


def address_text(address: bytes) -> str:
    """EIP-55 text of a 20-byte address."""
    return str(to_checksum_address(address))


def unavailable(method: str, found: object) -> ChainUnavailable:
    """The error for an answer that cannot be used; ``found`` says what came instead."""
    return ChainUnavailable(
        "the chain endpoint gave no usable answer",
        rule="chain.unavailable",
        value=f"{method}: {found}",
        expected="a JSON-RPC result",
        message_zh="链端点没有给出可用的应答",
    )


def result(method: str, response: dict[str, Any]) -> Any:
    """The ``result`` of an answer, or its error as an exception."""
    error = response.get("error")
    if error is None:
        if "result" not in response:
            raise unavailable(method, "an answer with neither result nor error")
        return response["result"]
    if isinstance(error, str):
        error = {"code": -32000, "message": error}
    if not isinstance(error, dict) or not isinstance(error.get("code", 0), int):
        raise unavailable(method, error)
    code = int(error.get("code", -32000))
    message = str(error.get("message", ""))
    if code in _RETRYABLE_CODES:
        raise unavailable(method, f"{message} (code {code})")
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


def is_revert(message: str, data: bytes) -> bool:
    """Whether an error says that a transaction was executed and reverted."""
    return len(data) >= _SELECTOR or any(part in message.lower() for part in _REVERTED)


def tag_text(tag: BlockTag) -> str:
    """A block number or tag as JSON-RPC wants it."""
    return hex(tag) if isinstance(tag, int) else tag


def to_int(value: Any) -> int:
    """A hexadecimal quantity."""
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise unavailable("quantity", repr(value)) from error


def to_bytes(value: Any) -> bytes:
    """Hexadecimal data."""
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, TypeError, ValueError) as error:
        raise unavailable("data", repr(value)) from error


def to_hash(value: Any) -> bytes:
    """32 bytes."""
    digest = to_bytes(value)
    if len(digest) != _HASH_BYTES:
        raise unavailable("hash", repr(value))
    return digest


def parsed(parse: Callable[[Any], _Value], raw: Any) -> _Value:
    """``parse(raw)``; an answer of another shape is :class:`ChainUnavailable`."""
    try:
        return parse(raw)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise unavailable(parse.__name__, f"{type(error).__name__} {error}") from error


def to_block(raw: dict[str, Any]) -> Block:
    """A header."""
    return Block(
        number=to_int(raw["number"]),
        hash=to_hash(raw["hash"]),
        parent=to_hash(raw["parentHash"]),
        timestamp=to_int(raw["timestamp"]),
        base_fee=to_int(raw.get("baseFeePerGas") or "0x0"),
        gas_limit=to_int(raw["gasLimit"]),
    )


def to_log(raw: dict[str, Any]) -> Log:
    """An event."""
    return Log(
        address=to_bytes(raw["address"]),
        topics=tuple(to_bytes(topic) for topic in raw["topics"]),
        data=to_bytes(raw["data"]),
        block_number=to_int(raw["blockNumber"]),
        block_hash=to_hash(raw["blockHash"]),
        tx_hash=to_hash(raw["transactionHash"]),
        index=to_int(raw["logIndex"]),
    )


def to_logs(raw: list[dict[str, Any]]) -> list[Log]:
    """Events of ``eth_getLogs``."""
    if not isinstance(raw, list):
        raise unavailable("eth_getLogs", type(raw).__name__)
    # Blocks, transactions, contracts and events repeat from one log to the next: each is read once.
    hashes, words, numbers = _Read(to_hash), _Read(to_bytes), _Read(to_int)
    found = []
    for item in raw:
        first, *rest = item["topics"] or (None,)
        found.append(
            Log(
                words[item["address"]],
                () if first is None else (words[first], *[to_bytes(topic) for topic in rest]),
                to_bytes(item["data"]),
                numbers[item["blockNumber"]],
                hashes[item["blockHash"]],
                hashes[item["transactionHash"]],
                to_int(item["logIndex"]),
            )
        )
    return found


class _Read(dict[Any, Any]):
    """What was read of a text, by that text."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Any) -> Any:
        self[text] = found = self._read(text)
        return found


def to_receipt(raw: dict[str, Any]) -> Receipt:
    """The outcome of a transaction."""
    created = raw.get("contractAddress")
    return Receipt(
        tx_hash=to_hash(raw["transactionHash"]),
        succeeded=to_int(raw["status"]) == 1,
        block_number=to_int(raw["blockNumber"]),
        block_hash=to_hash(raw["blockHash"]),
        gas_used=to_int(raw["gasUsed"]),
        contract=to_bytes(created) if created else None,
        logs=tuple(to_log(log) for log in raw.get("logs", [])),
    )
