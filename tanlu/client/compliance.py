"""What the service says of obligations: terms and price of a year, and how far accounts have met them (DOMAIN 2 to 7).

Amounts are whole tonnes, money is fen, shares are basis points, instants unix seconds, hashes lowercase hex. Every
number that follows from others is computed again here before it is returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

POSITIONS_PAGE = 100
"""Positions of one request; the service gives no more at once."""
WHOLE_BPS = 10_000
_RULE = "answer.compliance"


class BlockRef(msgspec.Struct, frozen=True, kw_only=True):
    """A block by number and hash."""

    number: int
    hash: str


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Which block an answer is as of. ``hash`` None: the service keeps none of this block, in which nothing of these
    contracts happened. ``final``: it cannot be forgotten any more. ``unchanged_since``: the last block before or at it
    in which something happened. ``read_at``: when the service last read the chain to its head."""

    number: int
    hash: str | None
    final: bool
    unchanged_since: BlockRef | None
    read_at: int | None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a compliance year, as two persons signed them. ``surrender_deadline`` and ``carry_over_until`` are
    the first seconds that are too late."""

    offset_cap_bps: int
    surrender_deadline: int
    carry_over_until: int
    closes_at: int
    carry_base_bps: int
    carry_multiple_bps: int
    charge_multiple_bps: int
    amendment_seconds: int
    earlier_vintages: bool
    document_hash: str
    index: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A published credit score (DOMAIN 49)."""

    points_bps: int
    grade: int
    formula: str
    input_root: str
    revision: int
    published_at: int


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How an enterprise stands in a year, as ``ICompliance.positionOf`` says it. ``deadline`` None: no terms yet.
    ``charge_fen``: what was charged for ``missed``; ``charge_now_fen``: what ``due`` would be charged by the year's
    price and terms as they are, None without either. ``closed``: the year was closed for the account."""

    enterprise: str
    year: int
    emissions: int
    revision: int
    offset_cap: int
    quota: int
    offsets_used: int
    offsets_counted: int
    credit_in: int
    credit_out: int
    due: int
    missed: int
    charge_fen: int
    charge_now_fen: int | None
    carried: int
    deadline: int | None
    assessed: bool
    closed: bool
    score: Score | None


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """An enterprise's year: terms, price and position as of one block, and what the log has on its way besides
    (``*_leaving``, tonnes of accepted surrenders and carry-overs that are not on chain yet)."""

    as_of: AsOf | None
    terms: Terms | None
    price_fen: int | None
    position: Position
    quota_leaving: int
    offsets_leaving: int
    carried_leaving: int


class ComplianceYear(msgspec.Struct, frozen=True, kw_only=True):
    """A year: terms, price, and a page of positions by enterprise; ask with ``after`` = ``next`` for more."""

    year: int
    as_of: AsOf | None
    terms: Terms | None
    price_fen: int | None
    positions: tuple[Position, ...]
    next: str | None


class ComplianceReads:
    """Reads of obligations: an enterprise's own; all for regulator and administration; raises RefusedByService for
    others."""

    _transport: Transport
    _evidence: Path

    def obligation(self, year: int, enterprise: str) -> Obligation:
        """How an enterprise stands in a year, with the year's terms and price. Raises RefusedByService with status 404
        for an identifier that has no account (``accounts.unknown``), PromiseBroken for figures that do not fit."""
        response = self._transport.request("GET", f"/v1/compliance/{year}/{quote(enterprise, safe='')}")
        found = decode(response.content, Obligation)
        said = found.position.enterprise, found.position.year
        if said != (enterprise, year):
            raise self._contradicted(_RULE, f"{said[0]} {said[1]}", f"{enterprise} {year}", response.text)
        self._check_position(found.position, found.terms, found.price_fen, response.text)
        return found

    def compliance_year(self, year: int, *, page: int = POSITIONS_PAGE) -> ComplianceYear:
        """Terms, price and all positions of a year, read ``page`` a request; for regulator and administration."""
        pages = list(self._years(year, page))
        positions = tuple(one for each in pages for one in each.positions)
        return msgspec.structs.replace(pages[-1], positions=positions)

    def _years(self, year: int, page: int) -> Iterator[ComplianceYear]:
        asked: dict[str, str | int] = {"limit": page}
        while True:
            response = self._transport.request("GET", f"/v1/compliance/{year}", params=asked)
            found = decode(response.content, ComplianceYear)
            for said in (found.year, *(one.year for one in found.positions)):
                if said != year:
                    raise self._contradicted(_RULE, f"year {said}", f"year {year}", response.text)
            for position in found.positions:
                self._check_position(position, found.terms, found.price_fen, response.text)
            yield found
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next == asked.get("after") or not found.positions:
                raise self._contradicted(_RULE, f"after {found.next}", "a later page", response.text)
            asked["after"] = found.next

    def _check_position(self, found: Position, terms: Terms | None, price_fen: int | None, text: str) -> None:
        cap = 0 if terms is None else terms.offset_cap_bps * found.emissions // WHOLE_BPS
        counted = min(found.offsets_used, found.offset_cap)
        met = found.quota + found.credit_in + counted
        due = max(0, found.emissions + found.credit_out - met)
        charge = None
        if terms is not None and price_fen is not None:
            # Half up to the fen (DOMAIN 7), in integers.
            charge = (due * price_fen * terms.charge_multiple_bps + WHOLE_BPS // 2) // WHOLE_BPS
        for name, said, computed in (
            ("offset_cap", found.offset_cap, cap),
            ("offsets_counted", found.offsets_counted, counted),
            ("due", found.due, due),
            ("charge_now_fen", found.charge_now_fen, charge),
        ):
            if said != computed:
                place = f"{found.enterprise} {found.year}: {name}"
                raise self._contradicted(_RULE, f"{place} {said}", f"{place} {computed}", text)

    def _contradicted(self, rule: str, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=rule,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {value}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
