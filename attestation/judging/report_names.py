"""Step 9 of a report: the names that it gives, of lines, factors, flows, batches, serials and products."""

from __future__ import annotations

from collections.abc import Iterator

from attestation.bodies import Report, ReportLine
from attestation.judging.common import check_name


def check_report_names(body: Report) -> None:
    """Refuse a name that is none (``body.name``)."""
    check_name(body.factor_set.id, "body.factor_set.id")
    check_name(body.factor_set.version, "body.factor_set.version")
    for line in body.lines:
        check_name(line.id, "a line's id")
        for what, name in _names(line):
            check_name(name, f"{what} of line {line.id}")
    for output in body.output or ():
        check_name(output.product, "a product")


def _names(line: ReportLine) -> Iterator[tuple[str, str]]:
    for name in (line.fuel, line.factor):
        if name is not None:
            yield "the fuel or factor", name
    for weighing in line.weighings or ():
        yield "a batch", weighing.batch
    for flow in line.flows or ():
        yield "a flow", flow.id
        if flow.factor is not None:
            yield "a flow's factor", flow.factor
        for weighing in flow.weighings or ():
            yield "a batch", weighing.batch
    for certificate in line.certificates or ():
        yield "a certificate", certificate.serial
