"""What the service says of policies and deadlines: published versions, the reports that one touches, what is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.transport import Transport

TOUCHED_PAGE = 1_000
"""Reports of one request; the service gives no more at once."""


class PublishedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a policy. ``in_force`` on the day that was asked about; ``leaf_hash`` in hex, by which decisions
    cite it; ``corrected_by``: no report may name this version any more; ``serves_from``: the first day from which it is
    applied, that of the version that it corrects if that is earlier than its own ``effective_from``."""

    policy: str
    id: str
    version: str
    year: int | None
    effective_from: str
    serves_from: str
    index: int
    leaf_hash: str
    accepted_at: int
    in_force: bool
    corrects: str | None
    corrected_by: str | None
    reason: str | None
    document: dict[str, Any]


class TouchedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was judged by a version of a policy. Times in unix seconds."""

    index: int
    statement_id: str
    issuer: str
    year: int
    period_start: int
    period_end: int
    accepted_at: int
    superseded_by: int | None


class Reminded(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that a channel took, ``days`` ahead."""

    days: int
    channel: str
    sent_at: int


class DueDate(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline: in time is what the log accepted before ``at`` (unix seconds). ``enterprise`` None: the year's own.
    ``state``: ``open``, ``met``, ``late``, ``missed`` or ``over``."""

    year: int
    enterprise: str | None
    name: str
    month: int | None
    at: int
    entry: int | None
    done: int | None
    done_at: int | None
    state: str
    reminders: tuple[Reminded, ...]


class _Published(msgspec.Struct, frozen=True):
    policies: tuple[PublishedPolicy, ...]


class _Touched(msgspec.Struct, frozen=True):
    reports: tuple[TouchedReport, ...]
    next: int | None


class _Dues(msgspec.Struct, frozen=True):
    deadlines: tuple[DueDate, ...]


class PolicyReads:
    """Reads of policies for everybody who signs in, of touched reports for regulator and administration, of deadlines
    for whose they are; raises RefusedByService for others."""

    _transport: Transport

    def policies(
        self, *, policy: str | None = None, year: int | None = None, on: str | None = None, in_force: bool = False
    ) -> tuple[PublishedPolicy, ...]:
        """What the park published, in log order: of one kind, one year, and only what is ``in_force`` on a day
        (``YYYY-MM-DD``; without one today in China), where these are given."""
        asked: dict[str, str | int] = {"in_force": "true" if in_force else "false"}
        asked |= {name: value for name, value in (("policy", policy), ("year", year), ("on", on)) if value is not None}
        return decode(self._transport.request("GET", "/v1/policies", params=asked).content, _Published).policies

    def touched(
        self, policy: str, policy_id: str, version: str, *, page: int = TOUCHED_PAGE
    ) -> Iterator[TouchedReport]:
        """Every report that a version of a policy touches, in log order, ``page`` reports a request."""
        path = "/v1/policies/" + "/".join(quote(part, safe="") for part in (policy, policy_id, version)) + "/reports"
        after: int | None = -1
        while after is not None:
            response = self._transport.request("GET", path, params={"after": after, "limit": page})
            found = decode(response.content, _Touched)
            yield from found.reports
            after = found.next

    def deadlines(self, enterprise: str | None = None, *, year: int | None = None) -> tuple[DueDate, ...]:
        """What is due when: of the years, and of the enterprise's cases; without one of one's own, or of all for
        whoever may see all. Of one ``year`` where that is given."""
        asked: dict[str, str | int] = {}
        asked |= {} if enterprise is None else {"enterprise": enterprise}
        asked |= {} if year is None else {"year": year}
        return decode(self._transport.request("GET", "/v1/deadlines", params=asked).content, _Dues).deadlines
