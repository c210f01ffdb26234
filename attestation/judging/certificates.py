"""Green certificates: a serial enters once, for ever (DOMAIN 40)."""

from __future__ import annotations

from attestation.bodies import Report
from attestation.context import Context
from attestation.refusals import refuse


def check_certificates(report: Report, enterprise: str, year: int, context: Context) -> None:
    """Step 11: no serial was named for another case (``certificate.used``). A revision of the same case names its own
    again; that a report names none twice is judged with its lines."""
    for line in report.lines:
        for certificate in line.certificates or ():
            case = context.certificate(certificate.serial)
            if case is not None and case != (enterprise, year):
                raise refuse("certificate.used", f"{certificate.serial}, {case[0]} {case[1]}", at=f"line {line.id}")


def serials_of(report: Report) -> list[str]:
    """The serials that a report names, in its order."""
    return [certificate.serial for line in report.lines for certificate in line.certificates or ()]
