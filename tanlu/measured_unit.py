"""The unit of a meter file against what is logged of its meter (DOMAIN 42): before anything is sent.

A reading stays in the log as it was signed. One in another unit than its meter's would be refused only by the report
that cites it, or, where the units convert, pass as a thousand times what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.instants import format_instant
from tanlu.client import Client
from tanlu.client.measured import DeviceTerm
from tanlu.errors import InputRefused, RefusedByService
from tanlu.readings import MeterRow

_UNKNOWN = "devices.unknown"


@dataclass(frozen=True, slots=True)
class OutsideTerms:
    """How many rows no term of service of the device holds, and the first and the last of them: no report can cite
    these readings unless a device event still to be logged has them lie in a term."""

    device: str
    count: int
    first: MeterRow
    last: MeterRow

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members; instants as the file writes them."""
        return {
            "device": self.device,
            "count": self.count,
            "first": {"line": self.first.line, "start": self.first.start, "end": self.first.end},
            "last": {"line": self.last.line, "start": self.last.start, "end": self.last.end},
        }


def check_unit(client: Client, device: str, rows: Sequence[MeterRow], unit: str) -> OutsideTerms | None:
    """Refuse rows in another unit than the device has while they were measured; say which lie in no term of it.

    A device without events, or an issuer that is no device, has no unit to compare with. Raises InputRefused
    (``import.unit``) and what Client raises.
    """
    terms = _terms(client, device) if rows else ()
    if not terms:
        return None
    outside: list[MeterRow] = []
    for row in rows:
        touched = [term for term in terms if row.start_at < _end(term, row) and term.start < row.end_at]
        # What lies on a seam has a right unit if either side has it; that it lies on one is said below.
        if touched and all(term.unit not in (None, unit) for term in touched):
            raise _other_unit(device, row, unit, touched[0])
        if not any(term.start <= row.start_at and row.end_at <= _end(term, row) for term in touched):
            outside.append(row)
    return OutsideTerms(device, len(outside), outside[0], outside[-1]) if outside else None


def _terms(client: Client, device: str) -> Sequence[DeviceTerm]:
    try:
        return client.device(device).terms
    except RefusedByService as refused:
        if refused.rule == _UNKNOWN:
            return ()
        raise


def _end(term: DeviceTerm, row: MeterRow) -> int:
    return row.end_at if term.end is None else term.end


def _other_unit(device: str, row: MeterRow, unit: str, term: DeviceTerm) -> InputRefused:
    start = format_instant(term.start)
    ends = None if term.end is None else format_instant(term.end)
    until, until_zh = ("on", "起") if ends is None else (f"to {ends}", f"至 {ends} ")
    return InputRefused(
        rule="import.unit",
        value=f"{device}: {unit}, line {row.line}, {row.start} to {row.end}",
        expected=f"{term.unit}, as the device's events say of its term from {start} {until}",
        message=f"Device {device} measures in {term.unit} from {start} {until}, and line {row.line} is in {unit}; "
        "nothing was sent",
        message_zh=f"设备 {device} 自 {start} {until_zh}的计量单位为 {term.unit}，第 {row.line} 行为 {unit}；"
        "未发送任何数据",
    )
