"""Serials of green certificates: one certificate has one spelling, so that it cannot come in twice (DOMAIN 40)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attestation.accounting.refusals import schema_refusal
from attestation.bodies.report_lines import Certificate

# Capitals and ASCII alone: small letters, full-width digits and Cyrillic capitals look like other serials.
_SERIAL = re.compile(r"[A-Z0-9]+([-/.][A-Z0-9]+)*")
_SEPARATORS = str.maketrans("", "", "-/.")


def serial_key(serial: str) -> str:
    """What tells two certificates apart: the serial without its separators, which registries print or leave out."""
    return serial.translate(_SEPARATORS)


def check_serials(named: Iterable[tuple[str, Sequence[Certificate]]]) -> None:
    """Refuse a serial in another spelling, and one that is named twice; `named` are lines' ids with their certificates.

    Raises SchemaRefused: `line.certificates.serial`, `line.certificates.repeated`.
    """
    seen: dict[str, str] = {}
    for line_id, certificates in named:
        for serial in (certificate.serial for certificate in certificates):
            where, key = f"line {line_id}", serial_key(serial)
            if _SERIAL.fullmatch(serial) is None:
                raise schema_refusal(
                    "line.certificates.serial",
                    where,
                    serial,
                    "capitals A to Z and digits, in groups parted by - / or .",
                    "绿证编号只能由大写字母、数字及分隔符组成",
                )
            if key in seen:
                expected = f"each serial once; {seen[key]} counts it already"
                raise schema_refusal("line.certificates.repeated", where, serial, expected, "绿证编号重复")
            seen[key] = f"line {line_id}"
