"""From activities to a report's body: evidence summed, figures computed by `attestation.accounting`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from attestation.accounting import (
    BuiltReport,
    CemsRules,
    CitedRange,
    FactorSet,
    build_report,
    check_report,
    load_bundled,
)
from attestation.decimals import exact_sum, format_decimal, parse_decimal
from attestation.encoding import strict_object
from attestation.examination import examine
from attestation.statements import Reading, Report
from tanlu.activities import Activities
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.journal import read_citations


@dataclass(frozen=True, slots=True)
class CaseMembers:
    """What places a report in its case: the monitoring plan and the superseded report (statement ids), who compiled it
    (identifier), and why it replaces another one."""

    plan: str | None = None
    compiled_by: str | None = None
    supersedes: str | None = None
    reason: str | None = None


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
    activities: Activities,
    factor_set: FactorSet,
    *,
    year: int,
    period: tuple[str, str],
    base: str,
    cems: CemsRules,
    case: CaseMembers,
) -> BuiltReport:
    """The report's body with the trace of every figure; see `attestation.accounting.build_report`."""
    return build_report(
        year=year,
        period_from=period[0],
        period_to=period[1],
        activities=activities.lines,
        factor_set=factor_set,
        obligation_base=base,
        output=activities.output,
        value_added=activities.value_added,
        plan=case.plan,
        compiled_by=case.compiled_by,
        supersedes=case.supersedes,
        reason=case.reason,
        cems=cems,
    )


def explain(body: Report, factor_set: FactorSet, cems: CemsRules) -> dict[str, Any]:
    """The trace of a report's figures, recomputed and compared with what it claims, on the base that it claims.

    Raises RecomputationRefused naming line, claimed and recomputed figure.
    """
    return check_report(body, factor_set, body.totals.obligation_base, cems).as_dict()


_SENTENCES = {
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
