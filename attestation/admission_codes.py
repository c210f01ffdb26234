"""One-time codes of admissions: 128 random bits that only the applicant and who let it in have seen (DOMAIN 47).

The approval holds a hash of the code; the enrolment shows the code, and with that uses it up.
"""

from __future__ import annotations

import hashlib
import re

from attestation.refusals import refuse

CODE_BYTES = 16
CODE_PATTERN = r"[0-9a-f]{32}"
_TAG = b"tanlu-code\x00"
_CODE = re.compile(CODE_PATTERN)


def code_text(code: bytes) -> str:
    """The code (16 random bytes) as statements write it: 32 lowercase hex digits. Raises ValueError otherwise."""
    if len(code) != CODE_BYTES:
        raise ValueError(f"a one-time code has {CODE_BYTES} bytes, not {len(code)}")
    return code.hex()


def code_hash(code: str, at: str = "body.code") -> str:
    """Hex SHA-256 of ``"tanlu-code" ‖ 0x00 ‖ code``, the code as its 16 bytes. Raises SchemaRefused
    (``admission.code_form``)."""
    if _CODE.fullmatch(code) is None:
        # A mistyped code may be nearly the right one: it is not repeated.
        raise refuse("admission.code_form", f"{len(code)} characters", at=at)
    return hashlib.sha256(_TAG + bytes.fromhex(code)).hexdigest()
