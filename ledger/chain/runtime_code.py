"""Which release of a contract made the code that stands on chain.

A contract that stands is never replaced: a deployment keeps the code that it was made with, and later releases go on
with it as long as its calls and events are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

Places = tuple[tuple[int, int], ...]
"""(start, length) of what a constructor fills in."""


@dataclass(frozen=True, slots=True)
class Release:
    """A contract as an earlier release compiled it: SHA-256 of its artifact file, and of its runtime code with the
    immutables zeroed; where those are."""

    artifact_sha256: bytes
    code_sha256: bytes
    immutables: Places


EARLIER: Mapping[str, tuple[Release, ...]] = {
    "IdentifierRegistry": (
        # Before two-person approvals and operation ids were parts of their own: the same ABI from other bytes.
        Release(
            bytes.fromhex("6845eaef18d3f55a1ae6badac375bfabe95b380d3c94a90183a9f279eecf7602"),
            bytes.fromhex("6d1b96595bf68cc58f692d579c1cd958cd9f84260a5a26014a2de7eca41666ac"),
            ((1108, 32), (6330, 32), (1543, 32), (2823, 32), (4027, 32), (3985, 32), (4325, 32)),
        ),
    ),
}
"""Contract name → releases whose ABI is today's."""


def without_immutables(code: bytes, places: Places) -> bytes:
    """Runtime code as the compiler gives it, whatever a constructor filled in."""
    masked = bytearray(code)
    for start, length in places:
        masked[start : start + length] = bytes(len(masked[start : start + length]))
    return bytes(masked)


def earlier_release(name: str, code: bytes) -> Release | None:
    """The earlier release that made ``code``, ``None`` if none did."""
    for release in EARLIER.get(name, ()):
        if hashlib.sha256(without_immutables(code, release.immutables)).digest() == release.code_sha256:
            return release
    return None
