"""What the service says of allocations; the documents themselves are taken from the entries (DOMAIN 26 to 31)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from attestation.bodies import Allocation
from attestation.examination import examine
from tanlu.client.answers import Entry, decode
from tanlu.client.transport import Transport
from tanlu.errors import InputRefused

if TYPE_CHECKING:
    from ledger.trust import Trust

ALLOCATIONS_PAGE = 100
"""Allocations of one request; the service gives no more at once."""


class AllocationTotals(msgspec.Struct, frozen=True, kw_only=True):
    """An allocation at log position ``index``: ``tonnes`` granted in ``round`` (``pre``, ``final``) out of ``reserve``.
    ``state`` is that of its least advanced call on chain, None without a chain."""

    index: int
    statement_id: str
    op_id: str
    year: int
    round: Literal["pre", "final"]
    reserve: str
    tonnes: int
    accounts: int
    input_root: str
    return_due: int
    accepted_at: int
    state: str | None


class AllocatedRow(msgspec.Struct, frozen=True):
    """What an enterprise got, owes back, and settled of an older debt, in tonnes."""

    identifier: str
    granted: int
    owes: int
    settles: int


class OwnShare(msgspec.Struct, frozen=True):
    """An enterprise's own share as the service recomputed it: the rules with its own inputs alone, and each step."""

    document: dict[str, Any]
    tonnes: int
    trace: tuple[dict[str, Any], ...]


class AllocationShown(AllocationTotals, frozen=True, kw_only=True):
    """An allocation with the rows that the caller may see. ``document``: rules and inputs, None with one's own row;
    ``share``: of who sees its own row, where steps were asked for."""

    operations: tuple[str, ...]
    table: tuple[AllocatedRow, ...]
    document: dict[str, Any] | None
    share: OwnShare | None = None


class _Page(msgspec.Struct, frozen=True):
    allocations: tuple[AllocationTotals, ...]
    next: int | None


class AllocationReads:
    """Reads of allocations; raises RefusedByService for who may not."""

    _transport: Transport

    def allocations(self, year: int | None = None, *, page: int = ALLOCATIONS_PAGE) -> Iterator[AllocationTotals]:
        """Allocations, newest first, of one ``year`` where that is given; ``page`` a request."""
        asked: dict[str, str | int] = {"limit": page}
        asked |= {} if year is None else {"year": year}
        before: int | None = None
        while True:
            params = asked if before is None else asked | {"before": before}
            found = decode(self._transport.request("GET", "/v1/allocations", params=params).content, _Page)
            yield from found.allocations
            # A service that leads in a circle would be asked for ever.
            if found.next is None or not found.allocations or (before is not None and found.next >= before):
                return
            before = found.next

    def allocation(self, index: int, *, steps: bool = False) -> AllocationShown:
        """The allocation at a log position; ``steps``: with one's own inputs and how one's share follows from all."""
        params: dict[str, str | int] = {"steps": "true"} if steps else {}
        return decode(
            self._transport.request("GET", f"/v1/allocations/{index}", params=params).content, AllocationShown
        )


def allocation_of(entry: Entry, trust: Trust) -> Allocation:
    """The body of an entry whose bytes were checked against the hashes beside them. Raises InputRefused
    (``allocation.entry``) for an entry of another type."""
    body = examine(entry.entry.encode("ascii"), trust.log).body
    if not isinstance(body, Allocation):
        raise InputRefused(
            rule="allocation.entry",
            value=f"entry {entry.index}",
            expected="the log position of an allocation",
            message="This entry is no allocation",
            message_zh="该条目不是配额分配",
        )
    return body
