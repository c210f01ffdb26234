"""From a file of activities to a report's body: evidence summed, figures computed by `attestation.accounting`.

The file (JSON or TOML) has a list ``lines``; a line has ``id``, ``kind`` (``combustion``, ``electricity``, ``heat``),
``name`` (of the fuel or factor in the factor set) and either ``quantity`` and ``unit``, or evidence named on the
command line. Quantities are strings: no number passes through a float.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from attestation.accounting import (
    Activity,
    BuiltReport,
    CitedRange,
    FactorSet,
    LineKind,
    build_report,
    check_report,
    load_bundled,
)
from attestation.decimals import exact_sum, format_decimal, parse_decimal
from attestation.encoding import strict_json, strict_object
from attestation.examination import examine
from attestation.statements import Reading, Report
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.journal import read_citations


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    kind: LineKind
    name: str
    quantity: str | None = None
    unit: str | None = None


class _Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: tuple[_Line, ...]


@dataclass(frozen=True, slots=True)
class StreamRange:
    """Readings named on the command line as ``ISSUER#STREAM:FIRST-LAST``."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int


def parse_range(text: str) -> StreamRange | None:
    """``ISSUER#STREAM:FIRST-LAST``, or None for anything else. An identifier cannot contain ``#``."""
    issuer, mark, rest = text.partition("#")
    stream, colon, span = rest.rpartition(":")
    first, dash, last = span.partition("-")
    if not (issuer and mark and stream and colon and dash and first.isdecimal() and last.isdecimal()):
        return None
    return StreamRange(issuer, stream, int(first), int(last))


def read_lines(path: Path, evidence: Mapping[str, tuple[CitedRange, ...]]) -> list[Activity]:
    """The activities of a lines file, each with its evidence by line id.

    Raises InputRefused (``lines.format``, ``lines.evidence`` for evidence of a line that is not there).
    """
    try:
        lines = msgspec.convert(_document(path), _Lines).lines
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused("lines.format", error, "lines with id, kind, name and quantity with unit, as strings") from error
    known = [line.id for line in lines]
    for name in evidence:
        if name not in known:
            raise _refused("lines.evidence", name, "a line of the file: " + ", ".join(known))
    return [
        Activity(
            id=line.id,
            kind=line.kind,
            name=line.name,
            quantity=None if line.quantity is None else parse_decimal(line.quantity),
            unit=line.unit,
            evidence=evidence.get(line.id, ()),
        )
        for line in lines
    ]


def cite_journal(path: Path) -> list[CitedRange]:
    """The citations that the journal of a finished import holds: one, or one on each side of every number that was
    left open. Raises InputRefused (``journal.format``, ``journal.unfinished``)."""
    try:
        return msgspec.convert(read_citations(path), list[CitedRange])
    except msgspec.ValidationError as error:
        raise _refused("journal.format", error, "the journal of a finished import") from error


def cite_stream(client: Client, log: str, named: StreamRange) -> CitedRange:
    """The citation of a range, summed exactly from the service's entries, one request per reading.

    Raises InputRefused (``evidence.missing``, ``evidence.unit``) where the service could not sum it either.
    """
    units: set[str] = set()

    def quantities() -> Iterable[Decimal]:
        for seq in range(named.first_seq, named.last_seq + 1):
            entry = client.entry_at(named.issuer, named.stream, seq)
            body = None if entry is None else examine(entry.entry.encode("ascii"), log).body
            if not isinstance(body, Reading):
                raise _refused("evidence.missing", f"{named.stream} seq {seq}", "a logged reading")
            units.add(body.unit)
            yield parse_decimal(body.quantity)

    total = exact_sum(quantities())
    if len(units) != 1:
        raise _refused("evidence.unit", ", ".join(sorted(units)) or "no reading", "readings in one unit")
    return CitedRange(named.issuer, named.stream, named.first_seq, named.last_seq, format_decimal(total), units.pop())


def factor_set_of(name: str, path: Path | None) -> FactorSet:
    """The factor set ``ID@VERSION``: bundled, or the document at `path`, which must be that one.

    Raises InputRefused (``factor_set.name``, ``factor_set.file``) and SchemaRefused (``factor_set.not_bundled`` …).
    """
    set_id, mark, version = name.partition("@")
    if not (set_id and mark and version):
        raise _refused("factor_set.name", name, "ID@VERSION")
    if path is None:
        return load_bundled(set_id, version)
    found = FactorSet.from_document(strict_object(path.read_bytes()))
    if (found.id, found.version) != (set_id, version):
        raise _refused("factor_set.file", f"{found.id}@{found.version}", name)
    return found


def build(
    activities: list[Activity],
    factor_set: FactorSet,
    *,
    year: int,
    period: tuple[str, str],
    base: str,
    supersedes: str | None,
) -> BuiltReport:
    """The report's body with the trace of every figure; see `attestation.accounting.build_report`."""
    return build_report(
        year=year,
        period_from=period[0],
        period_to=period[1],
        activities=activities,
        factor_set=factor_set,
        obligation_base=base,
        supersedes=supersedes,
    )


def explain(body: Report, factor_set: FactorSet) -> dict[str, Any]:
    """The trace of a report's figures, recomputed and compared with what it claims, on the base that it claims.

    Raises RecomputationRefused naming line, claimed and recomputed figure.
    """
    return check_report(body, factor_set, body.totals.obligation_base).as_dict()


def _document(path: Path) -> object:
    data = path.read_bytes()
    if path.suffix.lower() == ".toml":
        return tomllib.loads(data.decode("utf-8"))
    found = strict_json(data)
    return {"lines": found} if isinstance(found, list) else found


_SENTENCES = {
    "lines.format": ("The activities cannot be read", "无法读取活动数据"),
    "lines.evidence": ("Evidence is given for a line that is not among the activities", "证据所属的行不在活动数据中"),
    "journal.format": ("This journal holds no citation", "导入日志中没有可引用的读数"),
    "evidence.missing": (
        "The log holds no reading here; cite the ranges on each side",
        "日志在此处没有读数，请分段引用",
    ),
    "evidence.unit": ("The cited readings are not in one unit", "所引用读数的计量单位不一致"),
    "factor_set.name": ("This names no version of a factor set", "未指明排放因子集及其版本"),
    "factor_set.file": ("The file is another factor set than the one named", "文件与所指明的排放因子集不符"),
}


def _refused(rule: str, value: object, expected: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"{_SENTENCES[rule][0]}: {value}",
        message_zh=f"{_SENTENCES[rule][1]}：{value}",
    )
