"""What verification asks of the log: a port, answered by the ledger from its tables.

Every answer is as of the position at which the statement would enter (``next_index``), so that a bulk run
sees its own earlier lines. Times are integer unix seconds (UTC), periods half open ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from attestation.facts.admissions import AdmissionFacts
from attestation.facts.assets import AssetFacts
from attestation.facts.cases import CaseFacts
from attestation.facts.devices import DeviceFacts
from attestation.facts.labels import LabelFacts
from attestation.facts.market import MarketFacts
from attestation.facts.policies import PolicyFacts
from attestation.facts.quotas import QuotaFacts

if TYPE_CHECKING:
    from attestation.accounting.factor_sets import FactorSet
    from attestation.keys import Kind, PublicKey, Purpose
    from attestation.typed_data import Domain


class EntryRef(Struct, frozen=True):
    """A logged entry: its index, its statement id and its leaf hash (32 bytes each)."""

    index: int
    statement_id: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class IdentifierRecord:
    """An enrolled identifier. ``enrolled_index`` is the ``key`` entry that introduced it."""

    identifier: str
    kind: Kind
    parent: str | None
    group: str | None
    enrolled_index: int


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key of an identifier. It signs entries with ``activated_index < index`` and, once revoked,
    ``index < revoked_index``.

    ``compromised_since``: its entries from this index on are flagged. ``authorised_by``: thumbprint (base64url) of
    the key that signed its ``key`` entry; None where that was the root key. ``depth``: how many keys stand between
    it and the root key, itself included: 1 for a key that the root key enrolled.
    """

    identifier: str
    key: PublicKey
    purposes: Purpose
    activated_index: int
    revoked_index: int | None
    compromised_since: int | None = None
    authorised_by: str | None = None
    depth: int = 1


RecoveryState = Literal["pending", "vetoed", "completed"]


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    """A logged proposal that ``key`` take the place of the key ``replaces`` (thumbprint, base64url) of ``subject``.

    ``statement_id`` and ``index`` are those of the proposal, ``proposed_at`` its acceptance in unix seconds.
    """

    statement_id: bytes
    index: int
    subject: str
    replaces: str
    key: PublicKey
    purposes: Purpose
    proposed_at: int
    state: RecoveryState


class StreamState(Struct, frozen=True):
    """Where a stream stands; all zero for one that has no entry.

    ``last_seq`` is the highest logged seq, ``count`` how many entries the stream has in the log (so
    ``last_seq - count`` are missing), ``closed_seq`` the seq of the last close and ``closed_until`` the end
    of its period.
    """

    last_seq: int
    count: int
    closed_seq: int
    closed_until: int


class Period(Struct, frozen=True):
    """The period of a logged reading at ``seq``."""

    start: int
    end: int
    seq: int


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """A logged close as it bounds the readings below it: they have ``after_seq < seq <= last_seq``, lie in
    ``[start, end)``, and the meter says that it signed ``count`` of them."""

    after_seq: int
    last_seq: int
    count: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CitedReadings:
    """The readings of a cited range, summed exactly: ``total`` in ``unit``, from the first's start to the
    last's end. ``meters``: the one meter that all of them name (None: they name none), or two that differ."""

    count: int
    total: Decimal
    unit: str
    start: int
    end: int
    meters: tuple[str | None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class RecoveryOnChain:
    """A recovery that the registry contract knows: from when on it may be completed there (Unix seconds), and whether
    it was vetoed or cancelled there, as of ``read_at`` (Unix seconds; ``None``: whoever asks is not told)."""

    ready_at: int
    withdrawn: bool
    read_at: int | None = None


class Context(
    DeviceFacts, CaseFacts, AdmissionFacts, PolicyFacts, LabelFacts, AssetFacts, QuotaFacts, MarketFacts, Protocol
):
    """The log as one statement meets it.

    ``origin`` is the log's origin, ``now`` the acceptance time, ``skew`` the seconds by which a claimed time
    may be ahead of it, ``next_index`` the index that the statement would get. ``registrar`` is the root key
    of the trust file, ``registrar_identifier`` its holder. ``registry_domain`` and ``emissions_domain`` are the
    EIP-712 domains of the identifier registry and of the emissions registry, or None where there is no such
    contract. ``recovery_delay`` is the seconds from the acceptance of a proposed recovery to the earliest
    acceptance of its completion.
    """

    @property
    def origin(self) -> str: ...
    @property
    def now(self) -> int: ...
    @property
    def skew(self) -> int: ...
    @property
    def next_index(self) -> int: ...
    @property
    def registrar(self) -> PublicKey: ...
    @property
    def registrar_identifier(self) -> str: ...
    @property
    def registry_domain(self) -> Domain | None: ...
    @property
    def emissions_domain(self) -> Domain | None: ...
    @property
    def recovery_delay(self) -> int: ...

    def identifier(self, identifier: str, /) -> IdentifierRecord | None:
        """The enrolled identifier, or None."""

    def key(self, identifier: str, thumbprint_b64: str, /) -> KeyRecord | None:
        """The key of that RFC 7638 thumbprint (base64url) enrolled for the identifier, or None."""

    def key_owner(self, thumbprint_b64: str, /) -> str | None:
        """The identifier for which a key of that thumbprint is enrolled, or None: one key, one holder."""

    def keys_of(self, identifier: str, /) -> Sequence[KeyRecord]:
        """Every key that the identifier has or had, in the order of activation; none for an unknown one."""

    def recovery(self, statement_id: bytes, /) -> RecoveryRecord | None:
        """The proposed recovery of that statement id, or None."""

    def recovery_of(self, thumbprint_b64: str, /) -> RecoveryRecord | None:
        """The proposed recovery that brings the key of that thumbprint (in whatever state), or None."""

    def entry(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """The entry at that place, or None."""

    def stream(self, issuer: str, stream: str, /) -> StreamState:
        """Where the stream stands; all zero when nothing is logged in it."""

    def neighbours(self, issuer: str, stream: str, seq: int, /) -> tuple[Period | None, Period | None]:
        """The closest logged readings below and above ``seq``."""

    def readings_between(self, issuer: str, stream: str, after_seq: int, up_to_seq: int, /) -> int:
        """How many readings are logged with ``after_seq < seq <= up_to_seq``."""

    def closed_span(self, issuer: str, stream: str, seq: int, /) -> ClosedSpan | None:
        """The closest logged close above ``seq`` (``last_seq >= seq``); ``after_seq`` is the seq of the close
        before it, or 0. None when no close stands above."""

    def recovery_on_chain(self, thumbprint_b64: str, /) -> RecoveryOnChain | None:
        """What the registry contract says, as far as its chain was read, of the recovery that proposes this key."""

    def cited(self, issuer: str, stream: str, first_seq: int, last_seq: int, /) -> CitedReadings | None:
        """The readings ``first_seq`` to ``last_seq`` (both included) summed, or None when any seq of the
        range is missing, is not a reading, or the units are mixed. Raises ``Unsettled`` where a sum has to be
        made first, while nobody waits for it."""

    def open_range(self, issuer: str, stream: str, seq: int, /) -> tuple[int, int] | None:
        """First and last of the longest range around ``seq`` in which every seq is open: below the stream's highest,
        neither logged nor declared lost. None when ``seq`` itself is not."""

    def loss_of(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """The logged loss that declares this seq lost, or None."""

    def factor_set(self, factor_set_id: str, version: str, /) -> FactorSet | None:
        """The factor set of that id and version published by a logged policy, or None."""

    def policy(self, policy: str, policy_id: str, version: str, /) -> EntryRef | None:
        """The logged policy of that kind, id and version, or None."""
