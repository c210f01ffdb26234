"""``tanlu device``: bodies of the statements that say what happens to a meter, and what was said of one."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from attestation.bodies import CalibrateDevice, Device, InstallDevice, RemoveDevice, ReplaceDevice
from attestation.instants import format_instant
from attestation.units import UNITS
from tanlu.cli import options
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client.measured import DeviceTerm
from tanlu.files import write_new

STREAM = "devices"

_device = click.argument("device")
_at = click.option("--at", required=True, metavar="INSTANT", help="When it happened, RFC 3339. 发生时刻")
_out = click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the body. 输出文件")
_unit = click.option(
    "--unit", type=click.Choice(list(UNITS)), required=True, help="Unit of the register and readings. 单位"
)
_opening = click.option("--opening", required=True, help="Register at the beginning, before the multiplier. 起始表底")
_closing = click.option("--closing", required=True, help="Register at the end, before the multiplier. 终止表底")
_multiplier = click.option("--multiplier", default="1", show_default=True, help="What readings are multiplied by. 倍率")
_accuracy = click.option("--accuracy-percent", help="Rated accuracy, in percent. 标称准确度（%）")
_valid_until = click.option(
    "--valid-until", metavar="INSTANT", help="End of the calibration; without it none is kept. 校准有效期"
)
_HEADER = ("from", "to", "multiplier", "unit", "opening", "closing", "calibrated until")
_HEADER_ZH = ("起", "止", "倍率", "单位", "起始表底", "终止表底", "校准有效至")


@click.group()
def command() -> None:
    """Say what happens to a meter: its events decide what a report may cite. 计量设备事件

    Sign a body with `tanlu sign device BODY --stream devices`, as the meter's enterprise, and submit it.
    """


@command.command()
@_device
@_at
@_unit
@_opening
@_multiplier
@_accuracy
@_valid_until
@_out
def install(
    *,
    device: str,
    at: str,
    unit: str,
    opening: str,
    multiplier: str,
    accuracy_percent: str | None,
    valid_until: str | None,
    out: Path,
) -> None:
    """Body: DEVICE begins to measure. 安装"""
    body = InstallDevice(
        device=device,
        at=at,
        unit=unit,
        opening=opening,
        multiplier=multiplier,
        accuracy_percent=accuracy_percent,
        valid_until=valid_until,
    )
    _write(out, body)


@command.command()
@_device
@click.option("--by", help="The device that measures from then on; without it DEVICE itself, exchanged. 替换设备")
@_at
@_closing
@_opening
@_unit
@_multiplier
@_accuracy
@_valid_until
@_out
def replace(
    *,
    device: str,
    by: str | None,
    at: str,
    closing: str,
    opening: str,
    unit: str,
    multiplier: str,
    accuracy_percent: str | None,
    valid_until: str | None,
    out: Path,
) -> None:
    """Body: another meter, or another register behind the same key, takes DEVICE's place. 更换"""
    body = ReplaceDevice(
        device=device,
        at=at,
        closing=closing,
        by=by or device,
        opening=opening,
        multiplier=multiplier,
        unit=unit,
        accuracy_percent=accuracy_percent,
        valid_until=valid_until,
    )
    _write(out, body)


@command.command()
@_device
@_at
@click.option("--accuracy-percent", required=True, help="Rated accuracy, in percent. 标称准确度（%）")
@click.option("--valid-until", metavar="INSTANT", required=True, help="End of the calibration. 校准有效期")
@click.option("--certificate-hash", required=True, help="SHA-256 of the certificate, in hex. 证书的 SHA-256")
@_out
def calibrate(
    *, device: str, at: str, accuracy_percent: str, valid_until: str, certificate_hash: str, out: Path
) -> None:
    """Body: DEVICE was calibrated. 校准"""
    body = CalibrateDevice(
        device=device,
        at=at,
        accuracy_percent=accuracy_percent,
        valid_until=valid_until,
        certificate_hash=certificate_hash,
    )
    _write(out, body)


@command.command()
@_device
@_at
@_closing
@_out
def remove(*, device: str, at: str, closing: str, out: Path) -> None:
    """Body: DEVICE measures nothing any more. 拆除"""
    _write(out, RemoveDevice(device=device, at=at, closing=closing))


@command.command()
@asks
def show(*, asking: Asking) -> None:
    """What happened to the device IDENTIFIER, and its terms of service. 查看设备

    A report's citation lies within one term, carries its multiplier, and the rated accuracy where the calibration has
    run out.
    """
    with asking.open() as (client, about):
        found = client.device(about)
    rows = [_row(term) for term in found.terms]
    console().result(
        msgspec.to_builtins(found),
        table(_HEADER, rows) if rows else f"{about}: no events; it is taken to serve always, with multiplier 1",
        table(_HEADER_ZH, rows) if rows else f"{about}：没有事件，视为始终在役，倍率为 1",
    )


def _row(term: DeviceTerm) -> list[object]:
    ends = [one.end for one in term.calibrations]
    until = "-" if None in ends else format_instant(max(end for end in ends if end is not None))
    end = "-" if term.end is None else format_instant(term.end)
    registers = [term.opening or "-", term.closing or "-"]
    return [format_instant(term.start), end, term.multiplier, term.unit or "-", *registers, until]


def _write(out: Path, body: Device) -> None:
    members = msgspec.to_builtins(body)
    write_new(out, (json.dumps(members, ensure_ascii=False, indent=1) + "\n").encode())
    console().result({"file": str(out), **members}, str(out), str(out))
