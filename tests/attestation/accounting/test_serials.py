"""A green certificate has one spelling and counts once (DOMAIN 40)."""

from __future__ import annotations

import pytest

from attestation.accounting.serials import check_serials, serial_key
from attestation.bodies.report_lines import Certificate
from attestation.errors import SchemaRefused


def named(*lines: str | tuple[str, ...]) -> list[tuple[str, list[Certificate]]]:
    return [
        (f"power-{number}", [Certificate(serial=serial, mwh="1") for serial in serials])
        for number, serials in enumerate(lines)
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [(("GEC-1",), ("GEC-1",)), (("GEC-1",), ("GEC1",)), (("A/1-2", "A.1.2"), ()), (("A-12",), ("A1-2",))],
)
def test_a_serial_twice_is_refused_across_lines_and_separators_domain_40(first, second) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        check_serials(named(first, second))
    assert refusal.value.rule == "line.certificates.repeated"
    assert "power-0" in refusal.value.expected


@pytest.mark.parametrize(
    "serial",
    [
        "gec-1",
        "GEC 1",
        " GEC-1",
        "GEC--1",
        "GEC-",
        "\uff27EC-1",
        "\u0413EC-1",
        "GE\u0421-1",
        "GEC-\uff11",
        "GEC-1\u0301",
        "",
    ],
    ids=["small", "blank", "leading", "doubled", "open", "wide", "ghe", "es", "wide-digit", "accent", "empty"],
)
def test_a_serial_that_only_looks_like_another_is_refused_domain_40(serial: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        check_serials(named((serial,)))
    assert (refusal.value.rule, refusal.value.value) == ("line.certificates.serial", serial)


def test_serials_that_differ_are_different_certificates() -> None:
    check_serials(named(("GEC-2018-3607-000001", "GEC-2018-3607-000002"), ("GEC-2018-3607-00001",)))
    assert serial_key("GEC-2018/3607.1") == "GEC201836071"
