"""What an identifier may be made of: here it is a name that sorts by its bytes, and nothing more (DOMAIN 51)."""

from __future__ import annotations

import re

from quota.refusals import refuse

_IDENTIFIER = re.compile(r"[A-Za-z0-9._/:+~=@-]{1,255}")


def check_identifier(value: object) -> str:
    """1 to 255 characters that an identifier may have. Raises IdentifierRefused (`identifier.form`)."""
    if not isinstance(value, str) or _IDENTIFIER.fullmatch(value) is None:
        raise refuse("identifier.form", value)
    return value
