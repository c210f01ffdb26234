"""Green certificates belong to the case that names them first, for ever (DOMAIN 40)."""

from __future__ import annotations

from attestation.accounting.serials import serial_key
from attestation.judging.certificates import serials_of
from attestation.statements import Report
from ledger.context import LedgerContext
from ledger.db.case_models import GreenCertificateRow


def record_certificates(context: LedgerContext, report: Report, case: tuple[str, int], index: int) -> None:
    """Keep the serials of a report that were not named before, without separators; ``case`` is enterprise and year."""
    for serial in map(serial_key, serials_of(report)):
        if context.cases.certificate(serial) is None:
            context.cases.add(GreenCertificateRow(serial=serial, enterprise=case[0], year=case[1], entry_index=index))
