"""Who said what: identifiers, keys, signed statements and their verification in twelve numbered steps.

Pure: no SQL, no chain, no files and no clock. What verification must know of the log it asks of the
port in :mod:`attestation.context`; time comes in as an argument. Emissions are recomputed in
:mod:`attestation.accounting`.
"""

from attestation.context import Context
from attestation.errors import AttestationError
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose
from attestation.statements import Statement, build
from attestation.verification import Verdict, check_signature, examine, find_key, judge, verify

__all__ = [
    "Algorithm",
    "AttestationError",
    "Context",
    "Kind",
    "PrivateKey",
    "PublicKey",
    "Purpose",
    "Statement",
    "Verdict",
    "build",
    "check_signature",
    "examine",
    "find_key",
    "judge",
    "verify",
]
