"""The way of units through an account, and what a mistake touches, as ``client.history`` reads them. Whole tonnes."""

from __future__ import annotations

import msgspec

from tanlu.client.compliance import AsOf
from tanlu.client.movements import Held


class UnitFlow(msgspec.Struct, frozen=True, kw_only=True):
    """What events of one kind brought or took, all together. ``other``: the other account; ``year``: whose obligation
    a surrender met; ``asset``: what it was before it was carried over, or became."""

    kind: str
    other: str | None
    year: int | None
    asset: str | None
    tonnes: int
    events: int
    first_block: int
    last_block: int


class UnitWay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an asset into an account, and what left it: opening, and what came, less what left, is closing.
    ``note``, ``note_zh``: what is not claimed."""

    identifier: str
    account: str
    asset: str
    as_of: AsOf | None
    at: int | None
    from_block: int
    opening: Held
    inward: tuple[UnitFlow, ...]
    outward: tuple[UnitFlow, ...]
    closing: Held
    note: str
    note_zh: str

    def surplus(self) -> int:
        """By how many tonnes closing is more than opening and flows give: 0, or the answer contradicts itself."""
        opening, closing = (held.registry + held.trading + held.frozen for held in (self.opening, self.closing))
        came, left = (sum(one.tonnes for one in flows) for flows in (self.inward, self.outward))
        return closing - (opening + came - left)


class TouchedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that a mistake touches. ``why``: ``direct``, ``derived``, ``citing``, ``resting`` (of a key), ``judged``
    (of a version of a policy). ``superseded_by``: the report that takes its place."""

    index: int
    type: str
    issuer: str
    stream: str | None
    seq: int | None
    year: int | None
    why: str
    superseded_by: int | None
