"""The unified social credit code 统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check character.

31 characters stand for 0 to 30: digits and capital letters without I, O, S, V, Z. The check character makes
``sum(value[i] * 3^i mod 31)`` over all eighteen, its own weight being 1, a multiple of 31 (GB 32100-2015 annex A).
"""

from __future__ import annotations

import re

from attestation.refusals import refuse

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PATTERN = r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
"""Registration authority and type (2), administrative division (6 digits), body (9), check character (1)."""

_MODULUS = 31
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, _MODULUS) for place in range(17))
_PATTERN = re.compile(PATTERN)


def check_character(first_seventeen: str) -> str:
    """The check character of the first 17 characters (GB 32100-2015 annex A). Raises KeyError for other characters,
    ValueError for another length."""
    weighted = zip(first_seventeen, _WEIGHTS, strict=True)
    total = sum(_VALUES[character] * weight for character, weight in weighted)
    return ALPHABET[-total % _MODULUS]


def check_credit_code(text: str, at: str) -> None:
    """Step 9: a credit code with its right check character (``credit_code.format``, ``.check``; DOMAIN 47)."""
    if _PATTERN.fullmatch(text) is None:
        raise refuse("credit_code.format", text, at=at)
    wanted = check_character(text[:-1])
    if text[-1] != wanted:
        raise refuse("credit_code.check", text, f"{text[:-1]}{wanted}", at=at)
