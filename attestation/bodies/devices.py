"""``device``: a meter is installed, replaced, calibrated or removed (DOMAIN 42). One struct per ``event``."""

from __future__ import annotations

from attestation.bodies.texts import DecimalText, IdentifierText, InstantText, Part, StatementIdText, UnitText


class DeviceEvent(Part, frozen=True, kw_only=True, tag_field="event"):
    """What every body of ``device`` is; ``event`` stands first in its JSON. ``at``: when it happened."""

    device: IdentifierText
    at: InstantText


class InstallDevice(DeviceEvent, frozen=True, kw_only=True, tag="install"):
    """The device begins to measure. ``opening``: its register in ``unit``; ``multiplier``: what its readings are
    multiplied by (current and voltage transformers); ``accuracy_percent``: rated accuracy; ``valid_until``: end of its
    calibration, absent where none is kept."""

    unit: UnitText
    opening: DecimalText
    multiplier: DecimalText
    accuracy_percent: DecimalText | None = None
    valid_until: InstantText | None = None


class ReplaceDevice(DeviceEvent, frozen=True, kw_only=True, tag="replace"):
    """From ``at`` on ``by`` measures in the device's place: another device, or the device itself where only what is
    behind its key was exchanged. ``closing``: the old register; the other members are of ``by``, as in an
    installation."""

    closing: DecimalText
    by: IdentifierText
    opening: DecimalText
    multiplier: DecimalText
    unit: UnitText
    accuracy_percent: DecimalText | None = None
    valid_until: InstantText | None = None


class CalibrateDevice(DeviceEvent, frozen=True, kw_only=True, tag="calibrate"):
    """The device was calibrated: its readings are good from ``at`` until ``valid_until``. ``certificate_hash``: SHA-256
    of the certificate in lowercase hex."""

    accuracy_percent: DecimalText
    valid_until: InstantText
    certificate_hash: StatementIdText


class RemoveDevice(DeviceEvent, frozen=True, kw_only=True, tag="remove"):
    """The device measures nothing any more. ``closing``: its register."""

    closing: DecimalText


Device = InstallDevice | ReplaceDevice | CalibrateDevice | RemoveDevice
"""Body of ``device``: one of the events."""
