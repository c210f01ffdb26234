"""``assignment``: which verifier is assigned to which enterprise, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestation.context import Context
from attestation.identifiers import parse_identifier
from attestation.instants import parse_date, start_of_day
from attestation.keys import Kind
from attestation.refusals import refuse

_MEMBERS = ("verifier", "enterprise", "from", "to")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A verifier's assignment to an enterprise for ``[start, end)`` in unix seconds: whole days of China Standard
    Time (UTC+8)."""

    verifier: str
    enterprise: str
    start: int
    end: int


def read_assignment(document: Mapping[str, object]) -> Assignment:
    """The assignment of a policy's ``document`` {``verifier``, ``enterprise``, ``from``, ``to``}, step 9.

    Raises SchemaRefused (``policy.document``, ``identifier.*``, ``date.format``, ``assignment.period``).
    """
    if set(document) != set(_MEMBERS):
        raise refuse("policy.document", ", ".join(document), ", ".join(_MEMBERS), at="body.document")
    for name in _MEMBERS:
        if not isinstance(document[name], str):
            raise refuse("policy.document", document[name], "a string", at=f"body.document.{name}")
    verifier, enterprise, start, end = (str(document[name]) for name in _MEMBERS)
    parse_identifier(verifier, step=9)
    parse_identifier(enterprise, step=9)
    first, after = parse_date(start), parse_date(end)
    if first >= after:
        raise refuse("assignment.period", f"from {start} to {end}")
    return Assignment(verifier, enterprise, start_of_day(first), start_of_day(after))


def check_assigned(assignment: Assignment, context: Context) -> None:
    """Step 11: both are enrolled, as what the assignment calls them.

    Raises SequenceRefused (``assignment.unknown``, ``assignment.kind``).
    """
    for name, identifier, kind in (
        ("verifier", assignment.verifier, Kind.VERIFIER),
        ("enterprise", assignment.enterprise, Kind.ENTERPRISE),
    ):
        record = context.identifier(identifier)
        if record is None:
            raise refuse("assignment.unknown", identifier, at=f"body.document.{name}")
        if record.kind is not kind:
            raise refuse("assignment.kind", f"{record.kind.value} {identifier}", kind.value, at=f"body.document.{name}")
