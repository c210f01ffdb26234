"""What is looked up before entries are judged: keys, and what reports cite."""

from __future__ import annotations

from typing import Final

from attestation.accounting.evidence import citations_of
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.judging.newcomers import new_key
from attestation.statements import (
    AddKey,
    Citation,
    CompleteRecovery,
    EnrolKey,
    ProposeRecovery,
    Report,
    RotateKey,
    Verification,
)
from ledger.audit.evidence import LogEvidence
from ledger.audit.ranges import Cited, Key
from ledger.context import LogParameters

_KEY_BODIES: Final = (EnrolKey, AddKey, RotateKey, CompleteRecovery, ProposeRecovery)


def prescan(evidence: LogEvidence, parameters: LogParameters) -> tuple[dict[str, Key], list[Cited]]:
    """Keys by their thumbprint, which no statement can change, and what reports cite. What cannot be read here is told
    when its turn comes."""
    root = parameters.registrar
    keys: dict[str, Key] = {root.kid_name: (root.algorithm.value, root.raw)}
    cited: dict[Cited, None] = {}
    for row in evidence.others():
        try:
            body = examine(row.entry, parameters.origin).body
        except (AttestationError, TypeError, AttributeError):
            continue
        if isinstance(body, _KEY_BODIES):
            try:
                key = new_key(body.key.jwk)
            except AttestationError:
                continue
            keys[key.kid_name] = (key.algorithm.value, key.raw)
        elif isinstance(body, Report | Verification):
            for one in _citations(body):
                cited[Cited(one.issuer, one.stream, one.first_seq, one.last_seq)] = None
    return keys, list(cited)


def _citations(body: Report | Verification) -> list[Citation]:
    if isinstance(body, Report):
        return [one for _, one in citations_of(body)]
    lines = [one.replacement for one in body.adjustments if one.replacement is not None]
    return [one for line in lines for one in line.evidence]
