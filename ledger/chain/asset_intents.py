"""What the log says of units, obligations, scores and the market, as values that the asset contracts are told.

An effect of an accepted entry makes one of these and hands it to ``ledger.effects.assets.tell_assets``, in the order of
the log and in the transaction that accepts the entry.

A message that people signed names its own operation: that is the operation id of its intent (``SignedIntent``). What
the registrar tells without signatures is named by its entry. Accounts are account ids (Keccak-256 of the identifier's
UTF-8, 32 bytes), assets those of ``attestation.assets``, amounts whole tonnes, instants Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, get_args

import msgspec

from ledger.chain.asset_told import AssetTold, require_hash, require_year, year_party
from ledger.chain.entry_intents import require_entry
from ledger.chain.market_intents import MarketIntent
from ledger.chain.operations import LIMIT, Kind
from ledger.chain.signed_intents import SignedIntent

__all__ = [
    "MOST_ITEMS",
    "AllocatePartIntent",
    "AllocationItem",
    "AssessIntent",
    "AssetIntent",
    "CloseIntent",
    "CollectIntent",
    "CreditIntent",
    "LapseFreezeIntent",
    "ProposeScoreIntent",
    "PublishScoreIntent",
    "SignedIntent",
    "WithdrawScoreIntent",
    "asset_intent",
    "stored_intent",
]

MOST_ITEMS = 64
"""Items of a part, accounts of a close: what one call takes."""
_WHOLE_BPS = 10_000
_GRADES = 2**8


@dataclass(frozen=True, slots=True)
class AllocationItem:
    """A row of a run: what an account gets, what of it it will owe, what of its old debt is settled (DOMAIN 31)."""

    account: bytes
    granted: int
    owes: int = 0
    settles: int = 0

    def as_tuple(self) -> tuple[bytes, int, int, int]:
        """In the order of the Solidity struct."""
        return self.account, self.granted, self.owes, self.settles


@dataclass(frozen=True, slots=True)
class AllocatePartIntent(AssetTold):
    """One part of an approved run: ``part`` counts from 0 in ``parts``, the hashes (32 bytes each) of all of them."""

    KIND: ClassVar[Kind] = Kind.ALLOCATE

    run: bytes
    parts: tuple[bytes, ...]
    part: int
    items: tuple[AllocationItem, ...]

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        for each in (self.run, *self.parts, *(item.account for item in self.items)):
            require_hash("run, part or account", each)
        if not 0 <= self.part < len(self.parts):
            raise ValueError(f"part {self.part} of {len(self.parts)}")
        if not 1 <= len(self.items) <= MOST_ITEMS:
            raise ValueError(f"{len(self.items)} items in a part")

    @property
    def natural_key(self) -> bytes:
        """The entry and the part: one entry asks for all parts."""
        return self.leaf_hash + self.part.to_bytes(4)

    @property
    def parties(self) -> frozenset[str]:
        """The run and every account that gets something."""
        return frozenset({self.run.hex(), *(item.account.hex() for item in self.items)})


@dataclass(frozen=True, slots=True)
class CollectIntent(AssetTold):
    """What an account owes is taken back, as far as it has free units of the vintage (DOMAIN 31)."""

    KIND: ClassVar[Kind] = Kind.COLLECT

    account: bytes
    vintage: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("account", self.account)
        require_year(self.vintage)

    @property
    def parties(self) -> frozenset[str]:
        """The account."""
        return frozenset({self.account.hex()})


@dataclass(frozen=True, slots=True)
class LapseFreezeIntent(AssetTold):
    """A freeze made at once that nobody confirmed in 24 hours (DOMAIN 23); ``account``: whose units it holds."""

    KIND: ClassVar[Kind] = Kind.LAPSE_FREEZE

    freeze: bytes
    account: bytes

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("freeze", self.freeze)
        require_hash("account", self.account)

    @property
    def parties(self) -> frozenset[str]:
        """The freeze and its account."""
        return frozenset({self.freeze.hex(), self.account.hex()})


@dataclass(frozen=True, slots=True)
class _OfYear(AssetTold):
    account: bytes
    year: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("account", self.account)
        require_year(self.year)

    @property
    def parties(self) -> frozenset[str]:
        """The account."""
        return frozenset({self.account.hex()})

    @property
    def rests_on(self) -> frozenset[str]:
        """The account, terms and price of the year."""
        return frozenset({self.account.hex(), year_party(self.year)})


@dataclass(frozen=True, slots=True)
class AssessIntent(_OfYear):
    """What is missing of an obligation after its deadline is fixed, with its charge (DOMAIN 7)."""

    KIND: ClassVar[Kind] = Kind.ASSESS


@dataclass(frozen=True, slots=True)
class CreditIntent(_OfYear):
    """What was surrendered beyond an obligation that was amended down counts for the next year (DOMAIN 2)."""

    KIND: ClassVar[Kind] = Kind.CREDIT


@dataclass(frozen=True, slots=True)
class CloseIntent(AssetTold):
    """A year is over (DOMAIN 6, 11): what these accounts, 1 to 64, hold free of its vintage is cancelled.

    One entry may close more accounts than one call takes: ``part`` counts its calls from 0.
    """

    KIND: ClassVar[Kind] = Kind.CLOSE_YEAR

    year: int
    accounts: tuple[bytes, ...]
    part: int = 0

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_year(self.year)
        if not 1 <= len(self.accounts) <= MOST_ITEMS or self.part < 0:
            raise ValueError(f"{len(self.accounts)} accounts in part {self.part}")
        for account in self.accounts:
            require_hash("account", account)

    @property
    def natural_key(self) -> bytes:
        """The entry and the part."""
        return self.leaf_hash + self.part.to_bytes(4)

    @property
    def parties(self) -> frozenset[str]:
        """The accounts."""
        return frozenset(account.hex() for account in self.accounts)

    @property
    def rests_on(self) -> frozenset[str]:
        """The accounts and the terms of the year."""
        return self.parties | {year_party(self.year)}


@dataclass(frozen=True, slots=True)
class _Score(AssetTold):
    account: bytes
    year: int
    points_bps: int
    grade: int
    formula: bytes
    input_root: bytes

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        for what in (self.account, self.formula, self.input_root):
            require_hash("account, formula or root", what)
        require_year(self.year)
        if not 0 <= self.points_bps <= _WHOLE_BPS or not 0 <= self.grade < _GRADES:
            raise ValueError(f"{self.points_bps} points of grade {self.grade}")

    def as_tuple(self) -> tuple[bytes, int, int, int, bytes, bytes]:
        """In the order of the Solidity struct."""
        return self.account, self.year, self.points_bps, self.grade, self.formula, self.input_root

    @property
    def parties(self) -> frozenset[str]:
        """The score: nothing else waits for it."""
        return _score(self.account, self.year)


@dataclass(frozen=True, slots=True)
class ProposeScoreIntent(_Score):
    """A score is proposed for comment (DOMAIN 49); ``comments_until``: the first second in which it may be
    published."""

    KIND: ClassVar[Kind] = Kind.PROPOSE_SCORE

    comments_until: int

    def __post_init__(self) -> None:
        _Score.__post_init__(self)
        if not 0 < self.comments_until < LIMIT:
            raise ValueError(f"comments until {self.comments_until}")


@dataclass(frozen=True, slots=True)
class PublishScoreIntent(_Score):
    """The proposed score is published, after its comment window."""

    KIND: ClassVar[Kind] = Kind.PUBLISH_SCORE


@dataclass(frozen=True, slots=True)
class WithdrawScoreIntent(_OfYear):
    """A score is withdrawn, proposed or published."""

    KIND: ClassVar[Kind] = Kind.WITHDRAW_SCORE

    @property
    def parties(self) -> frozenset[str]:
        """The score."""
        return _score(self.account, self.year)

    @property
    def rests_on(self) -> frozenset[str]:
        """The score."""
        return self.parties


AssetIntent = (
    SignedIntent
    | AllocatePartIntent
    | CollectIntent
    | LapseFreezeIntent
    | AssessIntent
    | CreditIntent
    | CloseIntent
    | ProposeScoreIntent
    | PublishScoreIntent
    | WithdrawScoreIntent
    | MarketIntent
)
"""What the asset contracts are told, each by one call."""

_KEPT = 4_096
_PLAIN: Mapping[Kind, type[Any]] = {each.KIND: each for each in get_args(AssetIntent) if each is not SignedIntent}


def asset_intent(kind: Kind, payload: Mapping[str, Any]) -> AssetIntent:
    """The intent of a stored payload; ``kind`` is one of ``ASSET_KINDS``."""
    intent: AssetIntent = _PLAIN.get(kind, SignedIntent).from_payload(payload)
    return intent


@lru_cache(maxsize=_KEPT)
def stored_intent(kind: str, payload: str) -> AssetIntent:
    """The intent of an outbox row's ``kind`` and ``payload``: a round looks at it when it orders, when it builds the
    call, and when the effect is read back."""
    return asset_intent(Kind(kind), msgspec.json.decode(payload))


def _score(account: bytes, year: int) -> frozenset[str]:
    return frozenset({f"score-{account.hex()}-{year}"})
