"""What the service says of reports and meters: how well readings cover a report, what happened to a device."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Decimal strings by how something came (DOMAIN 43); ``stated``: without a cited reading."""

    device: str
    backfilled: str
    manual: str
    stated: str


class CoveredSeconds(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of meters in seconds; ``gap``: of their service in the report's period, without a cited reading."""

    device: int
    backfilled: int
    manual: int
    gap: int


class CoveredNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a line in ``unit``, by mark. ``part``: a flow's id, a batch or ``own``; None: its quantity."""

    part: str | None
    unit: str
    quantity: Shares


class CitedReadings(msgspec.Struct, frozen=True, kw_only=True):
    """A cited range and what was read there; ``quantity`` is the sum before the multiplier."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    device: str | None
    start: int
    end: int
    readings: int
    quantity: str
    unit: str


class ReportLineCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """A line, or an output (``kind`` ``output``, without emissions); ``share`` in percent."""

    id: str
    kind: str
    emissions: str | None
    share: Shares
    numbers: tuple[CoveredNumber, ...]
    seconds: CoveredSeconds
    readings: int
    ranges: tuple[CitedReadings, ...]


class CoverageFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that whoever verifies should look at: where, when (unix seconds), what was found and expected."""

    kind: Literal["gap", "overlap", "reset", "jump", "register", "term"]
    line: str
    device: str | None
    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    start: int
    end: int
    found: str
    expected: str


class ReportCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How well a report is covered. ``share``: of its lines' emissions in percent; ``backed``: what is not stated only;
    ``counts``: findings by kind, of which ``findings`` names the first thousand."""

    index: int
    statement_id: str
    issuer: str
    year: int
    start: int
    end: int
    readings: int
    share: Shares
    backed: str
    seconds: CoveredSeconds
    lines: tuple[ReportLineCoverage, ...]
    outputs: tuple[ReportLineCoverage, ...]
    findings: tuple[CoverageFinding, ...]
    counts: dict[str, int]


class DeviceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A logged event of a device, as it was signed."""

    entry_index: int
    event: str
    device: str
    at: int
    body: dict[str, Any]


class DeviceCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """Readings in ``[start, end)`` count as calibrated; ``end`` None: nobody keeps the device's calibration."""

    start: int
    end: int | None
    accuracy_percent: str | None
    entry_index: int


class DeviceTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A term of service ``[start, end)``; ``end`` None: still. What a report cites lies within one."""

    start: int
    end: int | None
    unit: str | None
    multiplier: str
    opening: str | None
    closing: str | None
    calibrations: tuple[DeviceCalibration, ...]
    began: int | None
    ended: int | None


class DeviceHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a device, in log order, and its terms; without events it serves always, with multiplier 1."""

    identifier: str
    parent: str | None
    events: tuple[DeviceEvent, ...]
    terms: tuple[DeviceTerm, ...]


class MeasuredReads:
    """Reads of coverage and of devices, for those who may read what the enterprise signed; raises RefusedByService for
    others."""

    _transport: Transport
    _evidence: Path

    def report_coverage(self, index: int) -> ReportCoverage:
        """How well the report at a log position is covered; the service reads every cited reading again.

        Raises RefusedByService with status 404 where no report stands there (``reports.index``), and with status 500
        (``coverage.…``) where a cited reading is not the one that was logged: its ``value`` names it.
        """
        response = self._transport.request("GET", f"/v1/reports/{index}/coverage")
        found = decode(response.content, ReportCoverage)
        read = sum(one.readings for one in (*found.lines, *found.outputs))
        if found.index != index or read != found.readings:
            said, wanted = f"report {found.index}, {found.readings} readings", f"report {index}, {read} readings"
            raise self._other("answer.coverage", said, wanted, response.text)
        return found

    def device(self, identifier: str) -> DeviceHistory:
        """What happened to a device, and its terms of service. Raises RefusedByService with status 404 for what is no
        device (``devices.unknown``)."""
        response = self._transport.request("GET", f"/v1/devices/{quote(identifier, safe='')}")
        found = decode(response.content, DeviceHistory)
        if found.identifier != identifier:
            raise self._other("answer.identifier", found.identifier, identifier, response.text)
        return found

    def _other(self, rule: str, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=rule,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {rule}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
