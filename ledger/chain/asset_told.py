"""What asks something of the asset contracts, and what else has to wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.entry_intents import EntryIntent
from ledger.chain.operations import HASH_BYTES, Kind

_YEARS = range(1, 2**16)


@dataclass(frozen=True, slots=True)
class AssetTold(EntryIntent):
    """The entry that asks for it: leaf hash (32 bytes) and index."""

    leaf_hash: bytes
    log_index: int

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index."""
        return self.leaf_hash, self.log_index

    @property
    def kind(self) -> Kind:
        """What it does."""
        return self.KIND

    @property
    def parties(self) -> frozenset[str]:
        """What it changes: account ids, and the operation ids of runs and freezes (hexadecimal), years (``year-2025``)
        whose terms or price it sets. What changes the same takes effect in the order of the log."""
        raise NotImplementedError

    @property
    def rests_on(self) -> frozenset[str]:
        """``parties`` and what it reads besides."""
        return self.parties


def year_party(year: int) -> str:
    """The party that stands for a year's terms and price."""
    return f"year-{year}"


def require_hash(what: str, value: bytes) -> None:
    """Raise ValueError for what has not 32 bytes."""
    if len(value) != HASH_BYTES:
        raise ValueError(f"{what} has 32 bytes, got {len(value)}")


def require_year(year: int) -> None:
    """Raise ValueError for what is no year of a contract."""
    if year not in _YEARS:
        raise ValueError(f"year {year} is out of range")
