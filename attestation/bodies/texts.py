"""The texts and numbers that bodies are made of, with their published patterns and bounds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from attestation.decimals import GRAMMAR
from attestation.identifiers import HANDLE_PATTERN, OPAQUE_PATTERN
from attestation.instants import DATE_PATTERN, INSTANT_PATTERN
from attestation.units import UNITS

MAX_SEQ = 2**53 - 1
STREAM_PATTERN = r"[a-z0-9][a-z0-9._-]{0,63}"
STATEMENT_ID_PATTERN = r"[0-9a-f]{64}"
SIGNATURE_HEX_PATTERN = r"0x[0-9a-f]{128}"
THUMBPRINT_PATTERN = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
NAME_LIMIT = 128
REASON_LIMIT = 500
FIRST_YEAR, LAST_YEAR = 1990, 2200

BOUNDS = "x-bounds"
"""Stands in a struct's schema for the published minimum and maximum, which the decoder's own would hide."""


def published(**members: object) -> Meta:
    """Members of the published schema that verification judges by itself, step by step and with its own rules."""
    return Meta(extra_json_schema=members)


def integer(minimum: int, maximum: int) -> Meta:
    """A whole number; its bounds are published, and judged by verification."""
    # What no JSON reader is sure of is left to strict JSON, which refuses it for every member alike.
    return Meta(ge=-MAX_SEQ, le=MAX_SEQ, extra_json_schema={BOUNDS: [minimum, maximum]})


def whole(pattern: str) -> str:
    """The pattern for the whole text."""
    return f"^(?:{pattern})$"


IdentifierText = Annotated[str, published(pattern=whole(f"{HANDLE_PATTERN}|{OPAQUE_PATTERN}"), maxLength=255)]
DecimalText = Annotated[str, published(pattern=whole(GRAMMAR))]
EmissionsText = Annotated[str, published(pattern=whole(r"(0|[1-9][0-9]{0,17})\.[0-9]{2}"))]
InstantText = Annotated[str, published(pattern=whole(INSTANT_PATTERN))]
DateText = Annotated[str, published(pattern=whole(DATE_PATTERN))]
StreamText = Annotated[str, published(pattern=whole(STREAM_PATTERN))]
StatementIdText = Annotated[str, published(pattern=whole(STATEMENT_ID_PATTERN))]
SignatureHexText = Annotated[str, published(pattern=whole(SIGNATURE_HEX_PATTERN))]
ThumbprintText = Annotated[str, published(pattern=whole(THUMBPRINT_PATTERN))]
NameText = Annotated[str, published(minLength=1, maxLength=NAME_LIMIT)]
ReasonText = Annotated[str, published(minLength=1, maxLength=REASON_LIMIT)]
CompactText = Annotated[str, published(pattern=whole(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"))]
CoordinateText = Annotated[str, published(pattern=whole(r"[A-Za-z0-9_-]{43}"))]
UnitText = Annotated[str, published(enum=list(UNITS))]
KindText = Annotated[str, published(enum=["park", "enterprise", "device", "verifier", "regulator", "person"])]
PurposeText = Annotated[str, published(enum=["device", "statement", "asset", "administration"])]
LineKindText = Annotated[
    str,
    published(
        enum=[
            "combustion",
            "electricity",
            "heat",
            "combustion-measured",
            "process",
            "mass-balance",
            "cems",
            "gas",
            "biogenic",
            "removal",
        ]
    ),
]
BaseText = Annotated[str, published(enum=["direct", "direct+energy"])]
SeqNumber = Annotated[int, integer(1, MAX_SEQ)]
Count = Annotated[int, integer(0, MAX_SEQ)]
YearNumber = Annotated[int, integer(FIRST_YEAR, LAST_YEAR)]


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What every body and every part of one is: frozen, without unknown members, optional members left out."""
