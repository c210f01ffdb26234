"""``device``: what happens to a meter, said by whose meter it is (DOMAIN 42)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from attestation.bodies import STATEMENT_ID_PATTERN
from attestation.bodies.devices import CalibrateDevice, Device, InstallDevice, RemoveDevice, ReplaceDevice
from attestation.context import Context
from attestation.decimals import parse_decimal
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.instants import format_instant, parse_instant
from attestation.judging.common import Facts, check_place, check_time
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.terms import Term
from attestation.units import parse_unit

MOST_MULTIPLIED = Decimal(10_000_000)
"""Current and voltage transformers of the highest grids together stay below a tenth of it."""
_HASH = re.compile(STATEMENT_ID_PATTERN)


def judge_device(statement: Statement, body: Device, context: Context) -> Facts:
    """Steps 9 to 11 of a device's event; there is nothing to recompute."""
    # 9: body schema, units, bounds
    parse_identifier(body.device, step=9)
    at = parse_instant(body.at)
    if isinstance(body, InstallDevice | ReplaceDevice):
        _check_beginning(body, at)
    if isinstance(body, ReplaceDevice):
        parse_identifier(body.by, step=9)
    if isinstance(body, ReplaceDevice | RemoveDevice):
        parse_decimal(body.closing)
    if isinstance(body, CalibrateDevice):
        _check_accuracy(body.accuracy_percent)
        _check_validity(body.valid_until, at)
        if _HASH.fullmatch(body.certificate_hash) is None:
            raise refuse("device.certificate", body.certificate_hash, at="body.certificate_hash")

    # 10: time
    check_time(statement, context)
    latest = context.now + context.skew
    if at > latest:
        raise refuse("time.at_future", at, f"at most {latest} (acceptance and {context.skew} s)")

    # 11: sequence
    _check_owner(statement, body.device, context, "body.device")
    terms = context.device_terms(body.device)
    if isinstance(body, InstallDevice):
        _check_idle(body.device, terms, at)
    elif isinstance(body, CalibrateDevice):
        _check_in_service(body, terms, at)
    else:
        _check_ends(body, terms, at)
    if isinstance(body, ReplaceDevice):
        _check_replacement(statement, body, terms, at, context)
    return Facts(opens_gap=check_place(statement, context))


def _check_beginning(body: InstallDevice | ReplaceDevice, at: int) -> None:
    parse_unit(body.unit)
    parse_decimal(body.opening)
    multiplier = parse_decimal(body.multiplier)
    if not 0 < multiplier <= MOST_MULTIPLIED:
        raise refuse("device.multiplier", body.multiplier, at="body.multiplier")
    if body.accuracy_percent is not None:
        _check_accuracy(body.accuracy_percent)
    if body.valid_until is None:
        return
    _check_validity(body.valid_until, at)
    if body.accuracy_percent is None:
        # Without it nobody could say what an uncalibrated reading counts (DOMAIN 39).
        raise refuse("device.accuracy", "none", "a rated accuracy where a calibration has an end", at="body")


def _check_accuracy(text: str) -> None:
    if not 0 < parse_decimal(text) < 100:
        raise refuse("device.accuracy", text, at="body.accuracy_percent")


def _check_validity(until: str, at: int) -> None:
    if parse_instant(until) <= at:
        raise refuse("device.validity", until, f"after {format_instant(at)}", at="body.valid_until")


def _check_owner(statement: Statement, device: str, context: Context, at: str) -> None:
    found = context.identifier(device)
    if found is None or found.kind is not Kind.DEVICE or found.parent != statement.iss:
        raise refuse("device.parent", device, f"a device whose parent is {statement.iss}", at=at)


def _check_idle(device: str, terms: Sequence[Term], at: int) -> None:
    if not terms:
        return
    last = terms[-1]
    if last.end is None:
        since = f"in service since {format_instant(last.start)}"
        raise refuse(
            "device.state", f"{device}: {since}", "a device that is not in service; replace or remove it first"
        )
    if at < last.end:
        raise refuse(
            "device.order", format_instant(at), f"from {format_instant(last.end)} on, the end of its last term"
        )


def _check_ends(body: ReplaceDevice | RemoveDevice, terms: Sequence[Term], at: int) -> None:
    if not terms or terms[-1].end is not None:
        raise refuse(
            "device.state", f"{body.device}: not in service", "a device that was installed, and is still there"
        )
    if at <= terms[-1].start:
        raise refuse("device.order", format_instant(at), f"after {format_instant(terms[-1].start)}, its installation")
    # The first is what was said at the installation.
    calibrated = max((one.start for one in terms[-1].calibrations[1:]), default=at)
    if at < calibrated:
        raise refuse("device.order", format_instant(at), f"from {format_instant(calibrated)} on, its last calibration")


def _check_in_service(body: CalibrateDevice, terms: Sequence[Term], at: int) -> None:
    if not any(term.start <= at and (term.end is None or at < term.end) for term in terms):
        found = f"{body.device}: not in service at {format_instant(at)}"
        raise refuse("device.state", found, "an instant at which the device was installed")


def _check_replacement(
    statement: Statement, body: ReplaceDevice, terms: Sequence[Term], at: int, context: Context
) -> None:
    old = terms[-1].unit
    if old is None or parse_unit(body.unit).dimension is not parse_unit(old).dimension:
        raise refuse("device.unit", body.unit, f"a unit that converts into {old}", at="body.unit")
    if body.by == body.device:
        return
    _check_owner(statement, body.by, context, "body.by")
    _check_idle(body.by, context.device_terms(body.by), at)
