"""``device``: what happened to a meter."""

from __future__ import annotations

import msgspec

from attestation.bodies.devices import Device, ReplaceDevice
from attestation.instants import parse_instant
from ledger.context import LedgerContext
from ledger.db.device_models import DeviceEventRow


def record_device(context: LedgerContext, body: Device, index: int) -> None:
    """Keep the event: terms of service follow from all of a device's events."""
    context.devices.add(
        DeviceEventRow(
            entry_index=index,
            device=body.device,
            replaced_by=body.by if isinstance(body, ReplaceDevice) else None,
            event=str(body.__struct_config__.tag),
            at=parse_instant(body.at),
            body=msgspec.to_builtins(body),
        )
    )
