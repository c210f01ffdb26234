"""What would have passed, in both languages: the keyword arguments of `refuse` that say so."""

from __future__ import annotations

_UNITS_ZH = {"t": " 吨", "fen": " 分", "fen per tonne": " 分/吨", "bytes": " 字节", "characters": " 个字符", "": ""}


def at_most(number: int, unit: str = "") -> dict[str, str]:
    """No more than this."""
    return both(f"at most {number} {unit}".rstrip(), f"至多 {number}{_UNITS_ZH[unit]}")


def at_least(number: int, unit: str = "") -> dict[str, str]:
    """This or more."""
    return both(f"{number} {unit} or more".replace("  ", " "), f"不少于 {number}{_UNITS_ZH[unit]}")


def above(number: int) -> dict[str, str]:
    """More than this."""
    return both(f"above {number}", f"大于 {number}")


def between(low: int, high: int, unit: str = "") -> dict[str, str]:
    """From one to the other, both inside."""
    return both(f"{low} to {high} {unit}".rstrip(), f"{low} 至 {high}{_UNITS_ZH[unit]}")


def whole(low: int, high: int) -> dict[str, str]:
    """A whole number within its bounds."""
    return both(f"a whole number from {low} to {high}", f"{low} 至 {high} 的整数")


def both(english: str, chinese: str) -> dict[str, str]:
    """Any other words."""
    return {"expected": english, "expected_zh": chinese}
