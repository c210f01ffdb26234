"""What moved in an account, with the sums that it must add up to (DOMAIN 21). Tonnes; below 0 for less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from tanlu.client.accounts import AccountReads
from tanlu.client.answers import decode
from tanlu.client.compliance import AsOf

MOVEMENTS_PAGE = 1_000
_PARTS = ("registry", "trading", "frozen")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of an asset: free, the market's, in freezes."""

    registry: int
    trading: int
    frozen: int


class MovedAsset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset before the first and after the last of the movements."""

    asset: str
    opening: Held
    closing: Held


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changed: how much more of each. ``kind``: the event's name; ``counterparty``: the other account,
    by account id where it has no name; ``index``: the entry that asked for it."""

    block: int
    log_index: int
    part: int
    tx: str
    kind: str
    asset: str
    registry: int
    trading: int
    frozen: int
    counterparty: str | None
    freeze: str | None
    op_id: str | None
    index: int | None

    @property
    def place(self) -> tuple[int, int, int]:
        """Block, place of the event in it, part of the event."""
        return self.block, self.log_index, self.part


class Movements(msgspec.Struct, frozen=True, kw_only=True):
    """Every movement from ``from_block`` to the block that it is ``as_of``, in the order of the chain. Of each asset
    opening and movements add up to closing."""

    identifier: str
    account: str
    as_of: AsOf | None
    from_block: int
    assets: tuple[MovedAsset, ...]
    movements: tuple[Movement, ...]


class _Page(Movements, frozen=True, kw_only=True):
    next: str | None


class MovementReads(AccountReads):
    """Reads of movements: an enterprise's own; all for regulator and administration."""

    def movements(
        self, identifier: str, *, from_block: int = 0, block: int | None = None, page: int = MOVEMENTS_PAGE
    ) -> Movements:
        """What moved in the account from ``from_block`` to ``block``, by default the last one that the service read;
        ``page`` a request.

        Raises RefusedByService with status 404 for an identifier without an account (``accounts.unknown``) and for
        blocks that were not read (``accounts.block``, ``movements.from_block``), PromiseBroken where opening and
        movements do not add up to closing (``answer.movements``).
        """
        path = f"/v1/accounts/{quote(identifier, safe='')}/movements"
        asked: dict[str, str | int] = {"from_block": from_block, "limit": page}
        asked |= {} if block is None else {"block": block}
        moved: list[Movement] = []
        while True:
            response = self._transport.request("GET", path, params=asked)
            found = decode(response.content, _Page)
            if found.identifier != identifier:
                raise self._contradicted("answer.account", found.identifier, identifier, response.text)
            self._check_id(identifier, found.account, response.text)
            self._check_block(found.as_of, block, response.text)
            self._check_order(moved, found, from_block, response.text)
            moved += found.movements
            if found.next is None:
                break
            if found.as_of is None or not found.movements:
                raise self._contradicted("answer.page", f"after {found.next}", "a last page", response.text)
            # The chain goes on while one asks: all pages are as of the first one's block.
            block = found.as_of.number
            asked |= {"after": found.next, "block": block}
        members = {name: getattr(found, name) for name in Movements.__struct_fields__}
        whole = Movements(**members | {"movements": tuple(moved)})
        self._check_sums(whole, response.text)
        return whole

    def _check_order(self, before: list[Movement], found: _Page, from_block: int, text: str) -> None:
        places = [one.place for one in (*before[-1:], *found.movements)]
        last = None if found.as_of is None else found.as_of.number
        inside = all(from_block <= one.block and (last is None or one.block <= last) for one in found.movements)
        if found.from_block != from_block or places != sorted(set(places)) or not inside:
            wanted = f"movements from block {from_block} to {last}, each once and in order"
            raise self._contradicted("answer.movements", f"from block {found.from_block}: {places[:3]}", wanted, text)

    def _check_sums(self, found: Movements, text: str) -> None:
        sums = _sums(found.movements)
        shown = {one.asset: one for one in found.assets}
        for asset in sorted({asset for asset, _ in sums} | shown.keys()):
            for part in _PARTS:
                one, moved = shown.get(asset), sums[asset, part]
                opening, closing = (0, 0) if one is None else (getattr(one.opening, part), getattr(one.closing, part))
                if opening + moved != closing:
                    said, wanted = f"{asset}: {part} {closing}", f"{opening} before and {moved:+} moved"
                    raise self._contradicted("answer.movements", said, wanted, text)


def _sums(movements: Iterable[Movement]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for one in movements:
        for part in _PARTS:
            sums[one.asset, part] += getattr(one, part)
    return sums
