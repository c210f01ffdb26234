"""What an entry of the log asks of a contract, as a value that survives storage."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Self, cast, get_args, get_origin, get_type_hints

from ledger.chain.operations import COMPACT_BYTES, HASH_BYTES, LIMIT, Kind, operation_id


@dataclass(frozen=True, slots=True)
class EntryIntent:
    """What such intents share: a kind, a payload of their members, an operation id."""

    KIND: ClassVar[Kind]

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index of the log's entry that asks for it."""
        raise NotImplementedError

    @property
    def position(self) -> int:
        """The index of its entry."""
        return self.entry[1]

    @property
    def natural_key(self) -> bytes:
        """What the operation id is made of: the entry's leaf hash, unless said otherwise."""
        return self.entry[0]

    def operation_id(self, deployment_id: bytes) -> bytes:
        """See :func:`~ledger.chain.operations.operation_id`."""
        return operation_id(deployment_id, self.KIND, self.natural_key)

    def to_payload(self) -> dict[str, Any]:
        """JSON form."""
        return {item.name: _as_json(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_payload`."""
        return cls(**_members(cls, payload))


def require_compact(what: str, signature: bytes) -> None:
    """Raise ValueError for what is no EIP-2098 signature by its length."""
    if len(signature) != COMPACT_BYTES:
        raise ValueError(f"a {what} has 64 bytes, got {len(signature)}")


def require_entry(leaf_hash: bytes, index: int) -> None:
    """Raise ValueError for what names no entry of a log."""
    if len(leaf_hash) != HASH_BYTES:
        raise ValueError(f"a leaf hash has 32 bytes, got {len(leaf_hash)}")
    require_index(index)


def require_index(index: int) -> None:
    """Raise ValueError for what is no index of a log."""
    if not 0 <= index < LIMIT:
        raise ValueError(f"log index {index} is out of range")


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value):
        return {item.name: _as_json(getattr(value, item.name)) for item in fields(value)}
    return [_as_json(item) for item in value] if isinstance(value, tuple) else value


def _members(owner: type[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: payload[name] if read is None else read(payload[name]) for name, read in _readers(cast("Hashable", owner))
    }


@cache
def _readers(owner: Hashable) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Each member, and what makes its value of JSON's, ``None`` where that is the value."""
    kinds = get_type_hints(owner)
    return tuple((item.name, _reader(kinds[item.name])) for item in fields(cast("type[Any]", owner)))


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    if kind is bytes:
        return bytes.fromhex
    if get_origin(kind) is tuple:
        read = _reader(get_args(kind)[0])
        return tuple if read is None else lambda values: tuple(read(value) for value in values)
    if isinstance(kind, type) and is_dataclass(kind):
        return lambda value: kind(**_members(kind, value))
    return None
