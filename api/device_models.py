"""Answers about devices: what happened to one, and its terms of service (DOMAIN 39, 42)."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field

from api.models import Answer
from api.report_models import plain
from attestation.instants import LATEST
from attestation.terms import Calibration, Term
from ledger import view


class DeviceEvent(Answer):
    """A logged event, as it was signed."""

    entry_index: int
    event: Literal["install", "replace", "calibrate", "remove"]
    device: str = Field(description="Whom it is about; for a replacement the device that was replaced.")
    at: int
    body: dict[str, Any]


class DeviceCalibration(Answer):
    """From when until when the device's readings count as calibrated."""

    start: int
    end: int | None = Field(description="Null: nobody keeps its calibration.")
    accuracy_percent: str | None
    entry_index: int

    @classmethod
    def of(cls, found: Calibration) -> Self:
        """From the log's view."""
        end = None if found.end > LATEST else found.end
        return cls(start=found.start, end=end, accuracy_percent=plain(found.accuracy), entry_index=found.index)


class DeviceTerm(Answer):
    """A term of service. What a report cites lies within one, with its multiplier."""

    start: int
    end: int | None = Field(description="Null: still in service.")
    unit: str | None
    multiplier: str
    opening: str | None
    closing: str | None
    calibrations: list[DeviceCalibration]
    began: int | None = Field(description="Log position of the event that began it.")
    ended: int | None = Field(description="Log position of the event that ended it.")

    @classmethod
    def of(cls, term: Term) -> Self:
        """From the log's view."""
        return cls(
            start=term.start,
            end=term.end,
            unit=term.unit,
            multiplier=plain(term.multiplier) or "1",
            opening=plain(term.opening),
            closing=plain(term.closing),
            calibrations=[DeviceCalibration.of(one) for one in term.calibrations],
            began=term.began,
            ended=term.ended,
        )


class Device(Answer):
    """A device. Without events it is taken to serve always, with multiplier 1."""

    identifier: str
    parent: str | None
    events: list[DeviceEvent]
    terms: list[DeviceTerm]

    @classmethod
    def of(cls, found: view.DeviceView) -> Self:
        """From the log's view."""
        return cls(
            identifier=found.identifier,
            parent=found.parent,
            events=[
                DeviceEvent.model_validate(
                    {
                        "entry_index": one.entry_index,
                        "event": one.event,
                        "device": one.device,
                        "at": one.at,
                        "body": one.body,
                    }
                )
                for one in found.events
            ],
            terms=[DeviceTerm.of(term) for term in found.terms],
        )
