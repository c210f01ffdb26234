"""``assignment``: who verifies an enterprise's year, appointed or drawn (DOMAIN 44). One struct per ``action``."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from attestation.bodies.texts import (
    DateText,
    IdentifierText,
    InstantText,
    Part,
    ReasonText,
    StatementIdText,
    YearNumber,
    published,
)
from attestation.bodies.words import DigestText

CANDIDATES = 2
"""How many verifiers a draw needs at least."""


class AssignmentAction(Part, frozen=True, kw_only=True, tag_field="action"):
    """What every body of ``assignment`` is; ``action`` stands first in its JSON."""

    @property
    def action(self) -> str:
        """The member ``action``."""
        return str(self.__struct_config__.tag)


class Appoint(AssignmentAction, frozen=True, kw_only=True, tag="appoint"):
    """The registrar names the verifier of a case, for whole days ``[from, to)`` of China Standard Time."""

    enterprise: IdentifierText
    year: YearNumber
    verifier: IdentifierText
    start: DateText = field(name="from")
    end: DateText = field(name="to")


class OpenDraw(AssignmentAction, frozen=True, kw_only=True, tag="open-draw"):
    """The registrar commits to a secret before the enterprise contributes: ``commitment`` is the SHA-256 of 32 bytes,
    ``candidates`` are verifiers in the order of their bytes. The days are those of the assignment that follows."""

    enterprise: IdentifierText
    year: YearNumber
    candidates: Annotated[tuple[IdentifierText, ...], published(minItems=CANDIDATES, uniqueItems=True)]
    commitment: DigestText
    start: DateText = field(name="from")
    end: DateText = field(name="to")
    contribute_until: InstantText


class Contribute(AssignmentAction, frozen=True, kw_only=True, tag="contribute"):
    """The enterprise's 32 bytes for the draw, in hex; chosen without knowing the registrar's."""

    draw: StatementIdText
    value: DigestText


class DrawVerifier(AssignmentAction, frozen=True, kw_only=True, tag="draw"):
    """The registrar opens the secret (32 bytes in hex); ``verifier`` is whom the draw chose. Begins the assignment."""

    draw: StatementIdText
    secret: DigestText
    verifier: IdentifierText


class EndAssignment(AssignmentAction, frozen=True, kw_only=True, tag="end"):
    """An assignment is over before its last day. ``assignment`` is the statement that began it."""

    assignment: StatementIdText
    reason: ReasonText


Assignment = Appoint | OpenDraw | Contribute | DrawVerifier | EndAssignment
"""Body of ``assignment``: one of the actions."""
