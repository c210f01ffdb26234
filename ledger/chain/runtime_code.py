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
        # Before it said whose assets an address moves, which only the market asks.
        Release(
            bytes.fromhex("d30f1960fb88486db21f96b2f466d2e392ffe08b81e3e9c90330830d2b9d64a0"),
            bytes.fromhex("943a63077f904a7ebc1bee41fedf5b048ddab86ea52d6eec0af8b955f0e080b9"),
            ((1108, 32), (6331, 32), (1544, 32), (2824, 32), (4028, 32), (3986, 32), (4326, 32)),
        ),
    ),
    "CarbonLedger": (
        # Before it kept units for the market. `balanceOf` said a third number, always 0, between the other two.
        Release(
            bytes.fromhex("4cc2f94630f36589ba97383fbc0bd3d5c2c7f89b7c3bec7bed591169ca005a32"),
            bytes.fromhex("76527239d479d8136358c0663e589099e96b2caad2cf11df98c8a966f551786a"),
            (
                *((1378, 32), (17343, 32), (18702, 32), (1893, 32)),
                *((2801, 32), (3325, 32), (3283, 32), (3369, 32)),
            ),
        ),
    ),
    "Compliance": (
        # The same code from sources whose words about the ledger of units were others.
        Release(
            bytes.fromhex("4249eac34df367367ff493c0a9312c76c327522312ccb7ffb78e0cd2cd2452b9"),
            bytes.fromhex("8fa75c702b7b612a3a97aaa29e58f728079bbbd87d13a0edde20231ecd354212"),
            (
                *((509, 32), (14041, 32), (15863, 32), (779, 32), (3421, 32), (4358, 32), (6779, 32), (917, 32)),
                *((10258, 32), (15336, 32), (974, 32), (5065, 32), (7583, 32), (7541, 32), (7881, 32)),
            ),
        ),
    ),
}
"""Contract name → releases that go on: what is called and read of them outside tests is called and read alike today."""


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
