"""Who may sign what: the purpose a key needs and the kinds of holders, by type of statement (design §2).

One table for whoever judges a statement: the log at acceptance (step 8) and anybody with a receipt (its step 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from attestation.bodies import Key, RevokeKey
from attestation.keys import Kind, Purpose
from attestation.refusals import refuse

_BY_REGISTRAR_OR_ENTERPRISE = {Kind.PARK: Purpose.ADMINISTRATION, Kind.ENTERPRISE: Purpose.STATEMENT}
_BY_PARENT = {Kind.ENTERPRISE: Purpose.STATEMENT, Kind.PARK: Purpose.STATEMENT}

SIGNERS: Mapping[str, Mapping[Kind, Purpose]] = MappingProxyType(
    {
        "key": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "policy": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "reading": MappingProxyType(
            {Kind.DEVICE: Purpose.DEVICE, Kind.ENTERPRISE: Purpose.STATEMENT, Kind.PERSON: Purpose.STATEMENT}
        ),
        "close": MappingProxyType({Kind.DEVICE: Purpose.DEVICE}),
        "loss": MappingProxyType({Kind.DEVICE: Purpose.DEVICE, **_BY_PARENT}),
        "report": MappingProxyType(_BY_PARENT),
        "device": MappingProxyType(_BY_PARENT),
        "admission": MappingProxyType({Kind.PERSON: Purpose.ADMINISTRATION}),
        "opening": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "label": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "holding": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "compliance": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "intent": MappingProxyType({Kind.ENTERPRISE: Purpose.ASSET}),
        "allocation": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "score": MappingProxyType(_BY_REGISTRAR_OR_ENTERPRISE),
        "order": MappingProxyType({Kind.ENTERPRISE: Purpose.ASSET, Kind.PARK: Purpose.ASSET}),
        "market": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "cash": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
        "plan": MappingProxyType(_BY_PARENT),
        "assignment": MappingProxyType(_BY_REGISTRAR_OR_ENTERPRISE),
        "finding": MappingProxyType({Kind.VERIFIER: Purpose.STATEMENT}),
        "verification": MappingProxyType({Kind.VERIFIER: Purpose.STATEMENT}),
        "objection": MappingProxyType(_BY_REGISTRAR_OR_ENTERPRISE),
        "registration": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION, Kind.VERIFIER: Purpose.STATEMENT}),
        "determination": MappingProxyType({Kind.PARK: Purpose.ADMINISTRATION}),
    }
)
"""The kinds of identifiers that sign a type, each with the purpose that its key needs; for ``key`` that of an
enrolment, see below."""


def wanted_purposes(type_: str) -> tuple[str, ...]:
    """The names of the purposes of which a key needs one to sign the type, whoever holds it."""
    return tuple(dict.fromkeys(name for purpose in SIGNERS[type_].values() for name in purpose.names()))


BY_REGISTRAR = frozenset(
    {
        "key",
        "policy",
        "opening",
        "determination",
        "label",
        "holding",
        "compliance",
        "allocation",
        "market",
        "cash",
    }
)
"""Types that only the registrar signs; enrolments only with the root key."""

ACTIONS_BY_REGISTRAR = frozenset(
    {
        ("assignment", "appoint"),
        ("assignment", "open-draw"),
        ("assignment", "draw"),
        ("assignment", "end"),
        ("objection", "decide"),
        ("score", "propose"),
        ("score", "publish"),
        ("score", "withdraw"),
    }
)
"""Of types whose signer depends on their ``action``, those that only the registrar signs."""


def needs_registrar(type_: str, body: object) -> bool:
    """Whether only the registrar signs this; ``body`` may be one that step 9 refuses."""
    return type_ in BY_REGISTRAR or (type_, getattr(body, "action", None)) in ACTIONS_BY_REGISTRAR


class Power(Enum):
    """What an action of ``key`` asks of the key that signs it."""

    ROOT = auto()
    """It is the root key, on which every receipt's trust ends."""
    ADMINISTRATION = auto()
    """It has that purpose; its holder is who gets the new key."""
    HOLDER = auto()
    """It is a key of whom the action is about, whatever its purposes."""
    REVOCATION = auto()
    """It is the revoked key itself, or has the purpose ``administration``."""


POWER_BY_ACTION = MappingProxyType(
    {
        "enrol": Power.ROOT,
        "add": Power.ADMINISTRATION,
        "rotate": Power.HOLDER,
        "revoke": Power.REVOCATION,
        "compromise": Power.ROOT,
        "propose-recovery": Power.ROOT,
        "veto-recovery": Power.HOLDER,
        "complete-recovery": Power.ROOT,
    }
)
"""Law 7: the root key says who a new identifier is, and later which of its keys are no good; no key comes to an
identifier but by its own keys, or by two persons of other bodies."""


def check_key_powers(body: Key, iss: str, kid_key: str, purposes: Purpose, root: tuple[str, str]) -> None:
    """Step 8 for an action of ``key``: what follows from the signing key alone.

    ``iss``, ``kid_key`` and ``purposes`` are those of the signing key, ``root`` the registrar's identifier and the
    root key's thumbprint (base64url). Whether ``iss`` may revoke a key of another identifier, the log must know.
    Raises PurposeRefused (``purpose.registrar``, ``purpose.key``, ``purpose.root``).
    """
    power, action = POWER_BY_ACTION[body.action], f"key ({body.action})"
    if power is Power.ROOT and iss != root[0]:
        raise refuse("purpose.registrar", iss, root[0])
    itself = isinstance(body, RevokeKey) and (body.identifier, body.thumbprint) == (iss, kid_key)
    if power is not Power.HOLDER and not itself and Purpose.ADMINISTRATION not in purposes:
        raise refuse("purpose.key", ", ".join(purposes.names()), f"administration for {action}")
    if power is Power.ROOT and kid_key != root[1]:
        raise refuse("purpose.root", kid_key, root[1])
