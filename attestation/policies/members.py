"""Strict reading of a policy document's members; every refusal says at which member it is:
``policy.document``, or the rule of the form (``body.integer``, ``date.format``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise

from attestation.bodies.texts import FIRST_YEAR, LAST_YEAR
from attestation.decimals import decimal_places, parse_decimal
from attestation.errors import AttestationError, SchemaRefused
from attestation.instants import parse_date
from attestation.refusals import refuse

DOCUMENT = "body.document"


def document_refusal(value: object, expected: str, at: str = "") -> AttestationError:
    """The refusal of a member ``at`` (dotted path below the document)."""
    return refuse("policy.document", value, expected, at=f"{DOCUMENT}.{at}" if at else DOCUMENT)


def read_object(
    value: object, required: Collection[str], optional: Collection[str] = (), at: str = ""
) -> Mapping[str, object]:
    """A JSON object with exactly these members."""
    expected = "the members " + ", ".join((*required, *(f"{name}?" for name in optional)))
    if not isinstance(value, Mapping):
        raise document_refusal(value, expected, at)
    unknown = [str(name) for name in value if name not in required and name not in optional]
    missing = [name for name in required if name not in value]
    if unknown or missing:
        found = f"unknown: {', '.join(unknown)}" if unknown else f"missing: {', '.join(missing)}"
        raise document_refusal(found, expected, at)
    return value


def read_list(value: object, most: int, at: str) -> list[object]:
    """A JSON array of at most so many items."""
    if not isinstance(value, list):
        raise document_refusal(value, "a list", at)
    if len(value) > most:
        raise document_refusal(f"{len(value)} items", f"at most {most}", at)
    return value


def read_integer(value: object, low: int, high: int, at: str) -> int:
    """A whole number, no boolean, within its bounds (``body.integer``)."""
    if type(value) is not int:
        raise document_refusal(value, f"a whole number from {low} to {high}", at)
    if not low <= value <= high:
        raise refuse("body.integer", value, f"{low} to {high}", at=f"{DOCUMENT}.{at}")
    return value


def read_year(value: object) -> int:
    """The compliance year of a document."""
    return read_integer(value, FIRST_YEAR, LAST_YEAR, "year")


def read_flag(value: object, at: str) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise document_refusal(value, "true or false", at)
    return value


def read_text(value: object, at: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise document_refusal(value, "a string", at)
    return value


def read_decimal(value: object, low: Decimal, high: Decimal, places: int, at: str) -> Decimal:
    """A decimal string (design §2) within ``[low, high]``."""
    text = read_text(value, at)
    try:
        number = parse_decimal(text)
    except SchemaRefused:
        raise document_refusal(text, "a decimal string, as 1.5", at) from None
    if not low <= number <= high or decimal_places(number) > places:
        raise document_refusal(value, f"{low:f} to {high:f} with at most {places} decimal places", at)
    return number


def read_dates(value: object, most: int, at: str) -> frozenset[date]:
    """Dates ``YYYY-MM-DD``, ascending, each once."""
    items = read_list(value, most, at)
    found = [parse_date(read_text(item, f"{at}[{place}]")) for place, item in enumerate(items)]
    for earlier, later in pairwise(found):
        if earlier >= later:
            raise document_refusal(later.isoformat(), f"a date after {earlier.isoformat()}", at)
    return frozenset(found)
