"""Reads of the history, as ``client.history``: what was ever said, found again, the way of a tonne and of units, and
what a mistake touches.

What was found can be held against the log by its index: ``client.entry(index)`` checks the bytes, ``client.receipt``
proves them. Amounts are whole tonnes, instants unix seconds, hashes lowercase hex.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from attestation.instants import format_instant
from tanlu.client.answers import decode
from tanlu.client.compliance import AsOf, Position
from tanlu.client.market import Keep
from tanlu.client.transport import Transport
from tanlu.client.unit_way import TouchedEntry, UnitWay
from tanlu.errors import PromiseBroken

HITS_PAGE = 100
"""Entries of one request; the service gives no more at once."""
EFFECTS_PAGE = 1_000
_RULE = "answer.history"
Sort = Literal["newest", "oldest"]


class HistoryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the contracts, by its place."""

    contract: str
    name: str
    block: int
    log_index: int


class HistoryEffect(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that an entry asked for. ``events``: the first twenty of ``event_count`` that name it."""

    op_id: str
    kind: str
    state: str
    block: int | None
    tx: str | None
    event_count: int
    events: tuple[HistoryEvent, ...]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a line, in English and Chinese. ``about``: whom it is about, beside its signer."""

    index: int
    type: str
    action: str | None
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    statement_id: str
    leaf_hash: str
    about: tuple[str, ...]
    what: str
    what_zh: str
    effects: tuple[HistoryEffect, ...]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    hits: tuple[Hit, ...]
    size: int
    next: int | None


class _Effects(msgspec.Struct, frozen=True, kw_only=True):
    entries: tuple[TouchedEntry, ...]
    next: int | None


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """An entry by its place in the tree."""

    index: int
    leaf_hash: str


class ReadingsCited(msgspec.Struct, frozen=True, kw_only=True):
    """Readings that a line cites; ``quantity``: their exact sum as the report states it."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    readings: int
    quantity: str
    unit: str
    multiplier: str | None
    accuracy_percent: str | None
    part: str | None
    first: Leaf | None
    last: Leaf | None


class TonneLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line: emissions as ``reported`` and ``verified``; ``trace`` as ``tanlu report explain`` has it."""

    id: str
    kind: str
    reported: str | None
    verified: str | None
    adjustment: str | None
    trace: dict[str, Any] | None
    citations: tuple[ReadingsCited, ...]


class TonneStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step on the way, by its entry."""

    stage: str
    entry: Hit


class TonneSurrender(msgspec.Struct, frozen=True, kw_only=True):
    """Units surrendered for the year; ``due``: what was due after it."""

    block: int
    log_index: int
    tx: str
    op_id: str
    index: int
    asset: str
    tonnes: int
    due: int


class Tonne(msgspec.Struct, frozen=True, kw_only=True):
    """The way of an enterprise's year from readings to surrender; ``position`` is the contract's word."""

    enterprise: str
    year: int
    as_of: AsOf | None
    report: Leaf | None
    verdict: Leaf | None
    registration: Leaf | None
    reported: int | None
    verified: int | None
    registered: int | None
    determined: bool
    lines: tuple[TonneLine, ...]
    totals: dict[str, Any] | None
    position: Position
    surrenders: tuple[TonneSurrender, ...]
    steps: tuple[TonneStep, ...]


class History:
    """Reads over one transport; ``Client.history``. Raises RefusedByService for what is not the caller's to read."""

    def __init__(self, transport: Transport, keep: Keep) -> None:
        self._transport = transport
        self._keep = keep

    def search(
        self,
        *,
        identifier: str | None = None,
        account: str | None = None,
        serial: str | None = None,
        order: str | None = None,
        operation: str | None = None,
        type: str | None = None,  # noqa: A002 - the parameter's name in the service
        text: str | None = None,
        since: int | None = None,
        until: int | None = None,
        sort: Sort = "newest",
        page: int = HITS_PAGE,
    ) -> Iterator[Hit]:
        """Entries that meet everything that is given, page by page as they are asked for; docs/api.md says what each
        finds. Raises PromiseBroken (``answer.history``) for a page out of order, and for a hit of another type or
        time."""
        given = {
            "identifier": identifier,
            "account": account,
            "serial": serial,
            "order": order,
            "operation": operation,
            "type": type,
            "text": text,
            "since": since,
            "until": until,
        }
        asked: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        asked |= {"sort": sort, "limit": page}
        while True:
            answer = self._transport.request("GET", "/v1/history", params=asked)
            found = decode(answer.content, _Page)
            self._check(found, asked, answer.text)
            yield from found.hits
            if found.next is None:
                return
            asked["after"] = found.next

    def tonne(self, enterprise: str, year: int) -> Tonne:
        """The way of an enterprise's year. Raises RefusedByService with status 404 where the log has no entry of it
        (``cases.unknown``), PromiseBroken (``answer.history``) where surrenders do not add up to the position."""
        path = f"/v1/history/tonnes/{quote(enterprise, safe='')}/{year}"
        text = self._transport.request("GET", path).text
        found = decode(text.encode(), Tonne)
        if (found.enterprise, found.year) != (enterprise, year):
            raise self._broken(f"{found.enterprise} {found.year}", f"{enterprise} {year}", text)
        offsets = sum(one.tonnes for one in found.surrenders if one.asset == "ccer")
        quota = sum(one.tonnes for one in found.surrenders) - offsets
        said = found.position.quota, found.position.offsets_used
        if said != (quota, offsets):
            raise self._broken(f"{said[0]} t and {said[1]} t surrendered", f"{quota} t and {offsets} t", text)
        return found

    def units(
        self, account: str, asset: str, *, from_block: int = 0, block: int | None = None, at: int | None = None
    ) -> UnitWay:
        """What came of an asset (``quota-2025``, ``ccer``) into the account and what left it, from ``from_block`` to
        ``block``, or to the last one until ``at`` (unix seconds), by default to the last one that the service read.

        Raises RefusedByService with status 404 for what was not read (``accounts.block``, ``accounts.at``) or has no
        account (``accounts.unknown``), PromiseBroken (``answer.history``) where the sums do not add up.
        """
        path = f"/v1/history/units/{quote(account, safe='')}/{quote(asset, safe='')}"
        asked: dict[str, str | int] = {"from_block": from_block}
        asked |= {} if block is None else {"block": block}
        asked |= {} if at is None else {"at": format_instant(at)}
        text = self._transport.request("GET", path, params=asked).text
        found = decode(text.encode(), UnitWay)
        wanted = (account, asset, from_block, at)
        if (said := (found.identifier, found.asset, found.from_block, found.at)) != wanted:
            raise self._broken(said, wanted, text)
        if block is not None and (found.as_of is None or found.as_of.number != block):
            raise self._broken(found.as_of, f"block {block}", text)
        if found.surplus():
            raise self._broken(f"{found.surplus():+} t at the end", "opening and what came, less what left", text)
        return found

    def effects(
        self, *, key: str | None = None, policy: tuple[str, str, str] | None = None, page: int = EFFECTS_PAGE
    ) -> Iterator[TouchedEntry]:
        """What a mistake touches, in log order: a compromised ``key`` (thumbprint), a ``policy`` (kind, id, version).
        Raises RefusedByService with status 422 for neither or both (``history.effects``), 404 for what is unknown."""
        asked: dict[str, str | int] = {} if key is None else {"key": key}
        asked |= {} if policy is None else dict(zip(("policy", "id", "version"), policy, strict=True))
        asked |= {"after": -1, "limit": page}
        while True:
            answer = self._transport.request("GET", "/v1/history/effects", params=asked)
            found = decode(answer.content, _Effects)
            places = [int(asked["after"]), *(one.index for one in found.entries)]
            if any(later <= earlier for earlier, later in pairwise(places)):
                raise self._broken(", ".join(map(str, places)), "entries in log order", answer.text)
            yield from found.entries
            if found.next is None:
                return
            if found.next != places[-1] or not found.entries:
                raise self._broken(f"after {found.next}", f"after {places[-1]}", answer.text)
            asked["after"] = found.next

    def _check(self, found: _Page, asked: dict[str, str | int], text: str) -> None:
        sign = 1 if asked["sort"] == "oldest" else -1
        places = [one.index for one in found.hits]
        # What went before and what comes next belong to the order: a service could otherwise turn pages for ever.
        bounds = [*([int(asked["after"])] if "after" in asked else []), *places]
        if found.next is not None and found.next not in places:
            bounds.append(found.next)
        if any((later - earlier) * sign <= 0 for earlier, later in pairwise(bounds)):
            raise self._broken(", ".join(map(str, bounds)), f"entries {asked['sort']} first", text)
        for one in found.hits:
            late = one.accepted_at < int(asked.get("since", 0)) or one.accepted_at > int(
                asked.get("until", one.accepted_at)
            )
            if late or one.type != asked.get("type", one.type):
                raise self._broken(f"entry {one.index}, {one.type} of {one.accepted_at}", "what was asked for", text)

    def _broken(self, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=_RULE,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {value}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        return self._keep(broken, text)
