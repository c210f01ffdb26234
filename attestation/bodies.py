"""Payloads of the statement types: the envelope and one body per type (design §2).

Members are declared in canonical order; a payload that is built is compact UTF-8 JSON in that order. Readers
accept any order. Decimal quantities and instants stay text here, as they were signed; verification
parses them. Optional members are absent, never null.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct, field

VERSION = 1
MAX_SEQ = 2**53 - 1

TYPES = ("key", "reading", "close", "report", "policy")
StatementType = Literal["key", "reading", "close", "report", "policy"]


class _Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class Subject(_Body, frozen=True, kw_only=True):
    """The identifier that a ``key`` statement introduces or adds a key to."""

    identifier: str
    kind: str
    parent: str | None = None
    group: str | None = None


class Jwk(_Body, frozen=True, kw_only=True):
    """A public key (RFC 7517): ``kty`` ``OKP`` with ``crv`` ``Ed25519``, or ``EC`` with ``secp256k1``."""

    crv: str
    kty: str
    x: str
    y: str | None = None


class NewKey(_Body, frozen=True, kw_only=True):
    """The key that is enrolled, and what it may sign, in the order of the purposes' bits."""

    jwk: Jwk
    purposes: tuple[str, ...]


class Key(_Body, frozen=True, kw_only=True):
    """Body of ``key``. ``possession`` is a compact JWS by the new key; ``possession_evm`` the 64-byte
    EIP-2098 signature over EIP-712 ``KeyPossession`` in lowercase hex with ``0x``, for ES256K keys."""

    action: str
    subject: Subject
    key: NewKey
    possession: str
    possession_evm: str | None = None


class Reading(_Body, frozen=True, kw_only=True):
    """Body of ``reading``: what a meter measured in ``[from, to)``."""

    start: str = field(name="from")
    end: str = field(name="to")
    quantity: str
    unit: str


class Close(_Body, frozen=True, kw_only=True):
    """Body of ``close``: the stream's period is over. ``last_seq`` is the seq before this statement's,
    ``count`` how many readings the meter signed since the previous close."""

    start: str = field(name="from")
    end: str = field(name="to")
    last_seq: int
    count: int


class ReportPeriod(_Body, frozen=True, kw_only=True):
    """The period ``[from, to)`` of a report."""

    start: str = field(name="from")
    end: str = field(name="to")


class FactorSetRef(_Body, frozen=True, kw_only=True):
    """Which factor set a report was computed with."""

    id: str
    version: str


class Citation(_Body, frozen=True, kw_only=True):
    """Readings ``first_seq`` to ``last_seq`` of one stream, and their exact sum in their own unit."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    quantity: str
    unit: str


class ReportLine(_Body, frozen=True, kw_only=True):
    """One activity. ``kind`` is ``combustion`` (with ``fuel``), ``electricity`` or ``heat`` (with
    ``factor``); ``quantity`` is rounded once (DOMAIN 36); ``emissions`` is tCO2 with two decimals."""

    id: str
    kind: str
    quantity: str
    unit: str
    fuel: str | None = None
    factor: str | None = None
    emissions: str
    evidence: tuple[Citation, ...]


class Totals(_Body, frozen=True, kw_only=True):
    """Sums of the lines in tCO2 with two decimals; ``obligation_base`` is ``direct`` or ``direct+energy``,
    ``obligation_tonnes`` whole tonnes, half-up (DOMAIN 1, 2, 36)."""

    scope1: str
    scope2: str
    obligation_base: str
    obligation_tonnes: int


class Report(_Body, frozen=True, kw_only=True):
    """Body of ``report``: an enterprise's emissions of a period. ``supersedes`` is the statement id (64
    lowercase hex digits) of the report that this one replaces."""

    year: int
    period: ReportPeriod
    factor_set: FactorSetRef
    lines: tuple[ReportLine, ...]
    totals: Totals
    supersedes: str | None = None


class Policy(_Body, frozen=True, kw_only=True):
    """Body of ``policy``: a parameter set. ``policy`` is ``factor-set`` (``document`` is the factor set) or
    ``obligation-base`` (``document`` is ``{"year", "base"}``); ``effective_from`` is a date ``YYYY-MM-DD``."""

    policy: str
    id: str
    version: str
    effective_from: str
    document: dict[str, Any]


Body = Key | Reading | Close | Report | Policy
BodyT = TypeVar("BodyT")

BODY_TYPES: dict[str, type[Key | Reading | Close | Report | Policy]] = {
    "key": Key,
    "reading": Reading,
    "close": Close,
    "report": Report,
    "policy": Policy,
}


class Envelope(Struct, Generic[BodyT], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The members that every payload has."""

    v: int
    type: str
    log: str
    iss: str
    iat: int
    stream: str
    seq: int
    body: BodyT
