"""The file of activities that a report is built from (JSON or TOML).

A list ``lines``: each with ``id``, ``kind``, the ``name`` of its fuel or factor in the factor set (where its kind has
one), and what its kind needs: ``quantity`` and ``unit``, ``weighings`` and ``laboratory`` by batch, ``flows``,
``blocks``, ``own`` (MWh), ``certificates``. Optionally ``output`` (a list of ``product``, ``unit``, ``quantity``) and
``value_added`` (10^4 CNY). What evidence gives is left out. Quantities are strings: no number passes through a float.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec

from attestation.accounting import Activity, CitedRange, LineKind, Material, Produced, Weighed
from attestation.bodies import Analysis, CemsBlock, Certificate
from attestation.decimals import parse_decimal
from attestation.encoding import strict_json
from attestation.errors import shorten
from tanlu.errors import InputRefused


class _Weighing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    batch: str
    quantity: str | None = None


class _Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    direction: str
    factor: str | None = None
    quantity: str | None = None
    unit: str | None = None
    weighings: tuple[_Weighing, ...] = ()
    laboratory: tuple[Analysis, ...] = ()


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    kind: LineKind
    name: str = ""
    quantity: str | None = None
    unit: str | None = None
    weighings: tuple[_Weighing, ...] = ()
    laboratory: tuple[Analysis, ...] = ()
    flows: tuple[_Flow, ...] = ()
    blocks: tuple[CemsBlock, ...] = ()
    own: str | None = None
    certificates: tuple[Certificate, ...] = ()


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    product: str
    unit: str
    quantity: str | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: tuple[_Line, ...]
    output: tuple[_Output, ...] = ()
    value_added: str | None = None


@dataclass(frozen=True, slots=True)
class Activities:
    """What a lines file says, with the evidence that was named beside it. ``value_added`` in 10^4 CNY."""

    lines: list[Activity]
    output: list[Produced]
    value_added: Decimal | None


OUTPUT_MARK = "@"
"""Before a product's name, where evidence is of an output instead of a line."""


def read_activities(path: Path, evidence: Mapping[str, tuple[CitedRange, ...]]) -> Activities:
    """The activities of a lines file, each with its evidence by line id, or by ``@`` and a product.

    Raises InputRefused (``lines.format``, ``lines.evidence`` for evidence of what is not there).
    """
    try:
        found = msgspec.convert(_document(path), _File)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        expected = "lines with id, kind, name and quantity with unit, as strings"
        raise _refused("lines.format", error, expected, "The activities cannot be read", "无法读取活动数据") from error
    known = [line.id for line in found.lines] + [OUTPUT_MARK + made.product for made in found.output]
    for name in evidence:
        if name not in known:
            raise _refused(
                "lines.evidence",
                name,
                "a line of the file: " + ", ".join(known),
                "Evidence is given for a line that is not among the activities",
                "证据所属的行不在活动数据中",
            )
    lines = [_activity(line, evidence.get(line.id, ())) for line in found.lines]
    output = [
        Produced(made.product, made.unit, _number(made.quantity), evidence.get(OUTPUT_MARK + made.product, ()))
        for made in found.output
    ]
    return Activities(lines, output, _number(found.value_added))


def _activity(line: _Line, evidence: tuple[CitedRange, ...]) -> Activity:
    return Activity(
        id=line.id,
        kind=line.kind,
        name=line.name,
        quantity=_signed(line),
        unit=line.unit,
        evidence=evidence,
        weighings=_weighed(line.weighings),
        laboratory=line.laboratory,
        flows=tuple(
            Material(
                id=flow.id,
                direction=flow.direction,
                factor=flow.factor,
                quantity=_number(flow.quantity),
                unit=flow.unit,
                weighings=_weighed(flow.weighings),
                laboratory=flow.laboratory,
            )
            for flow in line.flows
        ),
        blocks=line.blocks,
        own=_number(line.own),
        certificates=line.certificates,
    )


def _signed(line: _Line) -> Decimal | None:
    # A negative removal is refused as that, not as a text that is no number.
    if line.kind is LineKind.REMOVAL and line.quantity is not None and line.quantity.startswith("-"):
        return -parse_decimal(line.quantity.removeprefix("-"))
    return _number(line.quantity)


def _weighed(weighings: tuple[_Weighing, ...]) -> tuple[Weighed, ...]:
    return tuple(Weighed(weighing.batch, _number(weighing.quantity)) for weighing in weighings)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else parse_decimal(text)


def _document(path: Path) -> object:
    data = path.read_bytes()
    if path.suffix.lower() == ".toml":
        return tomllib.loads(data.decode("utf-8"))
    found = strict_json(data)
    return {"lines": found} if isinstance(found, list) else found


def _refused(rule: str, value: object, expected: str, en: str, zh: str) -> InputRefused:
    shown = shorten(value)
    return InputRefused(
        rule=rule, value=shown, expected=expected, message=f"{en}: {shown}", message_zh=f"{zh}：{shown}"
    )
