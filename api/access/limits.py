"""How much one caller may ask for: token buckets for requests and lines, slots for bulk requests.

The buckets are this process's own; with several processes behind one address a caller gets as many times more.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from api.access.refusals import too_much

_CALLERS_KEPT = 20_000
_SITE_BITS = 64
"""Of an IPv6 address: what one site has (RFC 6177, RFC 4291 §2.5.4); in the rest it may call from 2^64 addresses."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` on the long run, ``burst`` at once."""

    per_second: float
    burst: float


def counted_as(host: str) -> str:
    """Whom an address that is not signed in is counted as: an IPv4 address, however it is written, or an IPv6 network
    of 64 bits. What is no address is counted as it stands."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), _SITE_BITS), strict=False))
        address = address.ipv4_mapped
    return str(address)


class Buckets:
    """One bucket per caller, filled at a rate; the least recently used are forgotten. ``ticks``: monotonic seconds."""

    def __init__(self, rate: Rate, ticks: Callable[[], float]) -> None:
        self._rate = rate
        self._ticks = ticks
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, amount: float = 1.0) -> float:
        """Take ``amount``, or nothing: then the seconds to wait until it may be taken. 0.0: taken.

        An amount above the burst is taken from a full bucket, which then owes the rest.
        """
        now = self._ticks()
        with self._lock:
            left, since = self._left.get(caller, (self._rate.burst, now))
            left = min(self._rate.burst, left + (now - since) * self._rate.per_second)
            needed = min(amount, self._rate.burst)
            wait = 0.0 if left >= needed else (needed - left) / self._rate.per_second
            self._left[caller] = (left if wait else left - amount, now)
            self._left.move_to_end(caller)
            while len(self._left) > _CALLERS_KEPT:
                self._left.popitem(last=False)
        return wait


class Slots:
    """So many things at once, for one caller and for all. ``rule`` names the refusal."""

    def __init__(self, each: int, all_: int, rule: str) -> None:
        self._rule = rule
        self._each = each
        self._all = all_
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def taken(self, caller: str) -> int:
        """How many the caller holds."""
        with self._lock:
            return self._taken[caller]

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """Hold a slot. Raises Refused (429) before anything was read."""
        with self._lock:
            own, total = self._taken[caller], self._taken.total()
            if own < self._each and total < self._all:
                self._taken[caller] += 1
                taken = True
            else:
                taken = False
        if not taken:
            raise too_much(
                self._rule,
                f"{own} of yours, {total} in all",
                f"at most {self._each} of one caller, {self._all} in all",
                2.0,
            )
        try:
            yield
        finally:
            with self._lock:
                self._taken[caller] -= 1
                if not self._taken[caller]:
                    del self._taken[caller]
