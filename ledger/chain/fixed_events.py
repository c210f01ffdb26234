"""Events whose every member has a fixed width, taken apart by one cut of their bytes.

A member of fixed width is one word of 32 bytes, padded with zeros (Solidity ABI specification, "Formal Specification of
the Encoding"), so that a whole event is one format of ``struct``, and all of its padding one mask. Formats are made
from the ABI. What does not fit to the byte is not judged here: the general decoder says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Any

from ledger.chain.wire import Log

_WORD = 32
_NUMBER = re.compile(r"uint(8|16|24|32|40|48|56|64)\Z")
_BYTES = re.compile(r"bytes([1-9]|[12][0-9]|3[0-2])\Z")
_PAIR = re.compile(r"(.+)\[2]\Z")
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_TRUTH = ("false", "true")
_ADDRESS_BYTES = 20


class FixedEvent:
    """One event without members of variable length.

    Parameters
    ----------
    inputs
        As in the ABI. Raises ``ValueError`` where a member is not of fixed width, or wider than 64 bits as a number.
    """

    def __init__(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        members = [*(item for item in inputs if item["indexed"]), *(item for item in inputs if not item["indexed"])]
        if any(item["indexed"] and _PAIR.match(item["type"]) for item in members):
            raise ValueError("a topic of two words is a hash of them")
        words = [word for item in members for word in _words(item["type"])]
        self._topics = 1 + sum(item["indexed"] for item in members)
        self._bytes = _WORD * (len(words) - self._topics + 1)
        self._struct = Struct(">" + "".join(code for code, _ in words))
        self._padding = int.from_bytes(b"".join(mask for _, mask in words), "big")
        self._names = tuple(item["name"] for item in members)
        self._pairs = tuple(place for place, item in enumerate(members) if _PAIR.match(item["type"]))
        told = sorted(members, key=lambda item: item["name"])
        self._template = "{" + ",".join(f"{json.dumps(item['name'])}:{_text(item['type'])}" for item in told) + "}"
        self._told = tuple((item["name"], _telling(item["type"])) for item in told)

    def decode(self, log: Log) -> dict[str, Any] | None:
        """The members by name, ``None`` where the event is not of its type to the byte."""
        topics, data = log.topics, log.data
        words = b"".join(topics[1:]) + data
        if len(topics) != self._topics or len(data) != self._bytes or len(words) != self._struct.size:
            return None
        if int.from_bytes(words, "big") & self._padding:
            return None
        values: Sequence[Any] = self._struct.unpack(words)
        if self._pairs:
            parts = list(values)
            for place in self._pairs:
                parts[place : place + 2] = [parts[place : place + 2]]
            values = parts
        return dict(zip(self._names, values, strict=True))

    def text(self, args: Mapping[str, Any]) -> str:
        """The members as canonical JSON, as ``ChainEvent.args_json`` gives them."""
        return self._template % tuple([args[name] if tell is None else tell(args[name]) for name, tell in self._told])


def fixed_event(inputs: Sequence[Mapping[str, Any]]) -> FixedEvent | None:
    """The event of these members, ``None`` where one of them is not of a fixed width that is known here."""
    try:
        return FixedEvent(inputs)
    except ValueError:
        return None


def _words(kind: str) -> list[tuple[str, bytes]]:
    """Of each word of a type: its part of the format, and the bits that have to be zero."""
    pair = _PAIR.match(kind)
    if pair is not None:
        return _words(pair[1]) * 2 if _PAIR.match(pair[1]) is None else _unknown(kind)
    if kind == "bool":
        return [("31x?", b"\xff" * 31 + b"\xfe")]
    if kind == "address":
        return [(f"12x{_ADDRESS_BYTES}s", b"\xff" * 12 + bytes(_ADDRESS_BYTES))]
    if found := _NUMBER.match(kind):
        width = int(found[1]) // 8
        read = next(size for size in _CODES if size >= width)
        return [(f"{_WORD - read}x{_CODES[read]}", b"\xff" * (_WORD - width) + bytes(width))]
    if found := _BYTES.match(kind):
        width = int(found[1])
        return [(f"{width}s{_WORD - width}x", bytes(width) + b"\xff" * (_WORD - width))]
    return _unknown(kind)


def _unknown(kind: str) -> list[tuple[str, bytes]]:
    raise ValueError(f"{kind} is not of a fixed width known here")


def _text(kind: str) -> str:
    if _PAIR.match(kind):
        return "[%s]"
    return '"0x%s"' if kind == "address" or kind.startswith("bytes") else "%s"


def _telling(kind: str) -> Callable[[Any], str] | None:
    """How a value is written where its place in the text does not say so already."""
    if pair := _PAIR.match(kind):
        text, tell = _text(pair[1]), _telling(pair[1])
        return lambda two: ",".join(text % (one if tell is None else tell(one)) for one in two)
    if kind == "bool":
        return _TRUTH.__getitem__
    return bytes.hex if kind == "address" or kind.startswith("bytes") else None
