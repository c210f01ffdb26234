"""Queries over what happened to meters."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from attestation.bodies.devices import Device
from attestation.terms import Term, terms_of
from ledger.db.device_models import DeviceEventRow


class DeviceRepository:
    """Reads and writes of ``device_events`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DeviceEventRow) -> None:
        """Add an event and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()

    def events(self, device: str) -> Sequence[DeviceEventRow]:
        """What happened to a device, or put it in another's place, in log order."""
        named = or_(DeviceEventRow.device == device, DeviceEventRow.replaced_by == device)
        return self._session.scalars(select(DeviceEventRow).where(named).order_by(DeviceEventRow.entry_index)).all()

    def terms(self, device: str) -> list[Term]:
        """The device's terms of service."""
        return terms_of(device, [(row.entry_index, body_of_event(row)) for row in self.events(device)])


def body_of_event(row: DeviceEventRow) -> Device:
    """The signed body."""
    body: Device = msgspec.convert(row.body, Device)
    return body
