"""What the log says of verifiers and of registered emissions, as values that the emissions registry is told.

An effect of an accepted entry makes one of these and hands it to ``ledger.effects.emissions.tell_emissions``, in the
order of the log and in the transaction that accepts the entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from attestation.identifiers import account_id, parse_identifier
from ledger.chain.entry_intents import EntryIntent, require_compact, require_entry
from ledger.chain.operations import HASH_BYTES, LIMIT, Kind

_YEARS = range(1, 2**16)
_REVISIONS = range(1, 2**32)


@dataclass(frozen=True, slots=True)
class _Told(EntryIntent):
    """The entry that asks for it: leaf hash (32 bytes) and index."""

    leaf_hash: bytes
    log_index: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index."""
        return self.leaf_hash, self.log_index


@dataclass(frozen=True, slots=True)
class AssignIntent(_Told):
    """A verifier for a case: enterprise and compliance year (DOMAIN 44).

    Attributes
    ----------
    leaf_hash, log_index
        Of the ``assignment`` entry that appoints or draws.
    enterprise, verifier
        Identifiers.
    begins, until
        Unix seconds: from when on the assignment holds, and from when on no more, as in ``IEmissionsRegistry.assign``.
    """

    KIND: ClassVar[Kind] = Kind.ASSIGN

    enterprise: str
    year: int
    verifier: str
    begins: int
    until: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _require_case(self.enterprise, self.year)
        parse_identifier(self.verifier)
        if not 0 <= self.begins < self.until < LIMIT:
            raise ValueError(f"an assignment from {self.begins} until {self.until} is out of range")


@dataclass(frozen=True, slots=True)
class EndAssignmentIntent(_Told):
    """A case whose verifier is assigned no more; the entry is the ``assignment`` that ends it, or what voids it."""

    KIND: ClassVar[Kind] = Kind.END_ASSIGNMENT

    enterprise: str
    year: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _require_case(self.enterprise, self.year)


@dataclass(frozen=True, slots=True)
class TieIntent(_Told):
    """Two identifiers of which neither may verify the other, for ever (DOMAIN 8)."""

    KIND: ClassVar[Kind] = Kind.TIE

    a: str
    b: str

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        if parse_identifier(self.a) == parse_identifier(self.b):
            raise ValueError(f"a tie of {self.a} with itself")

    @property
    def natural_key(self) -> bytes:
        """Both account ids in ascending order: a tie is one, whoever is named first and however often it is said."""
        return b"".join(sorted((account_id(self.a), account_id(self.b))))


@dataclass(frozen=True, slots=True)
class RegisterIntent(_Told):
    """A verified figure (DOMAIN 2, 44): one of the revisions of a case.

    The inclusion proofs of both leaves are no part of it: they are made when it is sent, for a size that the contract
    knows then.

    Attributes
    ----------
    leaf_hash, log_index
        Of the ``registration`` entry.
    tonnes
        Whole tCO2e.
    revision
        Registered versions of the case before this one, plus 1.
    report_leaf, report_index, statement_leaf, statement_index
        Of the entries of the report and of the verification statement.
    signature
        EIP-2098 (64 bytes) over ``VerifiedEmissions`` by a key of the verifier.
    """

    KIND: ClassVar[Kind] = Kind.REGISTER

    enterprise: str
    year: int
    tonnes: int
    revision: int
    report_leaf: bytes
    report_index: int
    statement_leaf: bytes
    statement_index: int
    signature: bytes

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _require_figure(self.enterprise, self.year, self.tonnes, self.revision)
        require_entry(self.report_leaf, self.report_index)
        require_entry(self.statement_leaf, self.statement_index)
        require_compact("verifier's signature", self.signature)


@dataclass(frozen=True, slots=True)
class DetermineIntent(_Told):
    """A figure that two persons of two bodies determined, since nobody reported or verified one (DOMAIN 10).

    Attributes
    ----------
    leaf_hash, log_index
        Of the ``determination`` entry.
    document_hash
        32 bytes, of the document that says how it was determined.
    approvals
        Two EIP-2098 signatures (64 bytes each) over ``EmissionsDetermination``.
    """

    KIND: ClassVar[Kind] = Kind.DETERMINE

    enterprise: str
    year: int
    tonnes: int
    revision: int
    document_hash: bytes
    approvals: tuple[bytes, ...]

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _require_figure(self.enterprise, self.year, self.tonnes, self.revision)
        if len(self.document_hash) != HASH_BYTES:
            raise ValueError(f"a document hash has 32 bytes, got {len(self.document_hash)}")
        if len(self.approvals) != 2:
            raise ValueError(f"two persons approve a determination, not {len(self.approvals)}")
        for approval in self.approvals:
            require_compact("approval", approval)


EmissionIntent = AssignIntent | EndAssignmentIntent | TieIntent | RegisterIntent | DetermineIntent
"""What the emissions registry is told, each by one call."""

_EMISSION_INTENTS: Mapping[Kind, type[EmissionIntent]] = {each.KIND: each for each in get_args(EmissionIntent)}


def emission_intent(kind: Kind, payload: Mapping[str, Any]) -> EmissionIntent:
    """The intent of a stored payload; ``kind`` is one of ``EMISSION_KINDS``."""
    return _EMISSION_INTENTS[kind].from_payload(payload)


def _require_case(enterprise: str, year: int) -> None:
    parse_identifier(enterprise)
    if year not in _YEARS:
        raise ValueError(f"year {year} is out of range")


def _require_figure(enterprise: str, year: int, tonnes: int, revision: int) -> None:
    _require_case(enterprise, year)
    if not 0 <= tonnes < LIMIT:
        raise ValueError(f"{tonnes} t is out of range")
    if revision not in _REVISIONS:
        raise ValueError(f"revision {revision} is out of range")
