"""A fixed EIP-712 struct as a value: its type, its members in order, its digest, by hand (EIP-712, hashStruct).

Tests of the messages made of it compare with ``eth_account``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from attestation.keccak import keccak256
from attestation.typed_data import Domain, struct_digest

_TYPE = re.compile(r"([A-Z][A-Za-z]*)\((.+)\)")
_WORD = 32
_WORDS = {
    "bytes32": "32s",
    "bool": "31x?",
    "uint8": "31xB",
    "uint16": "30xH",
    "uint24": "28xI",
    "uint32": "28xI",
    "uint40": "24xQ",
    "uint64": "24xQ",
}
"""A member's word as ``struct`` packs it: of a value that fits its type."""


class Checker(StrEnum):
    """The contract in whose domain a message is signed."""

    CARBON_LEDGER = "carbon-ledger"
    COMPLIANCE = "compliance"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class TypedStruct:
    """A fixed struct. Raises ValueError for a member that does not fit its Solidity type."""

    TYPE: ClassVar[str]
    """The EIP-712 type string."""
    CHECKER: ClassVar[Checker] = Checker.CARBON_LEDGER

    def __post_init__(self) -> None:
        # Nearly all fit; which member does not, and why, the encoder says, which takes several times as long.
        if not _fitting(type(self))(self):  # type: ignore[arg-type]  # hashable
            self._encoded()

    @classmethod
    def name(cls) -> str:
        """The struct's name."""
        return _split(cls.TYPE)[0]

    @classmethod
    def members(cls) -> tuple[tuple[str, str], ...]:
        """Solidity type and name of each member, in order."""
        return _split(cls.TYPE)[1]

    def as_tuple(self) -> tuple[bytes | int | bool, ...]:
        """The members in the order of the struct, as an ABI encoder takes them."""
        return tuple(getattr(self, member.name) for member in fields(self))

    def digest(self, domain: Domain) -> bytes:
        """The 32 bytes that are signed. ``domain`` is that of the contract which ``CHECKER`` names."""
        # The members were judged when the struct was made, and cannot change.
        return struct_digest(domain, keccak256(_packer(type(self))(self)))  # type: ignore[arg-type]  # hashable

    def _encoded(self) -> bytes:
        words = zip(self.members(), self.as_tuple(), strict=True)
        return b"".join(_encode(type_, name, value) for (type_, name), value in words)


@dataclass(frozen=True, slots=True)
class TypedMessage(TypedStruct):
    """A struct that names its operation first: 32 random bytes, which the contract uses up."""

    op_id: bytes


@cache
def _split(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    matched = _TYPE.fullmatch(text)
    if matched is None:
        raise ValueError(f"{text} is no EIP-712 type")
    pairs = (member.split(" ") for member in matched[2].split(","))
    return matched[1], tuple((type_, name) for type_, name in pairs)


@cache
def _packer(of: type[TypedStruct]) -> Callable[[TypedStruct], bytes]:
    """``typeHash ‖ encodeData`` of a struct of that class, in one call."""
    type_hash = keccak256(of.TYPE.encode())
    kinds = [kind for kind, _ in of.members()]
    if not set(kinds) <= _WORDS.keys() or len(kinds) < 2:
        return lambda message: type_hash + message._encoded()
    pack = struct.Struct(">32s" + "".join(_WORDS[kind] for kind in kinds)).pack
    values: Callable[[Any], tuple[Any, ...]] = attrgetter(*(member.name for member in fields(of)))
    return lambda message: pack(type_hash, *values(message))


@cache
def _fitting(of: type[TypedStruct]) -> Callable[[TypedStruct], bool]:
    """Whether each member of a struct of that class is plainly of its type; of types not known here it is not."""
    kinds = [kind for kind, _ in of.members()]
    if not set(kinds) <= _WORDS.keys() or len(kinds) < 2:
        return lambda _message: False
    plain = tuple({"bytes32": bytes, "bool": bool}.get(kind, int) for kind in kinds)
    words = [place for place, kind in enumerate(kinds) if kind == "bytes32"]
    numbers = [(place, 1 << int(kind[4:])) for place, kind in enumerate(kinds) if kind.startswith("uint")]
    values: Callable[[Any], tuple[Any, ...]] = attrgetter(*(member.name for member in fields(of)))

    def fits(message: TypedStruct) -> bool:
        found = values(message)
        return (
            tuple(map(type, found)) == plain
            and all(len(found[place]) == _WORD for place in words)
            and all(0 <= found[place] < limit for place, limit in numbers)
        )

    return fits


def _encode(type_: str, name: str, value: bytes | int | bool) -> bytes:
    if type_ == "bytes32" and isinstance(value, bytes) and len(value) == _WORD:
        return value
    if type_ == "bool" and isinstance(value, bool):
        return int(value).to_bytes(_WORD)
    # A flag is a number to Python.
    number = type_.startswith("uint") and isinstance(value, int) and not isinstance(value, bool)
    if number and 0 <= int(value) < 1 << int(type_.removeprefix("uint")):
        return int(value).to_bytes(_WORD)
    shown = f"{len(value)} bytes" if isinstance(value, bytes) else str(value)
    raise ValueError(f"{name}: {shown} is no {type_}")
