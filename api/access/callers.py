"""Roles, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from attestation.keys import Kind


class Role(StrEnum):
    """What a caller is to the park. ``public``: nobody is signed in."""

    PUBLIC = "public"
    DEVICE = "device"
    ENTERPRISE = "enterprise"
    VERIFIER = "verifier"
    REGULATOR = "regulator"
    ADMINISTRATION = "administration"


ROLE_BY_KIND = {
    Kind.PARK: Role.ADMINISTRATION,
    Kind.ENTERPRISE: Role.ENTERPRISE,
    Kind.DEVICE: Role.DEVICE,
    Kind.VERIFIER: Role.VERIFIER,
    Kind.REGULATOR: Role.REGULATOR,
}
"""The role of an identifier's kind; a person has that of the body it belongs to."""

OVERSEERS = frozenset({Role.REGULATOR, Role.ADMINISTRATION})
"""Roles that may read everything."""

TRADERS = OVERSEERS | {Role.ENTERPRISE}
"""Roles that see the market: those who may trade, and those who look after it (DOMAIN 8)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is signed in: the identifier and the key (RFC 7638 thumbprint), its role, and the body whose rights it has.

    ``body`` is the parent of a person, the identifier itself for everybody else.
    """

    identifier: str
    thumbprint: str
    role: Role
    body: str
