"""Encoding and decoding by a contract's ABI: calls, results, custom errors, events (Solidity contract ABI
specification).

web3.py hands custom errors over as raw hexadecimal and its contract objects bring a connection with them; here an ABI
is a plain value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_typing import ABIComponent, ABIElement
from eth_utils.abi import abi_to_signature, collapse_if_tuple
from eth_utils.crypto import keccak

from ledger.chain.errors import ContractRefused, RequestRefused
from ledger.chain.fixed_events import FixedEvent, fixed_event
from ledger.chain.wire import Log, unavailable

_SELECTOR = 4
_BUILT_IN: tuple[Mapping[str, Any], ...] = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


class Abi:
    """The ABI of one contract.

    Parameters
    ----------
    entries
        The ABI as the compiler gives it: a list of JSON objects.
    """

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.entries = tuple(entries)
        self._functions = {entry["name"]: entry for entry in entries if entry["type"] == "function"}
        self._events = {keccak(text=_signature(entry)): entry for entry in entries if entry["type"] == "event"}
        self._fixed = {topic: fixed_event(entry["inputs"]) for topic, entry in self._events.items()}
        self._constructor = next((entry for entry in entries if entry["type"] == "constructor"), None)

    def errors(self) -> Iterable[Mapping[str, Any]]:
        """The custom errors."""
        return (entry for entry in self.entries if entry["type"] == "error")

    def events(self) -> Iterable[tuple[bytes, Mapping[str, Any]]]:
        """The events: the topic that names each (32 bytes), and its entry."""
        return self._events.items()

    def selector(self, function: str) -> bytes:
        """The four bytes that name a function in a call."""
        return keccak(text=_signature(self._functions[function]))[:_SELECTOR]

    def call(self, function: str, *arguments: Any) -> bytes:
        """Call data of ``function``; structs as tuples, addresses as 20 bytes."""
        return self.selector(function) + encode(_types(self._functions[function]["inputs"]), arguments)

    def result(self, function: str, data: bytes) -> tuple[Any, ...]:
        """The decoded results; addresses as text in lower case."""
        return tuple(decode(_types(self._functions[function]["outputs"]), data))

    def constructor_arguments(self, *arguments: Any) -> bytes:
        """What follows the creation code."""
        inputs = [] if self._constructor is None else self._constructor["inputs"]
        return encode(_types(inputs), arguments)

    def fixed(self, topic: bytes) -> FixedEvent | None:
        """The form of the event that a topic names, where all of its members are of fixed width."""
        return self._fixed.get(topic)

    def event(self, log: Log) -> tuple[str, dict[str, Any]] | None:
        """Name and arguments of an event, ``None`` if the ABI does not know it. Addresses as 20 bytes.

        Raises :class:`ChainUnavailable` for an event whose data is not of its type.
        """
        entry = self._events.get(log.topics[0]) if log.topics else None
        if entry is None:
            return None
        fixed = self._fixed[log.topics[0]]
        arguments = None if fixed is None else fixed.decode(log)
        if arguments is not None:
            return entry["name"], arguments
        try:
            return entry["name"], _event_arguments(entry["inputs"], log)
        except (DecodingError, ValueError) as error:
            raise unavailable(entry["name"], f"event data that cannot be decoded: {error}") from error


class Errors:
    """Custom errors of several contracts, to name a revert by."""

    def __init__(self, abis: Iterable[Abi]) -> None:
        known = [entry for abi in abis for entry in abi.errors()]
        self._entries = {keccak(text=_signature(entry))[:_SELECTOR]: entry for entry in (*_BUILT_IN, *known)}

    def decoded(self, error: RequestRefused) -> RequestRefused:
        """``error`` as :class:`ContractRefused` if a contract reverted, else unchanged."""
        if isinstance(error, ContractRefused):
            return error
        if len(error.data) < _SELECTOR:
            if "revert" in error.reason.lower() and not error.data:
                return ContractRefused("unknown", {"message": error.reason}, b"")
            return error
        entry = self._entries.get(error.data[:_SELECTOR])
        if entry is None:
            return ContractRefused("unknown", {"data": error.data}, error.data)
        try:
            values = decode(_types(entry["inputs"]), error.data[_SELECTOR:])
        except DecodingError:
            return ContractRefused("unknown", {"data": error.data}, error.data)
        names = [item["name"] or str(place) for place, item in enumerate(entry["inputs"])]
        return ContractRefused(entry["name"], dict(zip(names, values, strict=True)), error.data)


def _event_arguments(inputs: Sequence[Mapping[str, Any]], log: Log) -> dict[str, Any]:
    indexed = [item for item in inputs if item["indexed"]]
    plain = [item for item in inputs if not item["indexed"]]
    values = dict(zip((item["name"] for item in plain), decode(_types(plain), log.data), strict=True))
    for item, topic in zip(indexed, log.topics[1:], strict=True):
        # A topic of a dynamic type is a hash of the value; it stays 32 bytes.
        dynamic = item["type"] in {"string", "bytes"} or item["type"].endswith("]")
        values[item["name"]] = topic if dynamic else decode([_type(item)], topic)[0]
    return {item["name"]: _plain(item["type"], values[item["name"]]) for item in inputs}


def _signature(entry: Mapping[str, Any]) -> str:
    return abi_to_signature(cast(ABIElement, entry))


def _type(item: Mapping[str, Any]) -> str:
    return collapse_if_tuple(cast(ABIComponent, item))


def _types(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_type(item) for item in items]


def _plain(kind: str, value: Any) -> Any:
    if kind.endswith("]"):
        return [_plain(kind[: kind.rindex("[")], item) for item in value]
    return bytes.fromhex(value.removeprefix("0x")) if kind == "address" else value
