"""A median in bounded memory, the same in every run."""

from __future__ import annotations

from decimal import Decimal

SAMPLE = 4_096
"""The median is that of at most so many readings above zero, evenly spaced over the range."""


class Sample:
    """At most ``SAMPLE`` values of a sequence, evenly spaced: the first, then each so many, more and more apart."""

    def __init__(self) -> None:
        self._values: list[Decimal] = []
        self._stride = 1
        self._skip = 0

    def take(self, values: list[Decimal]) -> None:
        """Go on with the next values."""
        self._values.extend(values[self._skip :: self._stride])
        self._skip = (self._skip - len(values)) % self._stride if len(values) > self._skip else self._skip - len(values)
        while len(self._values) > SAMPLE:
            # Places are multiples of the stride: of the doubled one after every other is gone.
            self._skip += self._stride * (len(self._values) % 2)
            del self._values[1::2]
            self._stride *= 2

    def median(self) -> Decimal | None:
        """The upper median of the sample; None without values."""
        return sorted(self._values)[len(self._values) // 2] if self._values else None
