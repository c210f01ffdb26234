"""A device as readers see it: its events and the terms of service that follow from them (DOMAIN 42)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from attestation.keys import Kind
from attestation.terms import Term, terms_of
from ledger.db.devices import DeviceRepository, body_of_event
from ledger.db.identities import IdentityRepository


@dataclass(frozen=True, slots=True)
class EventView:
    """A logged event: the entry, which event of which device, when (unix seconds), and the signed body."""

    entry_index: int
    event: str
    device: str
    at: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device, whose it is, what happened to it in log order, and its terms of service. Without events it has none
    written down: it is taken to serve always, with multiplier 1."""

    identifier: str
    parent: str | None
    events: tuple[EventView, ...]
    terms: tuple[Term, ...]


def device_view(session: Session, identifier: str) -> DeviceView | None:
    """The device; None for an identifier that is not enrolled as one."""
    row = IdentityRepository(session).identifier(identifier)
    if row is None or row.kind != Kind.DEVICE.value:
        return None
    rows = DeviceRepository(session).events(identifier)
    return DeviceView(
        identifier,
        row.parent,
        tuple(EventView(one.entry_index, one.event, one.device, one.at, one.body) for one in rows),
        tuple(terms_of(identifier, [(one.entry_index, body_of_event(one)) for one in rows])),
    )
