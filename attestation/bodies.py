"""Payloads of the statement types: the envelope and one body per type (design §2).

Members are declared in canonical order; a payload that is built is compact UTF-8 JSON in that order. Readers
accept any order. Decimal quantities and instants stay text here, as they were signed; verification
parses them. Optional members are absent, never null.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Meta, Struct, field

from attestation.decimals import GRAMMAR
from attestation.identifiers import HANDLE_PATTERN, OPAQUE_PATTERN
from attestation.instants import DATE_PATTERN, INSTANT_PATTERN, LATEST
from attestation.units import UNITS

VERSION = 1
MAX_SEQ = 2**53 - 1

TYPES = ("key", "reading", "close", "report", "policy")
StatementType = Literal["key", "reading", "close", "report", "policy"]

STREAM_PATTERN = r"[a-z0-9][a-z0-9._-]{0,63}"
STATEMENT_ID_PATTERN = r"[0-9a-f]{64}"
SIGNATURE_HEX_PATTERN = r"0x[0-9a-f]{128}"
NAME_LIMIT = 128
FIRST_YEAR, LAST_YEAR = 1990, 2200


BOUNDS = "x-bounds"
"""Stands in a struct's schema for the published minimum and maximum, which the decoder's own would hide."""


def _published(**members: object) -> Meta:
    # For the published schemas only: verification judges these itself, step by step and with its own rules.
    return Meta(extra_json_schema=members)


def _integer(minimum: int, maximum: int) -> Meta:
    # What no JSON reader is sure of is left to strict JSON, which refuses it for every member alike.
    return Meta(ge=-MAX_SEQ, le=MAX_SEQ, extra_json_schema={BOUNDS: [minimum, maximum]})


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


IdentifierText = Annotated[str, _published(pattern=_whole(f"{HANDLE_PATTERN}|{OPAQUE_PATTERN}"), maxLength=255)]
DecimalText = Annotated[str, _published(pattern=_whole(GRAMMAR))]
EmissionsText = Annotated[str, _published(pattern=_whole(r"(0|[1-9][0-9]{0,17})\.[0-9]{2}"))]
InstantText = Annotated[str, _published(pattern=_whole(INSTANT_PATTERN))]
DateText = Annotated[str, _published(pattern=_whole(DATE_PATTERN))]
StreamText = Annotated[str, _published(pattern=_whole(STREAM_PATTERN))]
StatementIdText = Annotated[str, _published(pattern=_whole(STATEMENT_ID_PATTERN))]
SignatureHexText = Annotated[str, _published(pattern=_whole(SIGNATURE_HEX_PATTERN))]
NameText = Annotated[str, _published(minLength=1, maxLength=NAME_LIMIT)]
CompactText = Annotated[str, _published(pattern=_whole(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"))]
CoordinateText = Annotated[str, _published(pattern=_whole(r"[A-Za-z0-9_-]{43}"))]
UnitText = Annotated[str, _published(enum=list(UNITS))]
KindText = Annotated[str, _published(enum=["park", "enterprise", "device", "verifier", "regulator", "person"])]
PurposeText = Annotated[str, _published(enum=["device", "statement", "asset", "administration"])]
LineKindText = Annotated[str, _published(enum=["combustion", "electricity", "heat"])]
BaseText = Annotated[str, _published(enum=["direct", "direct+energy"])]
SeqNumber = Annotated[int, _integer(1, MAX_SEQ)]
Count = Annotated[int, _integer(0, MAX_SEQ)]
YearNumber = Annotated[int, _integer(FIRST_YEAR, LAST_YEAR)]


class _Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class Subject(_Body, frozen=True, kw_only=True):
    """The identifier that a ``key`` statement introduces or adds a key to."""

    identifier: IdentifierText
    kind: KindText
    parent: IdentifierText | None = None
    group: NameText | None = None


class Jwk(_Body, frozen=True, kw_only=True):
    """A public key (RFC 7517): ``kty`` ``OKP`` with ``crv`` ``Ed25519``, or ``EC`` with ``secp256k1``."""

    crv: Annotated[str, _published(enum=["Ed25519", "secp256k1"])]
    kty: Annotated[str, _published(enum=["OKP", "EC"])]
    x: CoordinateText
    y: CoordinateText | None = None


class NewKey(_Body, frozen=True, kw_only=True):
    """The key that is enrolled, and what it may sign, in the order of the purposes' bits."""

    jwk: Jwk
    purposes: Annotated[tuple[PurposeText, ...], _published(minItems=1, uniqueItems=True)]


class Key(_Body, frozen=True, kw_only=True):
    """Body of ``key``. ``possession`` is a compact JWS by the new key; ``possession_evm`` the 64-byte
    EIP-2098 signature over EIP-712 ``KeyPossession`` in lowercase hex with ``0x``, for ES256K keys."""

    action: Annotated[str, _published(const="enrol")]
    subject: Subject
    key: NewKey
    possession: CompactText
    possession_evm: SignatureHexText | None = None


class Reading(_Body, frozen=True, kw_only=True):
    """Body of ``reading``: what a meter measured in ``[from, to)``."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    quantity: DecimalText
    unit: UnitText


class Close(_Body, frozen=True, kw_only=True):
    """Body of ``close``: the stream's period is over. ``last_seq`` is the seq before this statement's,
    ``count`` how many readings the meter signed since the previous close."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    last_seq: Count
    count: Count


class ReportPeriod(_Body, frozen=True, kw_only=True):
    """The period ``[from, to)`` of a report."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")


class FactorSetRef(_Body, frozen=True, kw_only=True):
    """Which factor set a report was computed with."""

    id: NameText
    version: NameText


class Citation(_Body, frozen=True, kw_only=True):
    """Readings ``first_seq`` to ``last_seq`` of one stream, and their exact sum in their own unit."""

    issuer: IdentifierText
    stream: StreamText
    first_seq: SeqNumber
    last_seq: SeqNumber
    quantity: DecimalText
    unit: UnitText


class ReportLine(_Body, frozen=True, kw_only=True):
    """One activity. ``kind`` is ``combustion`` (with ``fuel``), ``electricity`` or ``heat`` (with
    ``factor``); ``quantity`` is rounded once (DOMAIN 36); ``emissions`` is tCO2 with two decimals."""

    id: NameText
    kind: LineKindText
    quantity: DecimalText
    unit: UnitText
    fuel: NameText | None = None
    factor: NameText | None = None
    emissions: EmissionsText
    evidence: tuple[Citation, ...]


class Totals(_Body, frozen=True, kw_only=True):
    """Sums of the lines in tCO2 with two decimals; ``obligation_base`` is ``direct`` or ``direct+energy``,
    ``obligation_tonnes`` whole tonnes, half-up (DOMAIN 1, 2, 36)."""

    scope1: EmissionsText
    scope2: EmissionsText
    obligation_base: BaseText
    obligation_tonnes: Count


class Report(_Body, frozen=True, kw_only=True):
    """Body of ``report``: an enterprise's emissions of a period. ``supersedes`` is the statement id (64
    lowercase hex digits) of the report that this one replaces."""

    year: YearNumber
    period: ReportPeriod
    factor_set: FactorSetRef
    lines: Annotated[tuple[ReportLine, ...], _published(minItems=1)]
    totals: Totals
    supersedes: StatementIdText | None = None


class Policy(_Body, frozen=True, kw_only=True):
    """Body of ``policy``: a parameter set. ``policy`` is ``factor-set`` (``document`` is the factor set) or
    ``obligation-base`` (``document`` is ``{"year", "base"}``); ``effective_from`` is a date ``YYYY-MM-DD``."""

    policy: Annotated[str, _published(enum=["factor-set", "obligation-base"])]
    id: NameText
    version: NameText
    effective_from: DateText
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

    v: Annotated[int, _integer(VERSION, VERSION)]
    type: str
    log: str
    iss: IdentifierText
    iat: Annotated[int, _integer(0, LATEST)]
    stream: StreamText
    seq: SeqNumber
    body: BodyT
